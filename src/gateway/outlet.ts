/**
 * The one way out for what a core decides about an IKE SA and its children: checkpoints first, then what may be seen.
 *
 * For an owner whose state is replicated, what reveals a checkpoint waits until the standby has it (`core/commit`); for
 * any other there is nobody to wait for.
 */
import type { Decided } from "../core/commit/commit.ts";
import type { Deed } from "../core/redundancy/ike-decided.ts";
import type { Checkpoint } from "../core/redundancy/replication-port.ts";

export interface Outlet {
  /** What one IKE SA (`sa` tells them apart) of one owner decided at once. */
  decided(owner: string, sa: string, effects: readonly Decided<Checkpoint, Deed>[]): void;
}

/** Nothing is replicated: everything is done at once, in order. */
export class DirectOutlet implements Outlet {
  decided(_owner: string, _sa: string, effects: readonly Decided<Checkpoint, Deed>[]): void {
    for (const each of effects) if (each.do === "perform") each.effect();
  }
}
