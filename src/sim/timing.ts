/** The times of one run, all measured in hold times, so that fast timers make short runs and slow ones long. */
import type { Random } from "./random.ts";

export interface Timing {
  readonly helloMs: number;
  readonly holdMs: number;
  /** How long things go wrong. */
  readonly faultsMs: number;
  /** How long nothing may move afterwards: five minutes in one run of ten, else a hundred hold times at most. */
  readonly quietMs: number;
  readonly packetEveryMs: number;
  readonly beatLimitMs: number;
}

/** The fastest make the most events a second, and are drawn least. */
const TIMERS = [
  [15, 50],
  [50, 150],
  [50, 150],
  [250, 750],
  [250, 750],
  [250, 750],
  [3_000, 10_000],
  [3_000, 10_000],
] as const;

const FIVE_MINUTES_MS = 300_000;

export function drawTiming(dice: Random): Timing {
  const [helloMs, holdMs] = dice.pick(TIMERS);
  return timingOf(helloMs, holdMs, dice.chance(0.1));
}

export function timingOf(helloMs: number, holdMs: number, long: boolean): Timing {
  return {
    helloMs,
    holdMs,
    faultsMs: Math.max(6_000, 60 * holdMs),
    quietMs: long ? FIVE_MINUTES_MS : Math.min(FIVE_MINUTES_MS, 100 * holdMs),
    packetEveryMs: Math.max(2, holdMs / 20),
    beatLimitMs: Math.max(500, 2 * holdMs),
  };
}
