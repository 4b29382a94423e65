/**
 * Two to four members of plain HSRP on one segment. Faults first, with safety checked after every event; then
 * everything heals, and within two hold times and three seconds exactly one is active, the right one where preemption
 * says so; then nobody moves any more.
 */
import { groupKey } from "../core/hsrp/hsrp-group.ts";
import { type GroupWords, hsrpGroup } from "./addresses.ts";
import { Bed } from "./bed.ts";
import { drawFaults, weather } from "./fault-dice.ts";
import { schedule } from "./faults.ts";
import { PERFECT } from "./lossy-wire.ts";
import type { Member, MemberPlan } from "./member.ts";
import { Random } from "./random.ts";
import { drawTiming, type Timing } from "./timing.ts";
import { type RunReport, tellingWhich } from "./violation.ts";
import { Watch } from "./watch.ts";

const SEGMENT = "segment";

interface PlainSetting extends Timing {
  readonly members: readonly MemberPlan[];
  /** The member that must be active once all are well; `undefined` where HSRP leaves it to history. */
  readonly right: string | undefined;
  readonly attacked: boolean;
}

/** `patienceHolds`: the quiet in the end lasts no longer than so many hold times, whatever the seed says. */
export function simulatePlain(seed: number, traced = false, patienceHolds = Number.POSITIVE_INFINITY): RunReport {
  const dice = new Random(seed);
  const setting = drawSetting(dice.fork());
  const scope = {
    members: setting.members.map(({ name }) => name),
    wires: [SEGMENT],
    segments: [SEGMENT],
    scheme: undefined,
    holdMs: setting.holdMs,
    fromMs: 0,
    endMs: setting.faultsMs,
    attacked: setting.attacked,
  };
  const faults = drawFaults(dice.fork(), scope);
  const { members, attacked } = setting;
  const bed = new Bed({ seed, wires: [SEGMENT], members, replicates: false, attacked, traced });
  const watch = new PlainWatch(bed, setting);
  bed.observer = watch;
  return tellingWhich({ seed, setting: wordsOf(setting), faults, trace: bed.trace?.lines }, () => {
    if (dice.chance(0.7)) bed.wire(SEGMENT).conditions = weather(dice);
    for (const fault of faults) schedule(bed, fault);
    const spread = dice.pick([0, 10, setting.holdMs, 3 * setting.holdMs]);
    for (const member of bed.members) bed.clock.at(dice.between(0, spread), () => member.start());
    runPhases(bed, watch, { ...setting, quietMs: Math.min(setting.quietMs, patienceHolds * setting.holdMs) });
    return { events: bed.clock.events, takeovers: watch.ownership.takeovers, trace: bed.trace?.lines ?? [] };
  });
}

class PlainWatch extends Watch {
  readonly #key: string;
  readonly #boundMs: number;
  #doubleSince: number | undefined;

  constructor(bed: Bed, { members: [first], helloMs, holdMs }: PlainSetting) {
    const [group] = first?.groups ?? [];
    const key = group === undefined ? "" : groupKey(group);
    super(bed, key, holdMs);
    this.#key = key;
    this.#boundMs = 2 * helloMs + 5;
  }

  owners(): Member[] {
    return this.bed.members.filter(member => member.answersFor(this.#key, this.#key));
  }

  check(): void {
    this.ownership.check();
    this.#checkCalm();
  }

  /** On a segment without a fault, two actives last no longer than it takes the one to hear the other's hello. */
  #checkCalm(): void {
    const { bed } = this;
    const calm = bed.now > bed.disturbedUntil && bed.wire(SEGMENT).conditions === PERFECT;
    if (!calm || this.owners().length < 2) this.#doubleSince = undefined;
    else this.#doubleSince ??= bed.now;
    if (this.#doubleSince !== undefined && bed.now - this.#doubleSince > this.#boundMs) {
      this.broken(`two have answered for one address for ${this.#boundMs} ms on a whole segment`);
    }
  }
}

function runPhases(bed: Bed, watch: PlainWatch, { faultsMs, holdMs, quietMs, right }: PlainSetting): void {
  const check = (): void => watch.check();
  bed.clock.runUntil(faultsMs, check);
  bed.heal();
  bed.disturbedUntil = bed.now;
  bed.clock.runUntil(bed.now + 2 * holdMs + 3_000, check);
  const active = watch.owners().map(({ name }) => name);
  if (active.length !== 1) watch.broken(`active after healing: ${active.join(", ") || "nobody"}`);
  if (right !== undefined && active[0] !== right) watch.broken(`${active[0]} is active, not ${right}`);
  const settled = watch.ownership.takeovers;
  bed.clock.runUntil(bed.now + quietMs, check);
  if (watch.ownership.takeovers !== settled) watch.broken("the active changed without a cause");
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
      member: member === 0 ? 0 : 1,
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
