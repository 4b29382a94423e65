import { expect, test } from "vitest";
import { DeathSigns, lateAfterMs, type ProcessState, parseProcessState, type Stake } from "./death-signs.ts";
import { beatEveryMs } from "./last-will.ts";

const running = { state: "S", exiting: false };
const stopped = { state: "T", exiting: false };
const ending = { state: "R", exiting: true };

const LOOK_MS = 5;
const stake = (holdMs: number): Stake => ({ holdMs, beatMs: beatEveryMs(holdMs) });

/** Looks every 5 ms up to `untilMs` and gives every verdict with its time. */
function watch(
  signs: DeathSigns,
  fromMs: number,
  untilMs: number,
  holdMs: number,
  state: ProcessState,
): [string, number] {
  for (let now = fromMs; now <= untilMs; now += LOOK_MS) {
    signs.awake(now, LOOK_MS);
    const verdict = signs.judge(now, stake(holdMs), () => state);
    if (verdict !== "alive") return [verdict, now];
  }
  return ["alive", untilMs];
}

test("while beats come nobody asks the kernel", () => {
  const signs = new DeathSigns(0);
  for (let now = 0; now < 1_000; now += 5) {
    signs.awake(now, LOOK_MS);
    signs.beat(now, now);
    const verdict = signs.judge(now, stake(50), () => {
      throw new Error("asked");
    });
    expect(verdict).toBe("alive");
  }
});

test("a process that has begun to end is dead as soon as a beat is missing", () => {
  for (const holdMs of [50, 150, 750, 10_000]) {
    const signs = new DeathSigns(0);
    signs.beat(0, 0);
    expect(watch(signs, 5, 1_000, holdMs, ending)).toEqual(["dead", 15]);
    expect(lateAfterMs(beatEveryMs(holdMs))).toBeGreaterThan(beatEveryMs(holdMs));
  }
});

test("beats are at most 10 ms apart, and 5 where a short hold time is at stake", () => {
  expect([15, 50, 100, 140, 200, 750, 10_000].map(beatEveryMs)).toEqual([5, 5, 5, 7, 10, 10, 10]);
});

test("a process that was stopped is given half its hold time, within bounds", () => {
  expect(watch(new DeathSigns(0), 5, 10_000, 50, stopped)).toEqual(["frozen", 25]);
  expect(watch(new DeathSigns(0), 5, 10_000, 150, stopped)).toEqual(["frozen", 75]);
  expect(watch(new DeathSigns(0), 5, 10_000, 10_000, stopped)).toEqual(["frozen", 500]);
});

test("a process that is merely slow is given two seconds, or twice the hold time", () => {
  expect(watch(new DeathSigns(0), 5, 60_000, 50, running)).toEqual(["hanging", 2_000]);
  expect(watch(new DeathSigns(0), 5, 60_000, 1_500, running)).toEqual(["hanging", 3_000]);
});

test("who sleeps as long as it planned has not stood still", () => {
  const signs = new DeathSigns(0);
  const idle = { holdMs: 10_000, beatMs: 100 };
  let verdict = "alive";
  for (let now = 100; verdict === "alive"; now += 100) {
    signs.awake(now, 100);
    verdict = signs.judge(now, idle, () => running);
    expect(now).toBeLessThanOrEqual(20_000);
  }
  expect(verdict).toBe("hanging");
});

test("who did not run itself blames nobody", () => {
  const signs = new DeathSigns(0);
  signs.beat(0, 0);
  expect(watch(signs, 5, 5, 50, running)).toEqual(["alive", 5]);
  expect(watch(signs, 5_000, 6_995, 50, running)).toEqual(["alive", 6_995]);
});

test("after a gap of its own it holds no will until a beat from after the gap has come", () => {
  const signs = new DeathSigns(0);
  signs.beat(0, 0);
  expect(signs.willHolds).toBe(true);
  signs.awake(5, LOOK_MS);
  // What lay in the pipe meanwhile.
  signs.awake(10_000, LOOK_MS);
  signs.beat(4_000, 10_000);
  expect(signs.willHolds).toBe(false);
  signs.awake(10_003, LOOK_MS);
  signs.beat(10_002, 10_003);
  expect(signs.willHolds).toBe(true);
});

test("the kernel's line, whatever the process is called", () => {
  const line = (state: string, flags: number): string => `7 (a) R (b) ${state} 1 7 7 0 -1 ${flags} 100 0`;
  expect(parseProcessState(line("S", 4_194_560))).toEqual({ state: "S", exiting: false });
  expect(parseProcessState(line("R", 4_194_564))).toEqual({ state: "R", exiting: true });
  expect(parseProcessState(line("Z", 0))).toEqual({ state: "Z", exiting: true });
  expect(parseProcessState("")).toEqual({ state: "X", exiting: true });
});
