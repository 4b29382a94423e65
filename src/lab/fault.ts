/** What a fault is: what happens, how it heals, and what it may cost. The faults themselves stand in `faults.ts`. */
import type { Levers } from "./levers.ts";
import type { Renewal } from "./renegotiation.ts";

/** What a fault may cost at most, in whichever direction costs more. */
export interface Bound {
  readonly measure: "lost" | "gapMs";
  readonly most: number;
  /** It is promised for these timers alone; for any when left out. */
  readonly timers?: string;
}

export interface Fault {
  readonly name: string;
  /** What happens, and to whom. */
  readonly summary: string;
  readonly heals: string;
  /** Who is active while the fault lasts: the other member, the same one, or nobody that can be told beforehand. */
  readonly activeMoves: "moves" | "stays" | "either";
  /** What the far end may see of it. */
  readonly renewal: Renewal;
  /** How long the fault lasts at least, milliseconds. `--duration` replaces it. */
  readonly lastsMs: number;
  /** It strikes both members, or their links as a whole. */
  readonly strikesBoth?: true;
  /** It is done at both ends, and each must have a pair. */
  readonly atBothEnds?: true;
  /** Where something is promised: docs/failover.md. */
  readonly bound?: Bound;
  /** Before probes are sent. Who needs that leaves the lab other than it was. */
  readonly prepare?: (levers: Levers) => Promise<void>;
  /** Done when the fault is there. What lasts by itself lasts for `lastsMs`. */
  readonly inject: (levers: Levers, lastsMs: number) => Promise<void> | void;
  readonly heal: (levers: Levers) => Promise<void> | void;
}
