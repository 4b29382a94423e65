import { expect, test } from "vitest";
import type { Direction } from "./probe.ts";
import { holdMsOf, runLine, spread, summarise } from "./run-report.ts";

const direction = (name: string, lost: number, gapMs: number): Direction => ({
  direction: name,
  from: "H1",
  to: "10.99.0.15",
  sent: 5_000,
  received: 5_000 - lost,
  lost,
  duplicated: 0,
  reordered: 0,
  reached: 5_000,
  gapMs,
  gapAtMs: 500,
  probeStallMs: 1,
});

test("median, 99th percentile and maximum are values that were measured", () => {
  expect(spread([])).toEqual({ median: 0, p99: 0, maximum: 0 });
  expect(spread([7])).toEqual({ median: 7, p99: 7, maximum: 7 });
  expect(spread([5, 1, 4, 2, 3])).toEqual({ median: 3, p99: 5, maximum: 5 });
  expect(spread([4, 1, 3, 2])).toEqual({ median: 2, p99: 4, maximum: 4 });
  const hundred = Array.from({ length: 200 }, (_, n) => n + 1);
  expect(spread(hundred)).toEqual({ median: 100, p99: 198, maximum: 200 });
});

test("directions are summed up by name", () => {
  const runs = [
    { directions: [direction("inside", 3, 30), direction("outside", 0, 1)] },
    { directions: [direction("inside", 5, 50), direction("outside", 1, 2)] },
    { directions: [direction("inside", 4, 40), direction("outside", 0, 9)] },
  ];
  expect(summarise(runs)).toEqual([
    {
      direction: "inside",
      lost: { median: 4, p99: 5, maximum: 5 },
      gapMs: { median: 40, p99: 50, maximum: 50 },
    },
    {
      direction: "outside",
      lost: { median: 0, p99: 1, maximum: 1 },
      gapMs: { median: 2, p99: 9, maximum: 9 },
    },
  ]);
  expect(summarise([])).toEqual([]);
});

test("a run is one line, and each problem one more", () => {
  const heading = { topology: "article", fault: "kill", probesPerSecond: 1000 };
  const outcome = {
    directions: [direction("inside", 3, 30)],
    activeBefore: "R1",
    activeAfter: "R2",
    states: {},
    originAt: 0,
    statesBefore: {},
    spoken: [],
    timeline: [],
    log: {},
    probeStallMs: 1.5,
    problems: [],
  };
  const line =
    "article, kill: R1 -> R2; inside lost 3 of 5000, gap 30 ms; gap <= 80 ms: kept; probes at most 1.5 ms late";
  expect(runLine(heading, outcome)).toBe(line);
  expect(runLine(heading, { ...outcome, activeAfter: "R1", problems: ["it did not heal"] })).toBe(
    "article, kill: R1 stayed active; inside lost 3 of 5000, gap 30 ms; gap <= 80 ms: kept; " +
      "probes at most 1.5 ms late\n" +
      "  problem: it did not heal",
  );
});

test("how long the standby took to be hot again stands beside two hold times and 3 s", () => {
  const outcome = {
    directions: [],
    activeBefore: "R1",
    activeAfter: "R2",
    states: {},
    originAt: 0,
    statesBefore: {},
    spoken: [],
    timeline: [],
    log: {},
    probeStallMs: 0,
    problems: [],
  };
  const said = (hotAgainMs: number, timers?: string): string =>
    runLine(
      { topology: "article", fault: "kill", probesPerSecond: 1000, ...(timers !== undefined && { timers }) },
      { ...outcome, hotAgainMs },
    );
  expect(said(4_500)).toContain("hot again in 4500 ms: kept");
  expect(said(4_501)).toContain("hot again in 4501 ms: NOT KEPT");
  expect(said(3_101, "msec 15 msec 50")).toContain("NOT KEPT");
  expect(["3 10", "msec 250 3", "msec 15 msec 50"].map(each => holdMsOf(each))).toEqual([10_000, 3_000, 50]);
});
