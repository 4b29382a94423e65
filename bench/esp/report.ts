/** Rounds in, medians and ratios out: a table for people, one JSON for machines. */
import { machine } from "../support/machine.ts";
import { type Spread, spreadOf, table } from "../support/statistics.ts";
import { BOUNDS, type Bound } from "./bounds.ts";
import type { FlipCost } from "./flip.ts";
import { MEASURES, type Measured } from "./measures.ts";

export interface Sample extends Measured {
  readonly system: string;
  readonly measure: string;
  readonly round: number;
}

export interface Row {
  readonly system: string;
  readonly measure: string;
  /** Of the undisturbed rounds; of all, and `disturbed` says so, where most were disturbed. */
  readonly figure: Spread;
  readonly cost?: Spread;
  readonly discarded: number;
  readonly disturbed: boolean;
}

export interface Verdict extends Bound {
  readonly ratio: number;
  readonly verdict: "target" | "floor" | "missed" | "disturbed";
}

export function rowsOf(samples: readonly Sample[]): Row[] {
  const groups = new Map<string, Sample[]>();
  for (const sample of samples) {
    const key = `${sample.measure}\n${sample.system}`;
    groups.set(key, [...(groups.get(key) ?? []), sample]);
  }
  return [...groups.values()].flatMap((group): Row[] => {
    const [first] = group;
    if (first === undefined) return [];
    const calm = group.filter(({ disturbed }) => !disturbed);
    const disturbed = calm.length * 2 < group.length;
    const counted = disturbed ? group : calm;
    const costs = counted.flatMap(({ cost }) => (cost === undefined ? [] : [cost]));
    return [
      {
        system: first.system,
        measure: first.measure,
        figure: spreadOf(counted.map(({ figure }) => figure)),
        ...(costs.length === 0 ? {} : { cost: spreadOf(costs) }),
        discarded: group.length - counted.length,
        disturbed,
      },
    ];
  });
}

export function verdictsOf(rows: readonly Row[]): Verdict[] {
  const rowOf = (measure: string, system: string): Row | undefined =>
    rows.find(row => row.measure === measure && row.system === system);
  return BOUNDS.flatMap((bound): Verdict[] => {
    const of = rowOf(bound.measure, bound.of);
    const over = rowOf(bound.measure, bound.over);
    const [above, below] = [of?.[bound.use]?.median, over?.[bound.use]?.median];
    if (above === undefined || below === undefined) return [];
    const ratio = above / below;
    const reached = ratio >= bound.target ? "target" : ratio >= bound.floor ? "floor" : "missed";
    return [{ ...bound, ratio, verdict: of?.disturbed || over?.disturbed ? "disturbed" : reached }];
  });
}

export function printed(rows: readonly Row[], verdicts: readonly Verdict[]): string {
  const parts = MEASURES.flatMap(({ name, unit, costUnit }): string[] => {
    const found = rows.filter(({ measure }) => measure === name);
    if (found.length === 0) return [];
    const cells = found.map(({ system, figure, cost, discarded, disturbed }) => [
      system,
      shown(figure.median),
      `${shown(figure.min)}..${shown(figure.max)}`,
      cost === undefined ? "" : shown(cost.median),
      `${figure.count}${discarded > 0 ? ` (${discarded} discarded)` : ""}${disturbed ? " DISTURBED" : ""}`,
    ]);
    return [table([[name, unit, "from..to", costUnit, "rounds"], ...cells])];
  });
  if (verdicts.length > 0) {
    const cells = verdicts.map(({ what, ratio, target, floor, verdict }) => [
      what,
      ratio.toFixed(2),
      `${target}`,
      `${floor}`,
      verdict,
    ]);
    parts.push(table([["bound", "ratio", "target", "floor", "reached"], ...cells]));
  }
  return parts.join("\n\n");
}

export function printedFlips(flips: readonly FlipCost[]): string {
  const cells = flips.map(({ sas, storeNs, firstPacketNs, packetNs }) =>
    [sas, storeNs, firstPacketNs, packetNs].map(shown),
  );
  return table([["flip of a role: SAs", "store, ns", "first packet, ns", "other packets, ns"], ...cells]);
}

export interface Report {
  readonly samples: readonly Sample[];
  readonly rows: readonly Row[];
  readonly verdicts: readonly Verdict[];
  readonly flips: readonly FlipCost[];
}

export function asJson(report: Report): string {
  return `${JSON.stringify({ machine: machine(), ...report }, undefined, 1)}\n`;
}

function shown(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString("en-US");
  return value >= 10 ? value.toFixed(1) : value.toFixed(3);
}
