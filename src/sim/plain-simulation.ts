/**
 * Two to four members of plain HSRP on one segment. Faults first, with safety checked after every event; then everything
 * heals, and within two hold times and three seconds exactly one is active, the right one where preemption says so;
 * then nobody moves any more.
 */
import { Liveness } from "../core/gate/liveness.ts";
import type { LivenessEffect } from "../core/gate/liveness-port.ts";
import { groupKey } from "../core/hsrp/hsrp-group.ts";
import { type GroupWords, hsrpGroup } from "./addresses.ts";
import { Bed } from "./bed.ts";
import { drawFaults, weather } from "./fault-dice.ts";
import { schedule } from "./faults.ts";
import { PERFECT } from "./lossy-wire.ts";
import type { Member, MemberPlan } from "./member.ts";
import type { Observer } from "./observer.ts";
import { Ownership } from "./ownership.ts";
import { Random } from "./random.ts";
import { drawTiming, type Timing } from "./timing.ts";
import { tellingWhich, Violation } from "./violation.ts";
import { ZombieWatch } from "./zombie-watch.ts";

const SEGMENT = "segment";

interface PlainSetting extends Timing {
  readonly members: readonly MemberPlan[];
  /** The member that must be active once all are well; `undefined` where HSRP leaves it to history. */
  readonly right: string | undefined;
  readonly attacked: boolean;
}

export interface RunReport {
  readonly events: number;
  readonly takeovers: number;
  readonly trace: readonly string[];
}

export function simulatePlain(seed: number, traced = false): RunReport {
  const dice = new Random(seed);
  const setting = drawSetting(dice.fork());
  const scope = {
    members: setting.members.map(({ name }) => name),
    wires: [SEGMENT],
    segments: [SEGMENT],
    scheme: undefined,
    holdMs: setting.holdMs,
    endMs: setting.faultsMs,
    attacked: setting.attacked,
  };
  const faults = drawFaults(dice.fork(), scope);
  const run = new PlainRun(seed, setting, traced);
  return tellingWhich({ seed, setting: wordsOf(setting), faults, trace: run.bed.world.trace?.lines }, () => {
    if (dice.chance(0.7)) run.bed.wire(SEGMENT).conditions = weather(dice);
    for (const fault of faults) schedule(run.bed, fault);
    run.start(dice);
    run.safety();
    run.liveness();
    run.stability();
    return {
      events: run.bed.clock.events,
      takeovers: run.ownership.takeovers,
      trace: run.bed.world.trace?.lines ?? [],
    };
  });
}

class PlainRun implements Observer {
  readonly bed: Bed;
  readonly ownership: Ownership;
  readonly #setting: PlainSetting;
  readonly #zombies: ZombieWatch;
  readonly #key: string;
  #doubleSince: number | undefined;

  constructor(seed: number, setting: PlainSetting, traced: boolean) {
    this.#setting = setting;
    const { members, attacked } = setting;
    const makeCore = (...given: ConstructorParameters<typeof Liveness>) => new Liveness(...given);
    this.bed = new Bed({ seed, wires: [SEGMENT], members, replicates: false, attacked, makeCore, traced }, () => this);
    this.ownership = new Ownership(() => this.bed.now);
    this.#zombies = new ZombieWatch(this.bed, setting.holdMs);
    const [group] = members[0]?.groups ?? [];
    this.#key = group === undefined ? "" : groupKey(group);
  }

