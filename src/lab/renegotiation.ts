/** What of IKE the far end may see of a fault, and whether what it saw is that. Pure. */
import type { IkeTallied } from "./ike-tally.ts";

export type Renewal =
  /** An orderly handover, or none: the same SAs go on. */
  | "nothing"
  /** A failover: nobody logs in anew, and each pair of SAs is renewed once. */
  | "each pair once"
  /** The member that goes can still hand over, by another path; where that is too late it is a failover. */
  | "each pair at most once"
  /** Keys are renewed meanwhile, and the exchange may have to be begun again. */
  | "no login"
  /** A failover at either end: each renews what it went on with, or finds it renewed. */
  | "each pair at most twice"
  /** Both members were lost, or it cannot be told beforehand. */
  | "anything";

export function negotiatedSince(before: IkeTallied | undefined, now: IkeTallied): IkeTallied {
  return {
    phase1: now.phase1 - (before?.phase1 ?? 0),
    quickModes: now.quickModes - (before?.quickModes ?? 0),
  };
}

/** In words; `pairs` of SAs are those that the fault struck. */
export function renewalProblems(renewal: Renewal, pairs: number, { phase1, quickModes }: IkeTallied): string[] {
  if (renewal === "anything") return [];
  const most = renewal === "nothing" ? 0 : renewal === "each pair at most twice" ? 2 * pairs : pairs;
  const isFewer = renewal.startsWith("each pair at most") && quickModes < most;
  const isDue = renewal === "no login" || isFewer || quickModes === most;
  return [
    ...(phase1 > 0 ? [`the far end was logged in to anew, ${phase1} times`] : []),
    ...(isDue ? [] : [`the far end saw ${quickModes} quick modes, and ${most} were due`]),
  ];
}
