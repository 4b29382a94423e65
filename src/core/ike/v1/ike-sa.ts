/**
 * One IKEv1 SA as a value that its exchanges change: who the two are, how far main mode is, the keys, and the exchanges under way.
 *
 * What only a negotiation needs stands in the negotiation and goes with it. What a standby must have is in
 * `ike-sa-record.ts`.
 */
import type { Secret } from "../../crypto/secret.ts";
import type { IpAddress } from "../../wire/address.ts";
import { type TimerHandle, timerHandle } from "../../wire/timers.ts";
import type { IsakmpPolicy } from "../isakmp-model.ts";
import type { IkeHash } from "./keys.ts";
import type { MainMode } from "./main-mode.ts";
import type { QuickMode, QuickRequest } from "./quick-mode.ts";

/** Each is one deadline of an IKE SA: when the next DPD message is due, when the SA is renewed, and so on. */
export type IkeTimerName =
  /** Half open: the peer has this long to go on. */
  | "patience"
  | "renew"
  | "expire"
  | "dpd"
  /** NAT between us: an octet every 20 seconds keeps its mapping. */
  | "keepalive"
  /** Another IKE SA with the same peer has taken its place. */
  | "retire";

export type IkeTimer =
  | { readonly kind: "ike"; readonly sa: IkeSa; readonly name: IkeTimerName }
  | { readonly kind: "exchange"; readonly sa: IkeSa; readonly exchange: Exchange };

/** One exchange: main mode (message id 0), a quick mode, or an informational exchange whose octets must not change. */
export interface Exchange {
  readonly messageId: number;
  /** The last block of the last message that was taken or sent: the IV of the next one. */
  iv: Uint8Array;
  /** The digest of the last message that was taken; the same octets again get the same answer. */
  taken: string | undefined;
  answer: Uint8Array | undefined;
  answeredAtMs: number;
  /** Sent again until it is answered. */
  request: { readonly octets: Uint8Array; sendings: number } | undefined;
  work: MainMode | QuickMode | undefined;
  readonly timer: TimerHandle<IkeTimer>;
}

/** Keys of phase 1, RFC 2409 section 5 and appendix B. */
export interface PhaseOneKeys {
  readonly hash: IkeHash;
  /** For keying material of Child SAs. */
  readonly derive: Secret;
  /** For the hashes of messages. */
  readonly authenticate: Secret;
  /** Of AES-CBC. */
  readonly cipher: Secret;
}

export interface PeerFacts {
  dpd: boolean;
  natTraversal: "rfc" | "draft" | undefined;
  /** A gateway of this kind. */
  understudy: boolean;
  /** The body of its identification payload, and how it is shown; known once authenticated. */
  identity: { readonly octets: Uint8Array; readonly shown: string } | undefined;
}

export interface IkeSa {
  /** Our cookie in hexadecimal: of the one member that made it, on both. */
  readonly id: string;
  readonly connection: number;
  readonly owner: string;
  readonly role: "initiator" | "responder";
  readonly local: IpAddress;
  remote: IpAddress;
  localPort: number;
  remotePort: number;
  readonly initiatorCookie: Uint8Array;
  /** All zero until message 2 told it to the initiator. */
  responderCookie: Uint8Array;
  established: boolean;
  policy: IsakmpPolicy | undefined;
  keys: PhaseOneKeys | undefined;
  /** The last block of phase 1: where the IVs of later exchanges come from. */
  lastBlock: Uint8Array;
  peer: PeerFacts;
  /** Who is behind a NAT; `forced`: we said that we are, to have ESP in UDP. */
  nat: { readonly here: boolean; readonly there: boolean; readonly forced: boolean };
  readonly main: Exchange;
  readonly exchanges: Map<number, Exchange>;
  /** Message ids that were used, the oldest first; none is taken twice. */
  readonly usedIds: Set<number>;
  /** Quick modes that wait until it is established. */
  waiting: QuickRequest[];
  /** Main mode was begun to take the place of another one. */
  readonly renews: boolean;
  dpd: {
    nextSequence: number;
    peerSequence: number;
    heardAtMs: number;
    asked: number;
    /** The question that was not answered yet. */
    question: Uint8Array | undefined;
  };
  establishedAtMs: number;
  renewAtMs: number;
  expiresAtMs: number;
  /** A standby may hold it: its end must be told. */
  checkpointed: boolean;
  gone: boolean;
  readonly timers: Readonly<Record<IkeTimerName, TimerHandle<IkeTimer>>>;
}

