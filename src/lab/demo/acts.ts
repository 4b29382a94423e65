/** What the demonstration does to the pair, in its order. What each may cost stands with its fault. */
import { type Fault, faultNamed } from "../faults.ts";

export interface Act {
  readonly fault: Fault;
  readonly title: string;
  /** What the far end may see of it at most; nobody ever logs in anew. */
  readonly quickModes: number;
}

export const ACTS: readonly Act[] = [
  { fault: faultNamed("none"), title: "nothing happens", quickModes: 0 },
  { fault: faultNamed("shutdown"), title: "the article's failover: shutdown", quickModes: 0 },
  { fault: faultNamed("kill"), title: "the active is killed", quickModes: 1 },
  { fault: faultNamed("switchover"), title: "switchover on command", quickModes: 0 },
];
