/**
 * Two members with an IKE engine each, and three branches. Faults first, every invariant checked after every event;
 * then everything heals, the pair settles, and within a minute every tunnel has one pair and traffic both ways.
 */
import type { Bed } from "../bed.ts";
import { drawFaults, weather } from "../fault-dice.ts";
import { schedule, type TimedFault } from "../faults.ts";
import { MEMBERS, SCHEME, segmentsOf, wiresOf } from "../pair-setting.ts";
import { Random } from "../random.ts";
import { type RunReport, tellingWhich } from "../violation.ts";
import { branchNames, drawTunnels, type TunnelSetting, tunnelBed } from "./tunnel-setting.ts";
import { TunnelWatch } from "./tunnel-watch.ts";

const SETTLES_MS = 3_000;
/** All tunnels pass traffic again, and what was half made is gone. */
export const TUNNELS_SETTLE_MS = 60_000;
const LOOK_MS = 1_000;

export function simulateTunnels(seed: number, traced = false): RunReport {
  const dice = new Random(seed);
  const setting = drawTunnels(dice.fork());
  const faults = drawFaults(dice.fork(), {
    members: MEMBERS,
    branches: branchNames(setting),
    wires: wiresOf(setting),
    segments: segmentsOf(setting),
    scheme: SCHEME,
    holdMs: setting.holdMs,
    fromMs: 0,
    endMs: setting.faultsMs,
    attacked: setting.attacked,
  });
  const bed = tunnelBed(seed, setting, traced);
  const watch = new TunnelWatch(bed, setting);
  bed.observer = watch;
  return tellingWhich({ seed, setting: wordsOf(setting), faults, trace: bed.trace?.lines }, () => {
    begin(bed, setting, faults, dice);
    runPhases(bed, watch, setting);
    return { events: bed.clock.events, takeovers: watch.ownership.takeovers, trace: bed.trace?.lines ?? [] };
  });
}

function begin(bed: Bed, setting: TunnelSetting, faults: readonly TimedFault[], dice: Random): void {
  for (const fault of faults) schedule(bed, fault);
  if (dice.chance(0.5)) for (const wire of bed.wires.values()) wire.conditions = weather(dice);
  for (const member of bed.members) bed.clock.at(dice.between(0, setting.holdMs), () => member.start());
  for (const branch of bed.branches) bed.clock.at(dice.between(0, 3 * setting.holdMs), () => branch.start());
}

function runPhases(bed: Bed, watch: TunnelWatch, { holdMs, faultsMs, holdDownMs }: TunnelSetting): void {
  const check = (): void => watch.check();
  bed.clock.runUntil(faultsMs, check);
  bed.heal();
  bed.clock.runUntil(bed.now + 2 * holdMs + SETTLES_MS + holdDownMs + 2 * holdMs, check);
  if (watch.owners().length !== 1) watch.broken(`active after healing: ${watch.active() || "nobody"}`);
  for (const end = bed.now + TUNNELS_SETTLE_MS; bed.now < end; ) {
    bed.clock.runUntil(bed.now + LOOK_MS, check);
    watch.checkLifetimes();
  }
  for (const branch of bed.branches) {
    const wrong = watch.wrongWith(branch, LOOK_MS + 2 * holdMs);
    if (wrong !== undefined) watch.broken(wrong);
  }
  watch.checkReplicas();
}

function wordsOf(setting: TunnelSetting): string {
  const { helloMs, holdMs, priorities, preempts, over, nat, keepalive, pfs, childSeconds, attacked } = setting;
  return [
    `R1 priority ${priorities[0]}, R2 priority ${priorities[1]}${preempts ? ", preempt" : ""}`,
    `hello ${helloMs} ms, hold ${holdMs} ms, association over ${over.join(" and ")}`,
    `keepalive ${keepalive?.mode ?? "none"}, lifetime ${childSeconds} s`,
    `${pfs ? "PFS" : "no PFS"}${nat ? ", branches behind NATs" : ""}${attacked ? ", attacked" : ""}`,
  ].join("; ");
}
