/**
 * What goes into the IKE engine and what comes out of it: its whole boundary. The gateway's main thread and the
 * simulation are its two outside worlds; both carry out the effects, and neither decides anything.
 *
 * The engine negotiates for every owner at once: a scheme, an HSRP group without one, or `PLAIN_OWNER`. For an owner
 * whose active this member is, it speaks; for any other it holds what it is told to restore and stays silent. Nothing
 * out here knows which version of IKE made an SA.
 */
import type { ChildSa } from "../ipsec/child-sa.ts";
import type { Negotiable } from "../ipsec/negotiation.ts";
import type { LogEvent } from "../log/message.ts";
import type { IpAddress } from "../wire/address.ts";
import type { Selector } from "../wire/selector.ts";
import type { ComputeFailure, ComputeJob, ComputeResult } from "./compute-job.ts";
import type { IsakmpKey, IsakmpModel, IsakmpPolicy } from "./isakmp-model.ts";

/** Everything configured that a negotiation depends on. */
export interface IkeSettings {
  /** The one that is tried first comes first. */
  readonly policies: readonly IsakmpPolicy[];
  readonly keys: readonly IsakmpKey[];
  readonly keepalive: IsakmpModel["keepalive"];
  readonly identity: IsakmpModel["identity"];
  readonly hostname: string;
  readonly invalidSpiRecovery: boolean;
  readonly udpEncapsulation: "auto" | "always" | "never";
  /** What may be protected, in the order of the crypto maps: all owners, active here or not. */
  readonly negotiables: readonly Negotiable[];
  /** The lowest bit of every SPI that this member chooses for itself. */
  readonly memberBit: 0 | 1;
}

/** One UDP datagram of IKE, without the marker of port 4500. */
export interface IkeMessageDatagram {
  readonly local: IpAddress;
  readonly localPort: number;
  readonly remote: IpAddress;
  readonly remotePort: number;
  readonly octets: Uint8Array;
}

export type IkeInput =
  /** All that is wanted from now on. SAs that no longer fit are deleted. */
  | { readonly kind: "configure"; readonly settings: IkeSettings }
  | { readonly kind: "datagram"; readonly datagram: IkeMessageDatagram }
  /**
   * Traffic of this permit has no SA. `selector` is what the Child SA shall carry; by default all that the permit
   * says.
   */
  | { readonly kind: "initiate"; readonly traffic: string; readonly selector?: Selector }
  /** What became of a `compute` effect. Late or unknown ones do nothing. */
  | { readonly kind: "computed"; readonly id: number; readonly result: ComputeResult | ComputeFailure }
  /**
   * Whose active this member is. `failover` and `switchover` say how it became so; at the start of the gateway, and
   * for `PLAIN_OWNER`, it is `start`.
   */
  | { readonly kind: "role"; readonly owner: string; readonly role: "active" | "other"; readonly how: TakeoverKind }
  | { readonly kind: "child"; readonly spi: number; readonly event: ChildEvent }
  /** ESP of an SA that is not here came in, at most a few a second. */
  | { readonly kind: "unknown-spi"; readonly spi: number; readonly local: IpAddress; readonly remote: IpAddress }
  /**
   * A standby's copies, each replacing what was there under its id or SPI. Only for owners that are not active here.
   */
  | { readonly kind: "restore"; readonly records: readonly IkeRecord[]; readonly children: readonly ChildSa[] }
  | { readonly kind: "forget"; readonly ids: readonly string[]; readonly spis: readonly number[] }
  /** `clear crypto …`: the peer is told, and what is needed comes up again with its next packet. */
  | { readonly kind: "clear"; readonly what: ClearWhat }
  /** The gateway stops: peers are told that everything here is gone. Not before a handover, which needs no farewell. */
  | { readonly kind: "farewell"; readonly owner: string };

export type TakeoverKind = "start" | "failover" | "switchover";

export type ChildEvent =
  /** Time for a new one: its octets or packets are nearly used up. Time itself is watched by the engine. */
  | { readonly kind: "soft-limit" }
  | { readonly kind: "hard-limit" }
  /** Its sequence numbers are used up as far as the standby allows: it sends no more. */
  | { readonly kind: "cap-reached" }
  /** The first packet that the peer sent on it was taken. */
  | { readonly kind: "used" }
  /** An authenticated packet came from there; only where NAT was detected. */
  | { readonly kind: "peer-moved"; readonly remote: IpAddress; readonly remotePort: number };

export type ClearWhat =
  | { readonly kind: "all" }
  | { readonly kind: "peer"; readonly remote: IpAddress }
  | { readonly kind: "map"; readonly map: string }
  /** One IKE SA, its Child SAs stay; `undefined` is every IKE SA. */
  | { readonly kind: "ike"; readonly id: string | undefined }
  | { readonly kind: "child"; readonly spi: number };

/** An IKE SA as its active checkpoints it. */
export interface IkeRecord {
  readonly id: string;
  readonly owner: string;
  readonly octets: Uint8Array;
  /** Since it was written: its times have shrunk by so much. */
  readonly ageMs: number;
}

