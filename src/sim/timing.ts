/** The times of one run, all measured in hold times, so that fast timers make short runs and slow ones long. */
import type { Random } from "./random.ts";

export interface Timing {
  readonly helloMs: number;
  readonly holdMs: number;
  /** How long things go wrong. */
  readonly faultsMs: number;
  /** How long nothing may move afterwards: a dozen hold times, in some runs five minutes. */
  readonly quietMs: number;
  readonly packetEveryMs: number;
  readonly beatLimitMs: number;
}

/** The fastest make the most events a second, and are drawn least. */
const TIMERS = [
  ...Array.from({ length: 1 }, () => [15, 50] as const),
  ...Array.from({ length: 2 }, () => [50, 150] as const),
  ...Array.from({ length: 5 }, () => [250, 750] as const),
  ...Array.from({ length: 5 }, () => [3_000, 10_000] as const),
] as const;

const FIVE_MINUTES_MS = 300_000;
const FAULT_HOLDS = 25;
const QUIET_HOLDS = 12;

export function drawTiming(dice: Random): Timing {
  const [helloMs, holdMs] = dice.pick(TIMERS);
  return timingOf(helloMs, holdMs, dice.chance(holdMs < 500 ? 0.005 : 0.1));
}

export function timingOf(helloMs: number, holdMs: number, long = false): Timing {
  return {
    helloMs,
    holdMs,
    faultsMs: Math.max(4_500, FAULT_HOLDS * holdMs),
    quietMs: long ? FIVE_MINUTES_MS : QUIET_HOLDS * holdMs,
    packetEveryMs: Math.max(2, holdMs / 5),
    beatLimitMs: Math.max(500, 2 * holdMs),
  };
}
