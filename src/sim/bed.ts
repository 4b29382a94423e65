/**
 * The bed of one run: members on wires, in virtual time. Everything that the faults and the checks reach for hangs
 * here.
 */
import { invariant } from "../core/errors.ts";
import { addressOn, branchOn } from "./addresses.ts";
import { Attacker } from "./attacker.ts";
import { Disk } from "./disk.ts";
import { Branch, type BranchPlan } from "./ike/branch.ts";
import { Nat } from "./ike/nat.ts";
import { Ledger } from "./ledger.ts";
import { LossyWire, type Port } from "./lossy-wire.ts";
import { Member, type MemberPlan } from "./member.ts";
import { ModelStream } from "./model-stream.ts";
import type { Observer } from "./observer.ts";
import { Random } from "./random.ts";
import { VirtualClock } from "./virtual-clock.ts";
import { Trace, type World } from "./world.ts";

export interface BedPlan {
  readonly seed: number;
  /** Every member has a port on each, and an interface of the same name. */
  readonly wires: readonly string[];
  readonly members: readonly MemberPlan[];
  /** Far ends of tunnels, on the first wire. */
  readonly branches?: readonly BranchPlan[];
  /** The members replicate. */
  readonly replicates: boolean;
  /** Somebody listens on every wire, and may attack. */
  readonly attacked: boolean;
  readonly traced: boolean;
}

export class Bed {
  readonly clock = new VirtualClock();
  readonly trace: Trace | undefined;
  readonly world: World;
  /** Set once, before anything starts. */
  observer: Observer | undefined;
  readonly wires = new Map<string, LossyWire>();
  readonly members: readonly Member[];
  readonly branches: readonly Branch[];
  readonly stream: ModelStream | undefined;
  /** By branch. */
  readonly nats = new Map<string, Nat>();
  /** By wire. */
  readonly attackers = new Map<string, Attacker>();
  /** Until when some fault is at work, or what it left behind is. */
  disturbedUntil = 0;

  constructor(plan: BedPlan) {
    const random = new Random(plan.seed);
    this.trace = plan.traced ? new Trace(this.clock) : undefined;
    const observer = (): Observer => {
      invariant(this.observer !== undefined, "nobody watches this bed");
      return this.observer;
    };
    this.world = {
      clock: this.clock,
      random,
      trace: this.trace,
      ledger: new Ledger(),
      get observer() {
        return observer();
      },
    };
    for (const name of plan.wires) this.wires.set(name, new LossyWire(name, this.clock, random.fork()));
    if (plan.attacked) {
      for (const [n, name] of plan.wires.entries()) this.attackers.set(name, new Attacker(this.wire(name), n));
    }
    this.stream = plan.replicates ? new ModelStream(this.clock, random.fork()) : undefined;
    this.members = plan.members.map(member => this.#member(member, plan));
    this.branches = (plan.branches ?? []).map((branch, n) => {
      const port = this.wire(plan.wires[0] ?? "").attach(branch.name, branchOn(0, n));
      const nat = branch.behind === undefined ? undefined : new Nat(port, branch.behind);
      if (nat !== undefined) this.nats.set(branch.name, nat);
      return new Branch(branch, nat ?? port, this.world);
    });
  }

  get now(): number {
    return this.clock.now;
  }

  member(name: string): Member {
    const member = this.members.find(each => each.name === name);
    invariant(member !== undefined, `no member ${name}`);
    return member;
  }

  wire(name: string): LossyWire {
    const wire = this.wires.get(name);
    invariant(wire !== undefined, `no wire ${name}`);
    return wire;
  }

  branch(name: string): Branch {
    const branch = this.branches.find(each => each.name === name);
    invariant(branch !== undefined, `no branch ${name}`);
    return branch;
  }

  peerOf(name: string): Member | undefined {
    return this.members.find(each => each.name !== name);
  }

  /** Each of the two can hear the other by one of these wires, and is awake to. */
  canHear(a: Member, b: Member, by: readonly string[]): boolean {
    if (!a.running || !b.running) return false;
    for (const name of by) {
      const wire = this.wire(name);
      if (wire.joins(a.name, b.name) && wire.joins(b.name, a.name)) return true;
    }
    return false;
  }

  /** Everything works again: wires, processes, disks. */
  heal(): void {
    for (const wire of this.wires.values()) wire.heal();
    this.stream?.heal();
    for (const member of this.members) {
      member.disk.delayMs = 1;
      member.disk.failing = false;
      member.healPorts();
      member.resume();
      member.start();
    }
    for (const branch of this.branches) branch.start();
  }

  #member(plan: MemberPlan, { wires, members }: BedPlan): Member {
    const index = members.indexOf(plan);
    const ports = new Map<string, Port>();
    for (const [n, name] of wires.entries()) ports.set(name, this.wire(name).attach(plan.name, addressOn(n, index)));
    return new Member(plan, {
      world: this.world,
      disk: new Disk(this.clock),
      ports,
      stream: this.stream,
    });
  }
}
