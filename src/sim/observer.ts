/** What the invariants see of the members: all that a member does to the world, at the moment when it does it. */
import type { LivenessEffect } from "../core/gate/liveness-port.ts";
import type { ChildSa } from "../core/ipsec/child-sa.ts";
import type { Frame } from "./lossy-wire.ts";
import type { Run } from "./model-sequence.ts";

/** What a packet tells the world: these records, as they were; `undefined` is a deletion. */
export type Revealed = ReadonlyMap<string, number | undefined>;

export interface Observer {
  /** The liveness core asked for this. */
  effect(member: string, effect: LivenessEffect): void;
  /** A frame came in and was handed to the liveness core. */
  heard(member: string): void;
  /** A frame left; `owner` is whose lease it needed, which means that it speaks as the active. */
  frame(member: string, what: string, owner: string | undefined): void;
  /** The fast path sent a packet as the active. */
  packet(member: string, owner: string, epoch: number): void;
  /** The whole process stood still from `since` until now. */
  woke(member: string, since: number): void;
  /** The process ended, whatever the reason; its addresses are gone with it. */
  died(member: string): void;
  /** These numbers left under this key. */
  numbers(member: string, life: string, spi: number, epoch: number, run: Run): void;
  /** An IKE message left a member or a branch. */
  ike(sender: string, frame: Frame): void;
  /** A member or a branch took a packet of a tunnel. */
  taken(receiver: string, child: ChildSa, sequence: number): void;
  /** Main let this out; `hot` is whether it waits for its standby. */
  revealed(member: string, records: Revealed, hot: boolean): void;
}
