/**
 * One IKEv1 SA as a value that its exchanges change: who the two are, how far main mode is, the keys, and the
 * exchanges under way.
 *
 * What only a negotiation needs stands in the negotiation and goes with it. What a standby must have is in
 * `ike-sa-record.ts`.
 */
import type { Secret } from "../../crypto/secret.ts";
import type { IpAddress } from "../../wire/address.ts";
import { type TimerHandle, timerHandle } from "../../wire/timers.ts";
import type { IsakmpPolicy } from "../isakmp-model.ts";
import type { MainMode, QuickMode, QuickRequest } from "./exchange-work.ts";
import type { IkeHash } from "./keys.ts";

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
export class Exchange {
  readonly messageId: number;
  /** The last block of the last message that was taken or sent: the IV of the next one. */
  iv: Uint8Array;
  /** The digest of the last message that was taken; the same octets again get the same answer. */
  taken: string | undefined = undefined;
  answer: Uint8Array | undefined = undefined;
  answeredAtMs = Number.NEGATIVE_INFINITY;
  /** Sent again until it is answered. */
  request: { readonly octets: Uint8Array; sendings: number } | undefined = undefined;
  work: MainMode | QuickMode | undefined = undefined;
  readonly timer: TimerHandle<IkeTimer>;

  constructor(sa: IkeSa, messageId: number, iv: Uint8Array) {
    this.messageId = messageId;
    this.iv = iv;
    this.timer = timerHandle({ kind: "exchange", sa, exchange: this });
  }
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

export interface NatFacts {
  readonly here: boolean;
  readonly there: boolean;
  readonly forced: boolean;
}

const NO_NAT: NatFacts = { here: false, there: false, forced: false };

export interface DpdState {
  nextSequence: number;
  peerSequence: number;
  heardAtMs: number;
  asked: number;
  /** The question that was not answered yet. */
  question: Uint8Array | undefined;
}

export class IkeSa {
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
  established = false;
  policy: IsakmpPolicy | undefined = undefined;
  keys: PhaseOneKeys | undefined = undefined;
  /** The last block of phase 1: where the IVs of later exchanges come from. */
  lastBlock: Uint8Array = new Uint8Array(0);
  peer: PeerFacts = { dpd: false, natTraversal: undefined, understudy: false, identity: undefined };
  /** Who is behind a NAT; `forced`: we said that we are, to have ESP in UDP. */
  nat: NatFacts = NO_NAT;
  readonly main: Exchange;
  readonly exchanges = new Map<number, Exchange>();
  /** Message ids that either end used, the oldest first: none is taken twice, nor one of ours from a mirror. */
  readonly usedIds = new Set<number>();
  /** Quick modes that wait until it is established. */
  readonly waiting: QuickRequest[] = [];
  dpd: DpdState;
  begunAtMs: number;
  establishedAtMs = 0;
  renewAtMs = Number.POSITIVE_INFINITY;
  expiresAtMs = Number.POSITIVE_INFINITY;
  /** A standby may hold it: its end must be told. */
  checkpointed = false;
  gone = false;
  readonly timers: Readonly<Record<IkeTimerName, TimerHandle<IkeTimer>>>;

  constructor(given: NewIkeSa) {
    this.id = given.id;
    this.connection = given.connection;
    this.owner = given.owner;
    this.role = given.role;
    this.local = given.local;
    this.remote = given.remote;
    this.localPort = given.localPort;
    this.remotePort = given.remotePort;
    this.initiatorCookie = given.initiatorCookie;
    this.responderCookie = given.responderCookie;
    this.begunAtMs = given.now;
    this.dpd = { nextSequence: 0, peerSequence: 0, heardAtMs: given.now, asked: 0, question: undefined };
    this.main = new Exchange(this, 0, new Uint8Array(0));
    this.timers = {
      patience: timerHandle({ kind: "ike", sa: this, name: "patience" }),
      renew: timerHandle({ kind: "ike", sa: this, name: "renew" }),
      expire: timerHandle({ kind: "ike", sa: this, name: "expire" }),
      dpd: timerHandle({ kind: "ike", sa: this, name: "dpd" }),
      keepalive: timerHandle({ kind: "ike", sa: this, name: "keepalive" }),
      retire: timerHandle({ kind: "ike", sa: this, name: "retire" }),
    };
  }
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
  readonly now: number;
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
const USED_IDS_MAX = 256;

export function noteMessageId(sa: IkeSa, messageId: number): void {
  sa.usedIds.add(messageId);
  if (sa.usedIds.size <= USED_IDS_MAX) return;
  const [oldest] = sa.usedIds;
  if (oldest !== undefined) sa.usedIds.delete(oldest);
}