  start(dice: Random): void {
    const spread = dice.pick([0, 10, this.#setting.holdMs, 3 * this.#setting.holdMs]);
    for (const member of this.bed.members) this.bed.clock.at(dice.between(0, spread), () => member.start());
  }

  safety(): void {
    this.bed.clock.runUntil(this.#setting.faultsMs, () => this.#check());
  }

  liveness(): void {
    this.bed.heal();
    this.bed.disturbedUntil = this.bed.now;
    this.bed.clock.runUntil(this.bed.now + 2 * this.#setting.holdMs + 3_000, () => this.#check());
    const active = this.bed.members.filter(member => this.#owns(member)).map(({ name }) => name);
    const { right } = this.#setting;
    if (active.length !== 1)
      throw new Violation(`active after healing: ${active.join(", ") || "nobody"}`, this.bed.now);
    if (right !== undefined && active[0] !== right)
      throw new Violation(`${active[0]} is active, not ${right}`, this.bed.now);
  }

  stability(): void {
    const settled = this.ownership.takeovers;
    this.bed.clock.runUntil(this.bed.now + this.#setting.quietMs, () => this.#check());
    if (this.ownership.takeovers !== settled) throw new Violation("the active changed without a cause", this.bed.now);
  }

  effect(member: string, effect: LivenessEffect): void {
    if (effect.do === "changed")
      this.bed.world.trace?.say(member, `${effect.from} -> ${effect.to} (${effect.because})`);
    if (effect.do === "refused") this.bed.world.trace?.say(member, `refuses: ${effect.because} ${effect.detail}`);
    this.ownership.effect(member, effect);
    this.#zombies.effect(member, effect);
  }

  frame(member: string, what: string, owner: string | undefined): void {
    this.bed.world.trace?.say(member, `sends ${what}`);
    if (owner !== undefined) this.#zombies.asActive(member, what);
  }

  packet(member: string): void {
    this.#zombies.asActive(member, "packet");
  }

  woke(member: string, since: number): void {
    this.bed.world.trace?.say(member, `goes on after ${(this.bed.now - since).toFixed(1)} ms`);
    this.#zombies.woke(member, since);
  }

  died(member: string): void {
    this.bed.world.trace?.say(member, "dies");
    this.ownership.died(member);
    this.#zombies.died(member);
  }

  revealed(): void {}

  #check(): void {
    this.ownership.check(() => false);
    this.#checkCalm();
  }

  /** On a segment without a fault, two actives last no longer than it takes the one to hear the other's hello. */
  #checkCalm(): void {
    let owners = 0;
    for (const member of this.bed.members) if (this.#owns(member)) owners += 1;
    const calm = this.bed.now > this.bed.disturbedUntil && this.bed.wire(SEGMENT).conditions === PERFECT;
    if (owners < 2 || !calm) this.#doubleSince = undefined;
    else this.#doubleSince ??= this.bed.now;
    const { helloMs } = this.#setting;
    if (this.#doubleSince !== undefined && this.bed.now - this.#doubleSince > 2 * helloMs + 5) {
      throw new Violation(
        `two have answered for one address for ${2 * helloMs + 5} ms on a whole segment`,
        this.bed.now,
      );
    }
  }

  #owns(member: Member): boolean {
    return member.answersFor(this.#key, this.#key);
  }
}

function drawSetting(dice: Random): PlainSetting {
  const timing = drawTiming(dice);
  const count = dice.integer(2, 4);
  const attacked = dice.chance(0.3);
  const version = dice.pick([1, 2] as const);
  const auth = dice.pick([
    { kind: "text", text: "cisco" } as const,
    { kind: "md5", keys: [{ id: 0, octets: Uint8Array.of(1, 2, 3) }] } as const,
  ]);
  const preempts = dice.chance(0.6);
  const members = Array.from({ length: count }, (_, member): MemberPlan => {
    const preempt = preempts ? { minimumMs: 0, reloadMs: 0, syncMs: 0 } : undefined;
    const priority = dice.pick([90, 100, 100, 110, 200]);
    const words: GroupWords = {
      wire: SEGMENT,
      wireIndex: 0,
      member,
      name: undefined,
      version,
      auth,
      priority,
      ...timing,
      preempt,
    };
    return {
      name: `R${member + 1}`,
      groups: [hsrpGroup(words)],
      schemes: [],
      packetEveryMs: timing.holdMs / 4,
      checkpointEveryMs: 0,
      beatLimitMs: timing.beatLimitMs,
    };
  });
  return { ...timing, members, attacked, right: preempts ? best(members) : undefined };
}

/** RFC 2281 section 5.3: the higher priority, then the higher address. */
function best(members: readonly MemberPlan[]): string | undefined {
  const priorityOf = (plan: MemberPlan): number => plan.groups[0]?.settings.priority ?? 0;
  return members.reduce((a, b) => (priorityOf(b) >= priorityOf(a) ? b : a)).name;
}

function wordsOf({ members, helloMs, holdMs, attacked }: PlainSetting): string {
  const who = members.map(({ name, groups: [group] }) => `${name} priority ${group?.settings.priority}`).join(", ");
  return `${who}; hello ${helloMs} ms, hold ${holdMs} ms${attacked ? ", attacked" : ""}`;
}
