/** What the demonstration says of an act: one line, and a row of the table at its end. Pure. */
import type { RunOutcome } from "../fault-run.ts";
import type { IkeTallied } from "../ike-tally.ts";
import type { Act } from "./acts.ts";

export interface ActResult {
  readonly act: Act;
  readonly outcome: RunOutcome;
  /** What crossed the wire from the act's beginning to its end. */
  readonly ike: IkeTallied;
}

/** Both directions together. */
export interface Sums {
  readonly sent: number;
  readonly lost: number;
  readonly duplicated: number;
  readonly reordered: number;
  /** The longer of the two. */
  readonly gapMs: number;
}

export function sumsOf({ directions }: RunOutcome): Sums {
  const sum = (count: (each: RunOutcome["directions"][number]) => number): number =>
    directions.reduce((total, each) => total + count(each), 0);
  return {
    sent: sum(each => each.sent),
    lost: sum(each => each.lost),
    duplicated: sum(each => each.duplicated),
    reordered: sum(each => each.reordered),
    gapMs: Math.max(0, ...directions.map(each => each.gapMs)),
  };
}

export function isWithinBound({ act, outcome }: ActResult): boolean {
  return measured(act, outcome) <= act.bound;
}

/** Within its bound, as the fault has it, and without a login that the far end saw. */
export function isGood(result: ActResult): boolean {
  const { act, outcome, ike } = result;
  const quiet = ike.phase1 === 0 && ike.quickModes <= act.quickModes;
  return isWithinBound(result) && quiet && outcome.problems.length === 0;
}

export function resultLine({ outcome, ike }: ActResult): string {
  const { sent, lost, duplicated, reordered, gapMs } = sumsOf(outcome);
  return (
    `sent ${sent}, lost ${lost}, twice ${duplicated}, reordered ${reordered}, gap ${gapMs} ms; ` +
    `the branch saw ${counted(ike.phase1, "new phase 1", "new phase 1s")}, ` +
    `${counted(ike.quickModes, "quick mode", "quick modes")}`
  );
}

export function summaryTable(results: readonly ActResult[]): string[] {
  const rows = results.map(result => {
    const { act, outcome, ike } = result;
    const { sent, lost, reordered, gapMs } = sumsOf(outcome);
    const took = outcome.activeAfter === outcome.activeBefore ? outcome.activeBefore : moved(outcome);
    const figures = [sent, lost, reordered, gapMs, ike.phase1, ike.quickModes].map(String);
    return [act.title, took, ...figures, boundText(act), isGood(result) ? "ok" : "NOT MET"];
  });
  const heads = ["", "active", "sent", "lost", "reordered", "gap ms", "phase 1", "quick modes", "bound", ""];
  return table([heads, ...rows]);
}

/** Of one direction: a bound on lost packets is for each way. */
function measured({ measure }: Act, { directions }: RunOutcome): number {
  return Math.max(0, ...directions.map(each => each[measure]));
}

function moved({ activeBefore, activeAfter }: RunOutcome): string {
  return `${activeBefore} -> ${activeAfter}`;
}

function boundText({ measure, bound }: Act): string {
  return measure === "lost" ? `lost <= ${bound} each way` : `gap <= ${bound} ms`;
}

function counted(count: number, one: string, many: string): string {
  return `${count === 0 ? "no" : count} ${count > 1 ? many : one}`;
}

/** Columns as wide as their widest cell; numbers to the right. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map(row => row[column]?.length ?? 0)));
  const isNumeric = (column: number): boolean =>
    rows.slice(1).every(row => /^[\d.]+$/.test(row[column] ?? "")) && rows.length > 1;
  return rows.map(row =>
    row
      .map((cell, column) =>
        isNumeric(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd(),
  );
}
