/**
 * One machine with a gateway on it: three threads and the native one in a process, a supervisor, a disk, ports. What
 * can happen to a machine happens here: threads stall, processes stand still, die with and without a will, come back.
 */

import { invariant } from "../core/errors.ts";
import { Liveness } from "../core/gate/liveness.ts";
import type { LastWill, LivenessEffect, LivenessPrimitives, SchemeSettings } from "../core/gate/liveness-port.ts";
import type { HsrpGroup } from "../core/hsrp/hsrp-group.ts";
import { groupKey } from "../core/hsrp/hsrp-group.ts";
import type { IkeSettings } from "../core/ike/ike-port.ts";
import type { ReplicationSnapshot, TableRoom } from "../core/redundancy/replication-port.ts";
import type { Ipv4 } from "../core/wire/address.ts";
import type { Actor } from "./actor.ts";
import type { Disk } from "./disk.ts";
import { FastPath } from "./fast-path.ts";
import { Fuse } from "./fuse.ts";
import { HelloThread } from "./hello-thread.ts";
import { TunnelWork } from "./ike/tunnel-work.ts";
import { hsrpFrameOf, LivenessActor } from "./liveness-actor.ts";
import type { Frame, Port } from "./lossy-wire.ts";
import { MainActor } from "./main-actor.ts";
import { ModelPlane } from "./model-plane.ts";
import type { ModelStream } from "./model-stream.ts";
import { RoleWords } from "./role-words.ts";
import { tokenHash, tokenHmac } from "./token-crypto.ts";
import type { Desk, Work } from "./work.ts";
import type { World } from "./world.ts";

export interface MemberPlan {
  readonly name: string;
  /** Of the two: the lowest bit of its SPIs. */
  readonly member: 0 | 1;
  readonly groups: readonly HsrpGroup[];
  readonly schemes: readonly Omit<SchemeSettings, "storedEpoch">[];
  /** Its IKE, on the wire of its first group; made-up work where it is `undefined`. */
  readonly ike?: IkeSettings;
  readonly packetEveryMs: number;
  readonly checkpointEveryMs: number;
  /** The supervisor takes a liveness thread that stands still for longer for dead. */
  readonly beatLimitMs: number;
  /** What it holds at most as a standby; `undefined` is the product's bound. */
  readonly room?: TableRoom;
}

export interface MemberHost {
  readonly world: World;
  readonly disk: Disk;
  /** By interface. */
  readonly ports: ReadonlyMap<string, Port>;
  readonly stream: ModelStream | undefined;
}

export interface Replicated extends Pick<ReplicationSnapshot, "synced" | "counters"> {
  readonly records: ReadonlyMap<string, number>;
}

export type Thread = "main" | "liveness" | "fast path";

/** One life of a gateway process. */
interface Life {
  readonly words: RoleWords;
  readonly plane: ModelPlane;
  readonly hello: HelloThread;
  readonly fast: FastPath;
  readonly liveness: LivenessActor;
  readonly main: MainActor;
  readonly tunnels: TunnelWork | undefined;
  /** What the supervisor holds. */
  readonly wills: Map<string, LastWill>;
  pausedSince: number | undefined;
}

/** How long after a death the supervisor has noticed it and done its work. */
const WILL_MS = { least: 5, most: 65 };
/** How often a run of packets is a long one. */
const RUSHES = 0.05;
/** After a standstill of the process its threads run again in no particular order. */
const WAKING_MS = 3;

export class Member {
  readonly plan: MemberPlan;
  readonly disk: Disk;
  readonly ports: ReadonlyMap<string, Port>;
  /** Of what main does for replication and IKE. */
  readonly fuse = new Fuse();
  readonly #host: MemberHost;
  #life: Life | undefined;
  #lives = 0;
  #rush: number | undefined;