export interface NewIkeSa {
  readonly id: string;
  readonly connection: number;
  readonly owner: string;
  readonly role: "initiator" | "responder";
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly localPort: number;
  readonly remotePort: number;
  readonly initiatorCookie: Uint8Array;
  readonly responderCookie: Uint8Array;
  readonly renews: boolean;
  readonly now: number;
}

export function newIkeSa({ now, ...given }: NewIkeSa): IkeSa {
  const timer = (name: IkeTimerName): TimerHandle<IkeTimer> => timerHandle({ kind: "ike", sa, name });
  const sa: IkeSa = {
    ...given,
    established: false,
    policy: undefined,
    keys: undefined,
    lastBlock: new Uint8Array(0),
    peer: { dpd: false, natTraversal: undefined, understudy: false, identity: undefined },
    nat: { here: false, there: false, forced: false },
    get main() {
      return main;
    },
    exchanges: new Map(),
    usedIds: new Set(),
    waiting: [],
    dpd: { nextSequence: 0, peerSequence: 0, heardAtMs: now, asked: 0, question: undefined },
    establishedAtMs: 0,
    renewAtMs: Number.POSITIVE_INFINITY,
    expiresAtMs: Number.POSITIVE_INFINITY,
    checkpointed: false,
    gone: false,
    get timers() {
      return timers;
    },
  };
  const main = newExchange(sa, 0, new Uint8Array(0));
  const timers = {
    patience: timer("patience"),
    renew: timer("renew"),
    expire: timer("expire"),
    dpd: timer("dpd"),
    keepalive: timer("keepalive"),
    retire: timer("retire"),
  };
  return sa;
}

export function newExchange(sa: IkeSa, messageId: number, iv: Uint8Array): Exchange {
  const exchange: Exchange = {
    messageId,
    iv,
    taken: undefined,
    answer: undefined,
    answeredAtMs: Number.NEGATIVE_INFINITY,
    request: undefined,
    work: undefined,
    get timer() {
      return timer;
    },
  };
  const timer: TimerHandle<IkeTimer> = timerHandle({ kind: "exchange", sa, exchange });
  return exchange;
}

/** Whether ESP with this peer travels in UDP. */
export function inUdp({ nat }: Pick<IkeSa, "nat">): boolean {
  return nat.here || nat.there || nat.forced;
}

/** `192.0.2.7:500`, as log lines have it. */
export function peerText({ remote, remotePort }: Pick<IkeSa, "remote" | "remotePort">): string {
  return `${remote}:${remotePort}`;
}

/**
 * Whose SAs are whose: the identity that was authenticated, and the address whose key authenticated it. A peer that may
 * use its own key only cannot speak for another.
 */
export function peerIdOf({ remote, peer }: Pick<IkeSa, "remote" | "peer">): string {
  return `${peer.identity?.shown ?? ""}@${remote}`;
}

/** More messages under one IKE SA than this, and the oldest ids are forgotten: each needed the peer's key. */
const USED_IDS_MAX = 1_024;

export function noteMessageId(sa: IkeSa, messageId: number): void {
  sa.usedIds.add(messageId);
  if (sa.usedIds.size <= USED_IDS_MAX) return;
  const [oldest] = sa.usedIds;
  if (oldest !== undefined) sa.usedIds.delete(oldest);
}
