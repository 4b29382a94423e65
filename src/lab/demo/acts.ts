/** What the demonstration does to the pair, in its order, and what each act may cost at most. */

export interface Act {
  /** As `faults.ts` names it. */
  readonly fault: string;
  readonly title: string;
  /** What the bound is for: packets lost or the longest silence, of either direction. */
  readonly measure: "lost" | "gapMs";
  readonly bound: number;
  /** What the far end may see of it: an upper bound; nobody ever logs in anew. */
  readonly quickModes: number;
}

export const ACTS: readonly Act[] = [
  { fault: "none", title: "nothing happens", measure: "lost", bound: 0, quickModes: 0 },
  { fault: "shutdown", title: "the article's failover: shutdown", measure: "lost", bound: 1, quickModes: 0 },
  { fault: "kill", title: "the active is killed", measure: "gapMs", bound: 80, quickModes: 1 },
  { fault: "switchover", title: "switchover on command", measure: "lost", bound: 0, quickModes: 0 },
];