  constructor(plan: MemberPlan, host: MemberHost) {
    this.plan = plan;
    this.disk = host.disk;
    this.ports = host.ports;
    this.#host = host;
    for (const [name, port] of host.ports) {
      port.receive = frame => this.#receive(name, frame);
      port.takesFor = address => this.#holds(name, address);
    }
  }

  get name(): string {
    return this.plan.name;
  }

  get alive(): boolean {
    return this.#life !== undefined;
  }

  /** All of its threads run. */
  get running(): boolean {
    const life = this.#life;
    return life !== undefined && actorsOf(life).every(({ running }) => running);
  }

  get tunnels(): TunnelWork | undefined {
    return this.#life?.tunnels;
  }

  get core(): Liveness | undefined {
    return this.#life?.liveness.core;
  }

  /** What it holds of the scheme, and whether it says that this is everything. */
  get replica(): Replicated | undefined {
    const replica = this.#life?.main.replica;
    if (this.#life === undefined || replica === undefined) return undefined;
    const { synced, counters } = replica.core.snapshot(this.#host.world.clock.now);
    return { synced, counters, records: this.#life.plane.records };
  }

  /** It answers for the addresses of this group at this moment, or would if asked. */
  answersFor(group: string, owner: string): boolean {
    const life = this.#life;
    if (life === undefined || life.pausedSince !== undefined || !life.liveness.holding.has(group)) return false;
    return life.words.fresh(owner, this.#host.world.clock.now);
  }

  /** Its fast path would encrypt at this moment. */
  encryptsFor(owner: string): boolean {
    const life = this.#life;
    if (life === undefined || life.pausedSince !== undefined || life.words.of(owner)?.role !== "active") return false;
    return life.words.fresh(owner, this.#host.world.clock.now);
  }

  start(): void {
    if (this.#life !== undefined) return;
    const { world, ports, disk, stream } = this.#host;
    const { name, groups, schemes, packetEveryMs, checkpointEveryMs } = this.plan;
    const words = new RoleWords();
    const hello = new HelloThread(world.clock, words);
    const plane = new ModelPlane(world.ledger);
    this.#lives += 1;
    const lifeName = `${name}-${this.#lives}`;
    const fast = new FastPath(world.clock, words, packetEveryMs, (owner, epoch) => {
      world.observer.packet(name, owner, epoch);
      tunnels?.ask();
      this.#sends(lifeName, plane, epoch);
    });
    const dice = world.random.fork();
    const primitives: LivenessPrimitives = {
      hash: tokenHash,
      hmac: tokenHmac,
      random: count => dice.octets(count),
      jitter: () => dice.next(),
    };
    const wills = new Map<string, LastWill>();
    // The core's first effects come while the process is still being put together.
    let main: MainActor | undefined;
    const early: LivenessEffect[] = [];
    const others = (effect: LivenessEffect): void => {
      this.#serve(effect, wills, fast);
      if (main === undefined) early.push(effect);
      else main.take(effect);
    };
    const core = new Liveness(primitives, dice.octets(8));
    const liveness = new LivenessActor({ world, name, groups, ports, words, hello, core, others });
    const settings = {
      groups,
      up: [...ports].filter(([, port]) => port.carrier).map(([interface_]) => interface_),
      schemes: schemes.map(scheme => ({ ...scheme, storedEpoch: disk.epochOf(scheme.name) })),
    };
    const { member, ike, room } = this.plan;
    let tunnels: TunnelWork | undefined;
    const ikeWork = (desk: Desk, actor: Actor): Work => {
      tunnels = this.#tunnels(desk, { actor, words, plane });
      return tunnels;
    };
    main = new MainActor({
      world,
      name,
      life: lifeName,
      member,
      words,
      plane,
      liveness,
      disk,
      settings,
      stream,
      fuse: this.fuse,
      work: ike && ikeWork,
      checkpointEveryMs,
      room,
    });
    this.#life = { words, plane, hello, fast, liveness, main, tunnels, wills, pausedSince: undefined };
    for (const effect of early) main.take(effect);
  }

  /** The process is gone from one moment to the next; with a supervisor its last will follows. */
  die(supervised: boolean): void {
    const life = this.#life;
    if (life === undefined) return;
    const { world } = this.#host;
    for (const actor of actorsOf(life)) actor.die();
    life.main.end();
    this.#life = undefined;
    world.observer.died(this.name);
    if (!supervised) return;
    world.clock.after(world.random.between(WILL_MS.least, WILL_MS.most), () => {
      // The gateway is started again only after its will was carried out.
      if (this.#life === undefined) this.#carryOut(life.wills);
    });
  }

  /** SIGSTOP and SIGCONT: of the gateway alone, which its supervisor notices, or of both. */
  pause(): void {
    const life = this.#life;
    if (life === undefined || life.pausedSince !== undefined) return;
    life.pausedSince = this.#host.world.clock.now;
    for (const actor of actorsOf(life)) actor.stand("paused");
  }

  resume(): void {
    const life = this.#life;
    if (life?.pausedSince === undefined) return;
    const { clock, random, observer } = this.#host.world;
    observer.woke(this.name, life.pausedSince);
    life.pausedSince = undefined;
    for (const actor of actorsOf(life)) clock.after(random.between(0, WAKING_MS), () => actor.go("paused"));
  }

  /** SIGSTOP of the gateway alone. The supervisor misses its beat and ends it. */
  freeze(): void {
    const life = this.#life;
    this.pause();
    this.#host.world.clock.after(this.plan.beatLimitMs, () => {
      if (life !== undefined && this.#life === life) this.#kill();
    });
  }

  stall(thread: Thread, forMs: number): void {
    const life = this.#life;
    if (life === undefined) return;
    const { clock } = this.#host.world;
    const actor = { main: life.main, liveness: life.liveness, "fast path": life.fast }[thread].actor;
    const until = Math.max(clock.now + forMs, actor.stall?.until ?? 0);
    actor.stall = { since: actor.stall?.since ?? clock.now, until };
    actor.stand("stalled");
    clock.at(until, () => {
      if (actor.stall === undefined || clock.now < actor.stall.until) return;
      if (actor === life.liveness.actor && !actor.dead) this.#host.world.observer.woke(this.name, actor.stall.since);
      actor.stall = undefined;
      actor.go("stalled");
    });
    if (thread !== "liveness" || forMs <= this.plan.beatLimitMs) return;
    clock.after(this.plan.beatLimitMs, () => {
      // A supervisor that stands still itself sees nothing.
      if (this.#life === life && life.pausedSince === undefined) this.#kill();
    });
  }

  /** Returns what puts the cable back; whether the carrier is seen to go is the fault's choice. */
  unplug(name: string, carrierSeen: boolean): () => void {
    let back = (): void => {};
    this.#atCable(name, port => {
      back = port.unplug(carrierSeen);
    });
    return () => this.#atCable(name, back);
  }

  /** Every cable is in. */
  healPorts(): void {
    for (const name of this.ports.keys()) this.#atCable(name, port => port.heal());
  }

  /** Its running configuration changes, for as long as this life lasts. `digest` is the same where it is the same. */
  reconfigure(ike: IkeSettings, digest: number): void {
    const life = this.#life;
    life?.main.actor.post(() => {
      life.main.replica?.configure(digest);
      life.tunnels?.configure(ike);
    });
  }

  switchover(scheme: string): void {
    this.#life?.liveness.input({ kind: "switchover", scheme });
  }

  /** The next packets are so many, under each key. */
  rush(count: number): void {
    this.#rush = count;
  }

  /** Its main dies at the effect so many from now; its supervisor starts it again. */
  dieAtEffect(effects: number): void {
    this.fuse.light(effects, () => this.#kill());
  }

  stop(): void {
    this.#life?.liveness.input({ kind: "stop" });
  }

  #tunnels(desk: Desk, { actor, words, plane }: Pick<Life, "words" | "plane"> & { actor: Actor }): TunnelWork {
    const { world, ports } = this.#host;
    const { name, groups, schemes, ike: settings } = this.plan;
    const scheme = schemes[0]?.name ?? "";
    const port = ports.get(groups[0]?.settings.interface ?? "");
    invariant(port !== undefined && settings !== undefined, `${name} has tunnels, and no way to their peers`);
    const speaks = (): boolean => {
      const role = words.of(scheme)?.role;
      return (role === "active" || role === "draining") && words.fresh(scheme, world.clock.now);
    };
    return new TunnelWork({ world, name, actor, plane, desk, scheme, settings, port, speaks });
  }

  #receive(name: string, frame: Frame): void {
    const life = this.#life;
    if (life === undefined) return;
    if (frame.kind === "ike") life.tunnels?.datagram(frame);
    else if (frame.kind === "esp") life.fast.actor.offer(() => life.tunnels?.esp(frame));
    else life.liveness.receive(name, frame);
  }

  /** The host has this virtual address. */
  #holds(name: string, address: Ipv4): boolean {
    return this.plan.groups.some(group => {
      const { interface: on, virtualAddress } = group.settings;
      return on === name && virtualAddress === address && this.#life?.liveness.holding.has(groupKey(group)) === true;
    });
  }

  /** The gateway is told of the carrier when it changes, and only then. */
  #atCable(name: string, change: (port: Port) => void): void {
    const port = this.ports.get(name);
    if (port === undefined) return;
    const before = port.carrier;
    change(port);
    const up = port.carrier;
    if (up !== before) this.#life?.liveness.input({ kind: "link", interface: name, up });
  }

  /** A run of packets under each key: mostly a few, at times as many as an hour of traffic has. */
  #sends(life: string, plane: ModelPlane, epoch: number): void {
    const { world } = this.#host;
    for (const spi of plane.spis) {
      if (plane.silent.has(spi)) continue;
      const count = this.#rush ?? 2 ** world.random.integer(0, world.random.chance(RUSHES) ? 28 : 4);
      const run = plane.send(spi, epoch, count);
      if (run === "cap") this.#life?.main.replica?.capReached(spi);
      if (typeof run === "string") continue;
      world.observer.numbers(this.name, life, spi, epoch, run);
      this.#life?.main.replica?.work.sent(spi, run.last);
      if (plane.isLow(spi)) this.#life?.main.replica?.low(spi);
    }
    this.#rush = undefined;
  }

  #kill(): void {
    this.die(true);
    this.#host.world.clock.after(RESTART_MS, () => this.start());
  }

  #serve(effect: LivenessEffect, wills: Map<string, LastWill>, fast: FastPath): void {
    if (effect.do === "role" && effect.role === "active") fast.serve(effect.owner);
    if (effect.do !== "will") return;
    if (effect.will === undefined) wills.delete(effect.group);
    else wills.set(effect.group, effect.will);
  }

  #carryOut(wills: ReadonlyMap<string, LastWill>): void {
    for (const [key, will] of wills) {
      const group = this.plan.groups.find(each => groupKey(each) === key);
      if (group !== undefined) this.ports.get(group.settings.interface)?.send(hsrpFrameOf(group, will.resign, true));
      for (const { to, octets } of will.tokens) {
        const port = this.ports.get(("segment" in to ? to.segment : to.interface) ?? "");
        if (port === undefined) continue;
        const destination = "segment" in to ? undefined : to.remote;
        const source = "segment" in to ? port.address : to.local;
        const frame: Frame = { kind: "beacon", source, destination, octets };
        port.send(frame);
      }
    }
  }
}

/** A gateway that its supervisor starts again is there after this long. */
export const RESTART_MS = 400;

function actorsOf({ hello, fast, liveness, main }: Life): Actor[] {
  return [hello.actor, fast.actor, liveness.actor, main.actor];
}
