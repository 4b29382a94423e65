import { expect, test } from "vitest";
import { DeathSigns, LATE_MS, type ProcessState, parseProcessState } from "./death-signs.ts";

const running = { state: "S", exiting: false };
const stopped = { state: "T", exiting: false };
const ending = { state: "R", exiting: true };

/** Looks every 5 ms up to `untilMs` and gives every verdict with its time. */
function watch(
  signs: DeathSigns,
  fromMs: number,
  untilMs: number,
  holdMs: number,
  state: ProcessState,
): [string, number] {
  for (let now = fromMs; now <= untilMs; now += 5) {
    const verdict = signs.judge(now, holdMs, () => state);
    if (verdict !== "alive") return [verdict, now];
  }
  return ["alive", untilMs];
}

test("while beats come nobody asks the kernel", () => {
  const signs = new DeathSigns(0);
  for (let now = 0; now < 1_000; now += 5) {
    signs.beat(now, now);
    const verdict = signs.judge(now, 50, () => {
      throw new Error("asked");
    });
    expect(verdict).toBe("alive");
  }
});

test("a process that has begun to end is dead as soon as two beats are missing", () => {
  const signs = new DeathSigns(0);
  signs.beat(0, 0);
  expect(watch(signs, 5, 1_000, 10_000, ending)).toEqual(["dead", 15]);
  expect(LATE_MS).toBeLessThan(15);
});

test("a process that was stopped is given half its hold time, within bounds", () => {
  expect(watch(new DeathSigns(0), 5, 10_000, 50, stopped)).toEqual(["frozen", 25]);
  expect(watch(new DeathSigns(0), 5, 10_000, 150, stopped)).toEqual(["frozen", 75]);
  expect(watch(new DeathSigns(0), 5, 10_000, 10_000, stopped)).toEqual(["frozen", 500]);
});

test("a process that is merely slow is given half a second, or twice the hold time", () => {
  expect(watch(new DeathSigns(0), 5, 60_000, 50, running)).toEqual(["hanging", 500]);
  expect(watch(new DeathSigns(0), 5, 60_000, 750, running)).toEqual(["hanging", 1_500]);
});

test("who did not run itself blames nobody", () => {
  const signs = new DeathSigns(0);
  signs.beat(0, 0);
  expect(signs.judge(5, 50, () => running)).toBe("alive");
  expect(signs.judge(5_000, 50, () => running)).toBe("alive");
  expect(watch(signs, 5_005, 5_400, 50, running)).toEqual(["alive", 5_400]);
});

test("after a gap of its own it holds no will until a beat from after the gap has come", () => {
  const signs = new DeathSigns(0);
  signs.beat(0, 0);
  expect(signs.willHolds).toBe(true);
  signs.judge(5, 50, () => running);
  signs.judge(10_000, 50, () => running);
  expect(signs.willHolds).toBe(false);
  // What lay in the pipe meanwhile.
  signs.beat(4_000, 10_001);
  expect(signs.willHolds).toBe(false);
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
