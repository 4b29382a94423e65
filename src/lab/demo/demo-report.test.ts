import { expect, test } from "vitest";
import type { RunOutcome } from "../fault-run.ts";
import { type Bound, type Fault, faultNamed } from "../faults.ts";
import type { Direction } from "../probe.ts";
import { ACTS, type Act } from "./acts.ts";
import { type ActResult, isGood, resultLine, summaryTable } from "./demo-report.ts";

const DIRECTION: Direction = {
  direction: "tunnel",
  from: "H1",
  to: "172.16.5.101",
  sent: 1_000,
  received: 999,
  lost: 1,
  duplicated: 0,
  reordered: 0,
  reached: 1_000,
  gapMs: 12,
  gapAtMs: 3,
  probeStallMs: 1,
};
const NO_IKE = { phase1: 0, quickModes: 0 };

const fault = (measure: Bound["measure"], most: number): Fault => ({ ...faultNamed("kill"), bound: { measure, most } });

function result(act: Partial<Act>, change: Partial<Direction> = {}, more: Partial<ActResult> = {}): ActResult {
  const outcome: RunOutcome = {
    directions: [{ ...DIRECTION, ...change }, DIRECTION],
    activeBefore: "R1",
    activeAfter: "R2",
    states: {},
    originAt: 0,
    statesBefore: {},
    spoken: [],
    timeline: [],
    log: {},
    probeStallMs: 1,
    problems: [],
  };
  const whole = { fault: fault("gapMs", 80), title: "killed", quickModes: 1, ...act };
  return { act: whole, outcome, ike: NO_IKE, ...more };
}

test("a line says what both directions came to, and what the branch saw", () => {
  expect(resultLine(result({}, { lost: 20, gapMs: 30, reordered: 2 }))).toBe(
    "sent 2000, lost 21, twice 0, reordered 2, gap 30 ms; the branch saw no new phase 1, no quick mode",
  );
  expect(resultLine(result({}, {}, { ike: { phase1: 1, quickModes: 2 } }))).toContain(
    "saw 1 new phase 1, 2 quick modes",
  );
});

test("a bound is for each way, and a login or a problem breaks any act", () => {
  expect(isGood(result({ fault: fault("lost", 1) }))).toBe(true);
  expect(isGood(result({ fault: fault("lost", 1) }, { lost: 2 }))).toBe(false);
  expect(isGood(result({}, { gapMs: 80 }))).toBe(true);
  expect(isGood(result({}, { gapMs: 81 }))).toBe(false);
  expect(isGood(result({}, {}, { ike: { phase1: 0, quickModes: 1 } }))).toBe(true);
  expect(isGood(result({ quickModes: 0 }, {}, { ike: { phase1: 0, quickModes: 1 } }))).toBe(false);
  expect(isGood(result({}, {}, { ike: { phase1: 1, quickModes: 0 } }))).toBe(false);
  const problem = result({});
  expect(isGood({ ...problem, outcome: { ...problem.outcome, problems: ["both are active"] } })).toBe(false);
});

test("the table stands each act beside its bound", () => {
  expect(summaryTable([result({}), result({ title: "handed over", fault: fault("lost", 0) })])).toEqual([
    "             active    sent  lost  reordered  gap ms  phase 1  quick modes  bound",
    "killed       R1 -> R2  2000     2          0      12        0            0  gap <= 80 ms        ok",
    "handed over  R1 -> R2  2000     2          0      12        0            0  lost <= 0 each way  NOT MET",
  ]);
});

test("the demonstration ends with what the article ends with, and more", () => {
  expect(ACTS.map(each => each.fault.name)).toEqual(["none", "shutdown", "kill", "switchover"]);
});
