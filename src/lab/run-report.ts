/** What `lab run` prints: one run as a line or an object, several with median, 99th percentile and maximum. */
import { cpus, loadavg, release } from "node:os";
import type { RunOutcome } from "./fault-run.ts";
import { boundText, faultNamed, isBoundKept } from "./faults.ts";
import type { Direction } from "./probe.ts";
import { topologyNamed } from "./topologies.ts";

export interface RunHeading {
  readonly topology: string;
  readonly fault: string;
  /** As configured with `--timers`; the topology's own without. */
  readonly timers?: string;
  readonly probesPerSecond: number;
}

export interface Spread {
  readonly median: number;
  readonly p99: number;
  readonly maximum: number;
}

/** Of one direction over several runs. */
export interface DirectionSummary {
  readonly direction: string;
  readonly lost: Spread;
  readonly gapMs: Spread;
}

export function runLine({ topology, fault, timers }: RunHeading, outcome: RunOutcome): string {
  const { activeBefore, activeAfter, probeStallMs, framesAsActiveAfterWake, problems } = outcome;
  const directions = outcome.directions.map(
    ({ direction, lost, sent, gapMs, duplicated, reordered }) =>
      `${direction} lost ${lost} of ${sent}, gap ${gapMs} ms` +
      `${duplicated > 0 ? `, ${duplicated} twice` : ""}${reordered > 0 ? `, ${reordered} out of order` : ""}`,
  );
  const moved = activeAfter === activeBefore ? `${activeBefore} stayed active` : `${activeBefore} -> ${activeAfter}`;
  const woken =
    framesAsActiveAfterWake === undefined ? [] : [`${framesAsActiveAfterWake} frames as active after waking`];
  const line = [
    `${topology}, ${fault}: ${moved}`,
    ...directions,
    ...woken,
    ...recordedParts(outcome),
    ...promised(fault, timers, outcome),
    ...hotAgain(timers, outcome),
    ...routeParts(topology, outcome),
    `probes at most ${probeStallMs} ms late`,
  ];
  return [line.join("; "), ...problems.map(each => `  problem: ${each}`)].join("\n");
}

function recordedParts({ recorded, negotiated }: RunOutcome): string[] {
  if (recorded === undefined) return [];
  const ike = negotiated && `${negotiated.phase1} phase 1, ${negotiated.quickModes} quick modes`;
  return [`${recorded.packets} packets recorded, ${recorded.repeated.length} twice`, ...(ike ? [ike] : [])];
}

function routeParts(topology: string, { watched: found, activeBefore, activeAfter }: RunOutcome): string[] {
  const { watched } = topologyNamed(topology);
  if (found === undefined || watched === undefined) return [];
  const gone = `${watched.host} without its route for ${found.goneMs} ms`;
  if (activeAfter === activeBefore) return [gone];
  if (found.movedMs === undefined) return [gone, "it did not move: NOT KEPT"];
  return [gone, `it moved in ${found.movedMs} ms: ${found.movedMs <= watched.mostMs ? "kept" : "NOT KEPT"}`];
}

/** Two hold times and 3 s are promised. */
function hotAgain(timers: string | undefined, { hotAgainMs }: RunOutcome): string[] {
  if (hotAgainMs === undefined) return [];
  const mostMs = 2 * holdMsOf(timers) + 3_000;
  return [`hot again in ${hotAgainMs} ms: ${hotAgainMs <= mostMs ? "kept" : "NOT KEPT"}`];
}

/** Of `standby timers`, in milliseconds; the topologies' own without. */
export function holdMsOf(timers = "msec 250 msec 750"): number {
  const [, unit, hold] = /(msec )?(\d+)$/.exec(timers) ?? [];
  return Number(hold) * (unit === undefined ? 1_000 : 1);
}

function promised(name: string, timers: string | undefined, { directions }: RunOutcome): string[] {
  const fault = faultNamed(name);
  const isKept = isBoundKept(fault, timers, directions);
  if (fault.bound === undefined || isKept === undefined) return [];
  return [`${boundText(fault.bound)}: ${isKept ? "kept" : "NOT KEPT"}`];
}

export function summaryLines(summary: readonly DirectionSummary[], runs: number): string[] {
  return summary.map(
    ({ direction, lost, gapMs }) =>
      `${runs} runs, ${direction}: gap median ${gapMs.median} ms, p99 ${gapMs.p99} ms, maximum ${gapMs.maximum} ms; ` +
      `lost median ${lost.median}, maximum ${lost.maximum}`,
  );
}

/** Directions by name, in the order of the first run. */
export function summarise(runs: readonly { readonly directions: readonly Direction[] }[]): DirectionSummary[] {
  const names = runs[0]?.directions.map(each => each.direction) ?? [];
  return names.map(name => {
    const same = runs.flatMap(run => run.directions.filter(each => each.direction === name));
    return {
      direction: name,
      lost: spread(same.map(each => each.lost)),
      gapMs: spread(same.map(each => each.gapMs)),
    };
  });
}

/** Nearest ranks: every figure is one that was measured. Zeros of nothing. */
export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { median: at(0.5), p99: at(0.99), maximum: at(1) };
}

/** What the figures were measured on. */
export function machine(): Readonly<Record<string, string | number>> {
  const processors = cpus();
  return {
    processor: processors[0]?.model ?? "unknown",
    cores: processors.length,
    kernel: release(),
    node: process.version,
    loadAverage: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}
