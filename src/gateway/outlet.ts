/**
 * The one way out for what a core decides about an IKE SA and its children: checkpoints first, then what may be seen.
 *
 * For an owner whose state is replicated, what reveals a checkpoint waits until the standby has it (`core/commit`); for
 * any other there is nobody to wait for.
 */
import type { Decided } from "../core/commit/commit.ts";

/** One checkpointed record, or its end. */
export interface RecordChange {
  readonly kind: "ike" | "child";
  /** Of an IKE SA its id; of a Child SA its inbound SPI, in decimal. */
  readonly key: string;
  /** `undefined`: there is no such record any more. */
  readonly octets: Uint8Array | undefined;
}

/** What the gateway does when an effect's time has come. */
export type Deed = () => void;

export interface Outlet {
  /** What one IKE SA (`sa` tells them apart) of one owner decided at once. */
  decided(owner: string, sa: string, effects: readonly Decided<RecordChange, Deed>[]): void;
}

/** Nothing is replicated: everything is done at once, in order. */
export class DirectOutlet implements Outlet {
  decided(_owner: string, _sa: string, effects: readonly Decided<RecordChange, Deed>[]): void {
    for (const each of effects) if (each.do === "perform") each.effect();
  }
}
