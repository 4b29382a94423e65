/**
 * One direction of an ESP SA, as a value: everything that the data plane must know of it, and nothing that moves with
 * each packet. RFC 4301 section 4.4.2.1.
 *
 * Numbers that move live in the data plane and are read in bulk (`data-plane.ts`). Sequence numbers, ESN included, are
 * below 2^53 by the reservation's cap, so they are plain numbers.
 */
import type { Secret } from "../crypto/secret.ts";
import { invariant } from "../errors.ts";
import type { IpAddress } from "../wire/address.ts";
import { familyOf } from "../wire/address.ts";
import type { Selector } from "../wire/selector.ts";
import type { EspSuite } from "./esp-suite.ts";
import { isReplayWindow } from "./replay-window.ts";
import { keyLengths } from "./transform-suite.ts";

/** The place of an SA in the SAD and in the data plane's tables, below `SA_LIMIT`; free again once it is removed. */
export type SaId = number;
export const SA_LIMIT = 262_144;

interface SaCommon {
  readonly id: SaId;
  /** 256 to 2^32 - 1, RFC 4303 section 2.1. */
  readonly spi: number;
  /** Whose role word decides whether it carries traffic: a scheme, an HSRP group without one, or `PLAIN_OWNER`. */
  readonly owner: string;
  readonly mode: "tunnel" | "transport";
  readonly suite: EspSuite;
  /** The cipher's key, then its salt, as KEYMAT has them. */
  readonly cipherKey: Secret;
  readonly integrityKey: Secret;
  /** Outer addresses, of one family. */
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** ESP in UDP, RFC 3948; `undefined` is plain ESP. */
  readonly encapsulation: UdpEncapsulation | undefined;
  /** Extended sequence numbers, RFC 4303 section 2.2.1. */
  readonly esn: boolean;
  readonly limits: SaLimits;
}

export interface UdpEncapsulation {
  readonly localPort: number;
  readonly remotePort: number;
}

/** `undefined` is no limit. Soft ones are told once; past a hard one nothing is sent or taken. */
export interface SaLimits {
  readonly softOctets: number | undefined;
  readonly hardOctets: number | undefined;
  readonly softPackets: number | undefined;
  readonly hardPackets: number | undefined;
  /** Milliseconds of the monotonic clock at which the SA is over, whatever it carried. */
  readonly hardAtMs: number | undefined;
}

export const NO_LIMITS: SaLimits = {
  softOctets: undefined,
  hardOctets: undefined,
  softPackets: undefined,
  hardPackets: undefined,
  hardAtMs: undefined,
};

export interface OutboundSa extends SaCommon {
  readonly direction: "outbound";
  /** What it carries, seen from here. */
  readonly selectors: readonly Selector[];
  /** What the standby holds, and the bound that follows: `sequence-reservation.ts`. */
  readonly reservation: { readonly acknowledged: number; readonly jump: number; readonly step: number };
  /** The first number that it may use in `epoch`; whoever begins in another one jumps first. */
  readonly nextSequence: number;
  /** Of its owner, as the control side knew it when it chose `nextSequence`. */
  readonly epoch: number;
  readonly df: "copy" | "set" | "clear";
  /** What fits on the way to the peer, outer header included. */
  readonly pathMtu: number;
  /** Large packets are cut before they are encrypted (each fragment is a packet to the peer), or after. */
  readonly fragmentation: "before-encryption" | "after-encryption";
  /** Largest TCP segment that a SYN may announce: given, or what the path to the peer bears. */
  readonly mss: number | "auto" | undefined;
}

export interface InboundSa extends SaCommon {
  readonly direction: "inbound";
  /** What it may carry, seen from the peer: source is the peer's side. Anything else inside it is dropped. */
  readonly selectors: readonly Selector[];
  /** Packets; 0 takes what it has seen already, as `replay disable` asks. */
  readonly replayWindow: number;
  /** Everything up to here counts as seen: 0 on a new SA, the last edge known after a takeover. */
  readonly replayEdge: number;
  /** Packets accepted between two `edge` events; 0 is none, and `movedEdges` has them all the same. */
  readonly edgePackets: number;
  /** NAT was detected: an authenticated packet that is the newest moves the peer's address, RFC 7296 section 2.23. */
  readonly peerMayMove: boolean;
  /** Largest TCP segment that a SYN of the peer's side may announce. */
  readonly mss: number | undefined;
}

export type SecurityAssociation = OutboundSa | InboundSa;

/** The owner of what no HSRP group decides about: active for as long as the gateway runs. */
export const PLAIN_OWNER = "plain";

/** Holds on both sides of every door that an SA goes through. */
export function assertSaConsistent(sa: SecurityAssociation): void {
  const { suite, cipherKey, integrityKey, spi, id } = sa;
  const lengths = keyLengths(suite);
  const named = `SA ${id} (spi 0x${spi.toString(16)})`;
  invariant(Number.isInteger(id) && id >= 0 && id < SA_LIMIT, `${named}: its place`);
  invariant(Number.isInteger(spi) && spi >= 256 && spi <= 0xffff_ffff, `${named}: its SPI is reserved`);
  invariant(cipherKey.length === lengths.cipher, `${named}: cipher key of ${cipherKey.length} octets`);
  invariant(integrityKey.length === lengths.integrity, `${named}: integrity key of ${integrityKey.length} octets`);
  invariant(familyOf(sa.local) === familyOf(sa.remote), `${named}: outer addresses of two families`);
  invariant(sa.selectors.length > 0, `${named}: it may carry nothing`);
  if (sa.direction === "inbound") {
    invariant(sa.replayWindow === 0 || isReplayWindow(sa.replayWindow), `${named}: window of ${sa.replayWindow}`);
    return;
  }
  const { acknowledged, jump } = sa.reservation;
  invariant(sa.nextSequence >= 1 && sa.nextSequence <= acknowledged + jump, `${named}: starts past its cap`);
}
