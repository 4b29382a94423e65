/**
 * Two members under the gate. Faults first, with every invariant checked after every event; then everything heals, and
 * within two hold times and three seconds exactly one is active, soon after that the right one; then nobody moves.
 * In some runs a stranger attacks and nothing else is wrong: then nobody moves at all.
 */
import type { Bed } from "./bed.ts";
import { drawAttacks, drawFaults, weather } from "./fault-dice.ts";
import { schedule, type TimedFault } from "./faults.ts";
import { drawPair, MEMBERS, type PairSetting, pairBed, rightOf, SCHEME, segmentsOf, wiresOf } from "./pair-setting.ts";
import { PairWatch } from "./pair-watch.ts";
import { Random } from "./random.ts";
import { type RunReport, tellingWhich } from "./violation.ts";

interface PairRun {
  readonly setting: PairSetting;
  readonly bed: Bed;
  readonly watch: PairWatch;
  readonly faults: readonly TimedFault[];
  /** Nothing is wrong but a stranger. */
  readonly onlyAttacked: boolean;
}

/** How long two healthy members may take to settle. */
const SETTLES_MS = 3_000;

/** `patienceHolds`: the quiet in the end lasts no longer than so many hold times, whatever the seed says. */
export function simulatePair(seed: number, traced = false, patienceHolds = Number.POSITIVE_INFINITY): RunReport {
  const dice = new Random(seed);
  const run = prepare(seed, dice, traced);
  const { bed, watch, faults, setting } = run;
  return tellingWhich({ seed, setting: wordsOf(setting), faults, trace: bed.trace?.lines }, () => {
    for (const fault of faults) schedule(bed, fault);
    if (!run.onlyAttacked && dice.chance(0.6)) for (const wire of bed.wires.values()) wire.conditions = weather(dice);
    const spread = dice.pick([0, 10, setting.holdMs, 3 * setting.holdMs]);
    for (const member of bed.members) bed.clock.at(dice.between(0, spread), () => member.start());
    runPhases(run, patienceHolds);
    return { events: bed.clock.events, takeovers: watch.ownership.takeovers, trace: bed.trace?.lines ?? [] };
  });
}

function prepare(seed: number, dice: Random, traced: boolean): PairRun {
  const onlyAttacked = dice.chance(0.1);
  const drawn = drawPair(dice.fork());
  const setting = onlyAttacked ? { ...drawn, attacked: true } : drawn;
  const scope = {
    members: MEMBERS,
    wires: wiresOf(setting),
    segments: segmentsOf(setting),
    scheme: SCHEME,
    holdMs: setting.holdMs,
    fromMs: onlyAttacked ? settledMs(setting) : 0,
    endMs: setting.faultsMs + (onlyAttacked ? settledMs(setting) : 0),
    attacked: setting.attacked,
  };
  const faults = (onlyAttacked ? drawAttacks : drawFaults)(dice.fork(), scope);
  const bed = pairBed(seed, setting, traced);
  const watch = new PairWatch(bed, setting);
  bed.observer = watch;
  return { setting, bed, watch, faults, onlyAttacked };
}

function runPhases({ bed, watch, setting, onlyAttacked }: PairRun, patienceHolds: number): void {
  const { holdMs, faultsMs, quietMs } = setting;
  const check = (): void => watch.check();
  if (onlyAttacked) {
    bed.clock.runUntil(settledMs(setting), check);
    const before = watch.ownership.takeovers;
    bed.clock.runUntil(settledMs(setting) + faultsMs, check);
    if (watch.ownership.takeovers !== before) watch.broken("a stranger moved the address");
  } else bed.clock.runUntil(faultsMs, check);
  bed.heal();
  bed.clock.runUntil(bed.now + 2 * holdMs + SETTLES_MS, check);
  if (watch.owners().length !== 1) watch.broken(`active after healing: ${watch.active() || "nobody"}`);
  bed.clock.runUntil(bed.now + setting.holdDownMs + 2 * holdMs, check);
  if (setting.preempts && watch.active() !== rightOf(setting)) {
    watch.broken(`${watch.active()} is active, not ${rightOf(setting)}`);
  }
  const settled = watch.ownership.takeovers;
  bed.clock.runUntil(bed.now + Math.min(quietMs, patienceHolds * holdMs), check);
  if (watch.ownership.takeovers !== settled) watch.broken("the active changed without a cause");
  watch.checkReplicas();
}

/** From the start to where nothing moves any more. */
function settledMs({ holdMs, holdDownMs }: PairSetting): number {
  return 7 * holdMs + SETTLES_MS + holdDownMs;
}

function wordsOf({ helloMs, holdMs, priorities, preempts, over, inside, holdDownMs, attacked }: PairSetting): string {
  return [
    `R1 priority ${priorities[0]}, R2 priority ${priorities[1]}${preempts ? ", preempt" : ""}`,
    `hello ${helloMs} ms, hold ${holdMs} ms, hold-down ${holdDownMs} ms`,
    `association over ${over.join(" and ")}${inside ? ", an inside group" : ""}${attacked ? ", attacked" : ""}`,
  ].join("; ");
}
