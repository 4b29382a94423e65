/**
 * The data plane as the rest of the gateway sees it: SAs and policies go in, counters and events come out. The
 * userspace fast path, the kernel's XFRM and the simulation's model are three of a kind behind this interface.
 *
 * Everything is in bulk and nothing waits for packets. Roles do not pass here: the fast path reads the role words that
 * the liveness thread alone writes, so a takeover costs the same for one SA and for all. What an SA may send is bounded
 * here all the same: its cap holds whoever believes to be active (`sequence-reservation.ts`).
 */
import type { IpAddress } from "../wire/address.ts";
import type { PacketTuple } from "../wire/selector.ts";
import type { BundleId, Policy } from "./policy.ts";
import type { SaId, SecurityAssociation } from "./security-association.ts";

export interface DataPlane {
  readonly facts: DataPlaneFacts;

  /** Adds SAs; inbound ones take packets from then on, outbound ones wait for `direct`. Their ids must be free. */
  install(sas: readonly SecurityAssociation[]): void;
  update(changes: readonly SaChange[]): void;
  /** From then on no packet uses them; their keys are wiped as soon as no thread can read them. */
  remove(sas: readonly SaId[]): void;

  /** Removes, then adds. Packets see the table before or after, never a part. */
  changePolicies(change: { readonly remove: readonly number[]; readonly add: readonly Policy[] }): void;
  /** The outbound SA of each bundle from now on; without one its next packet asks for it. */
  direct(bundles: readonly { readonly bundle: BundleId; readonly outbound: SaId | undefined }[]): void;

  /** In the order asked for; an SA that is not there counts nothing. */
  counters(sas: readonly SaId[]): SaCounters[];
  /** Edges that moved since the last call. */
  movedEdges(): SequenceEdge[];
  /** By reason, since the start; a reason that never happened is there with 0. */
  drops(): Readonly<Record<string, number>>;
  totals(): DataPlaneTotals;

  /**
   * An orderly switchover of an owner that is draining in this epoch: what waits inside is encrypted, then no number of
   * that epoch is given out any more. Returns when that holds.
   */
  conclude(owner: string, epoch: number): void;
  /** In the order asked for: where SAs stand in the epoch that their owner's role word names. */
  numbers(sas: readonly SaId[]): SaNumber[];
  /** The role of this owner is about to be active here: what comes from inside waits for it, at most until then. */
  expect(owner: string, untilMs: number): void;

  /** The only listener; events come in order, on the thread that owns this object. */
  onEvent(listener: (event: DataPlaneEvent) => void): void;
  /** IKE's share of the port that ESP in UDP uses, without the marker: RFC 3948 section 2.2. */
  onIke(listener: (datagram: IkeDatagram) => void): void;
  sendIke(datagram: IkeDatagram): void;
  /** Tells what happens to packets of this SPI until `undefined`; a few a second, never their contents. */
  trace(spi: number | undefined): void;
  /** Ends the threads and wipes every key. */
  close(): void;
}

/** `show platform dataplane`. */
export interface DataPlaneFacts {
  readonly kind: "userspace" | "kernel" | "model";
  /** Why this one, as a phrase. */
  readonly because: string;
  /** Name and value, in the order to show. */
  readonly details: readonly (readonly [string, string])[];
}

export type SaChange =
  /**
   * The standby holds numbers up to here: on the active the cap moves, on the standby where it would begin. Never back.
   * `epoch` is the active's, so that an answer which comes about a takeover does not count for the wrong one.
   */
  | { readonly id: SaId; readonly change: "acknowledged"; readonly acknowledged: number; readonly epoch: number }
  | { readonly id: SaId; readonly change: "peer"; readonly remote: IpAddress; readonly remotePort: number | undefined }
  | { readonly id: SaId; readonly change: "path-mtu"; readonly pathMtu: number }
  /** The end in time moves to what rekeying decided. */
  | { readonly id: SaId; readonly change: "hard-at"; readonly hardAtMs: number }
  /** An orderly switchover: in this epoch it goes on exactly here, without a jump. */
  | { readonly id: SaId; readonly change: "continue"; readonly sequence: number; readonly epoch: number }
  /** The other side of it: in this epoch the SA uses no number above this one, whatever is acknowledged. */
  | { readonly id: SaId; readonly change: "end"; readonly sequence: number; readonly epoch: number }
  /** What the active says of the inbound window: everything up to here counts as seen. Never back. */
  | { readonly id: SaId; readonly change: "replay-edge"; readonly edge: number };

export interface SaCounters {
  readonly id: SaId;
  readonly packets: number;
  /** Of the inner packets, as lifetimes count. */
  readonly octets: number;
  /** By reason, those that happened. */
  readonly errors: Readonly<Record<string, number>>;
  /** Outbound the last number used, inbound the highest accepted. */
  readonly sequence: number;
  /** Monotonic milliseconds of the last packet; 0 before the first. */
  readonly lastUsedMs: number;
}

export interface SequenceEdge {
  readonly id: SaId;
  readonly sequence: number;
}

export interface SaNumber {
  readonly id: SaId;
  /**
   * Outbound the first number that is free now, inbound the highest that counts as seen; 0 of an SA that is not there.
   */
  readonly sequence: number;
}

export interface DataPlaneTotals {
  readonly sentPackets: number;
  readonly sentOctets: number;
  readonly receivedPackets: number;
  readonly receivedOctets: number;
  /** Clear packets that no policy protects, sent on the ordinary way. */
  readonly bypassedPackets: number;
}

export type DataPlaneEvent =
  /** A packet met a bundle without an SA for it. At most one a bundle and second; the packet is kept for the SA. */
  | { readonly kind: "acquire"; readonly bundle: BundleId; readonly packet: PacketTuple }
  | { readonly kind: "soft-limit" | "hard-limit"; readonly id: SaId; readonly what: LimitKind }
  /** The numbers up to the acknowledged one are used up by half a step: more should be acknowledged. */
  | { readonly kind: "reservation-low"; readonly id: SaId; readonly sequence: number }
  /** The next number would be past the cap: the SA sends no more, a new one is needed. */
  | { readonly kind: "cap-reached"; readonly id: SaId; readonly sequence: number }
  /** So many packets were accepted that a successor should hear of it. */
  | { readonly kind: "edge"; readonly id: SaId; readonly sequence: number }
  /** At most one a second; `count` packets were such since the last. */
  | { readonly kind: "unknown-spi"; readonly spi: number; readonly count: number; readonly packet: PacketTuple }
  /** A packet inside an SA that its selectors do not mean. Rate limited, as is the next. */
  | { readonly kind: "outside-selectors"; readonly id: SaId; readonly packet: PacketTuple }
  /** It arrived in clear and should have been protected. */
  | { readonly kind: "clear"; readonly packet: PacketTuple }
  /** An authenticated packet, the newest of its SA, came from there; only where NAT was detected. */
  | {
      readonly kind: "peer-moved";
      readonly id: SaId;
      readonly remote: IpAddress;
      readonly remotePort: number | undefined;
    }
  | { readonly kind: "path-mtu"; readonly id: SaId; readonly pathMtu: number }
  /** An impossible state of one SA, which closed it: V16. */
  | { readonly kind: "sa-failed"; readonly id: SaId }
  /** So many events were lost because nobody took them in time. */
  | { readonly kind: "events-lost"; readonly count: number }
  /** What `trace` asked for, in words. */
  | { readonly kind: "trace"; readonly text: string };

export type LimitKind = "octets" | "packets" | "time" | "sequence";

export interface IkeDatagram {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
  readonly octets: Uint8Array;
}
