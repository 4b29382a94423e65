/** What a member's main has to replicate, and where: made up for most runs, an IKE engine's in the others. */
import type { Decided } from "../core/commit/commit.ts";
import type { Role } from "../core/gate/liveness-port.ts";
import type { Deed } from "../core/redundancy/ike-decided.ts";
import type { Application, Checkpoint, ChildNumber } from "../core/redundancy/replication-port.ts";

export interface Work {
  /** Main was told of its role; replication has heard of it already. */
  role(role: Role, epoch: number): void;
  /** Replication says that this member is active now, or is no more. */
  turned(active: boolean, how: "failover" | "switchover"): void;
  /** As a standby: all of it is to be installed. */
  apply(application: Application): void;
  /** Every packet up to these was taken by the other member. */
  seen(edges: readonly ChildNumber[]): void;
  /** The fast path may send no more under this key. */
  capReached(spi: number): void;
  /** It sent up to this number under this key. */
  sent(spi: number, last: number): void;
}

/** `shows`: whoever sees it may rely on what was decided with it, whatever replication is told of that. */
export type Shown = Decided<Checkpoint, Deed> & { readonly shows?: boolean };

/** Replication, as work sees it. */
export interface Desk {
  /** What one SA decided at once: it leaves when the standby has it. */
  decided(sa: string, effects: readonly Shown[]): void;
  edges(edges: readonly ChildNumber[]): void;
}