/**
 * What one input decided about one IKE SA: its checkpoints are one transaction, and its order is kept. `sa` is the id
 * of the IKE SA, or `-` where there is none.
 */
export interface IkeDecision {
  readonly owner: string;
  readonly sa: string;
  readonly effects: readonly IkeEffect[];
}

export type IkeEffect =
  /**
   * `reveals`: a peer that reads it may rely on state that the standby must have first. `port` 500 goes out by the
   * socket of `local`, 4500 by the data plane, behind the marker. One octet 0xFF on 4500 is a NAT keepalive: no marker.
   */
  | { readonly do: "transmit"; readonly datagram: IkeMessageDatagram; readonly reveals: boolean }
  | { readonly do: "checkpoint"; readonly id: string; readonly octets: Uint8Array | undefined }
  /** Install both SAs; the outbound one carries nothing yet. The gateway checkpoints it in the same transaction. */
  | { readonly do: "child-up"; readonly child: ChildSa }
  /**
   * Packets of its traffic leave by this SA from now on. It reveals the SA. A standby is told as well, from what it
   * restored, so that nothing is left to do at a takeover.
   */
  | { readonly do: "enable-outbound"; readonly spi: number }
  | { readonly do: "child-changed"; readonly child: ChildSa }
  /** Remove both SAs; the gateway deletes its checkpoint in the same transaction. */
  | { readonly do: "child-down"; readonly spi: number; readonly because: string }
  /** For the crypto pool; `computed` brings the answer. Repeated by a new active, never carried over. */
  | { readonly do: "compute"; readonly id: number; readonly job: ComputeJob }
  | { readonly do: "report"; readonly event: LogEvent }
  /** Only while `debugging`. */
  | { readonly do: "debug"; readonly text: string };

/** Words that the shell reads from the data plane when the engine asks: monotonic milliseconds, 0 for never. */
export interface ChildUsage {
  readonly inboundMs: number;
  readonly outboundMs: number;
}

export interface IkeFacts {
  /** By the inbound SPI; `undefined` where no such SA is installed. */
  readonly usage: (spi: number) => ChildUsage | undefined;
  /** Of whoever stood by: when the active last told that packets had come in by it; 0 for never. */
  readonly edgeToldMs: (spi: number) => number;
}

/** States as `show crypto isakmp sa` names them. */
export type IkeState = "MM_NO_STATE" | "MM_SA_SETUP" | "MM_KEY_EXCH" | "MM_KEY_AUTH" | "QM_IDLE";

/** One IKE SA as `show crypto isakmp sa [detail]` tells it. */
export interface IkeSaView {
  readonly id: string;
  /** `show`'s conn-id: small, of this gateway, from 1001. */
  readonly connection: number;
  readonly owner: string;
  readonly role: "initiator" | "responder";
  readonly version: 1;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly localPort: number;
  readonly remotePort: number;
  readonly state: IkeState;
  /** `standby` while this member is not the active of `owner`. */
  readonly status: "active" | "standby" | "deleted";
  readonly peerIdentity: string | undefined;
  readonly policy: IsakmpPolicy | undefined;
  readonly remainingSeconds: number | undefined;
  readonly nat: { readonly here: boolean; readonly there: boolean };
  readonly dpd: boolean;
  readonly cookies: { readonly initiator: string; readonly responder: string };
}

/** One Child SA with what only IKE knows of it. */
export interface ChildView {
  readonly child: ChildSa;
  /** `current` carries what leaves; `fresh` waits for the peer; `old` takes what still arrives. */
  readonly stage: "fresh" | "current" | "old";
  readonly upSinceMs: number;
  /** The IKE SA that would renew it now. */
  readonly ike: string | undefined;
}

export interface IkeSnapshot {
  readonly ikeSas: readonly IkeSaView[];
  readonly children: readonly ChildView[];
  readonly halfOpen: number;
  readonly counters: Readonly<Record<IkeCounter, number>>;
}

export const IKE_COUNTERS = [
  "messagesIn",
  "messagesOut",
  "retransmitted",
  "repeatedAnswers",
  "refusedMalformed",
  "refusedUnknown",
  "refusedUnauthenticated",
  "refusedHalfOpen",
  "refusedExchange",
  "mainModeUp",
  "mainModeFailed",
  "quickModeUp",
  "quickModeFailed",
  "deadPeers",
] as const;
export type IkeCounter = (typeof IKE_COUNTERS)[number];

/** The engine: what `core/ike/engine.ts` is. */
export interface Ike {
  /** While true, `debug` effects are made. */
  debugging: boolean;
  /** When `handleTimeouts` is next due. */
  readonly next: number | undefined;
  handle(input: IkeInput, now: number): IkeDecision[];
  /** Safe to call at any time; does nothing when nothing is due. */
  handleTimeouts(now: number): IkeDecision[];
  snapshot(now: number): IkeSnapshot;
}
