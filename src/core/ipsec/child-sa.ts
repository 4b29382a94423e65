/**
 * A Child SA: one pair of ESP SAs as a value, whoever keyed it (a version of IKE, or a person). It is what IKE decides,
 * what both members hold, and what is checkpointed; nobody behind it knows which version made it.
 *
 * Both members know it by its inbound SPI. That is chosen at random with the lowest bit of the member that chooses, so
 * two members that are active for two groups never choose the same. What only a local configuration decides (DF bit,
 * fragmentation, MSS, how often edges are told) is not here: it is read when the pair is installed.
 */
import type { Secret } from "../crypto/secret.ts";
import type { IpAddress } from "../wire/address.ts";
import type { Selector } from "../wire/selector.ts";
import type { EspSuite } from "./esp-suite.ts";
import type { Member } from "./iv-layout.ts";
import type { UdpEncapsulation } from "./security-association.ts";

export interface ChildSa {
  /** Of the inbound SA: its name on both members. */
  readonly spi: number;
  readonly owner: string;
  /** `ProtectedTraffic.key` of the permit that it belongs to. */
  readonly traffic: string;
  /** Source is our side. All that the permit says, or a part of it that the peer asked for. */
  readonly selector: Selector;
  /** Of the IKE SA that made it; `undefined` where none did. */
  readonly ike: string | undefined;
  readonly stage: ChildStage;
  /** Our side began the exchange that made it. */
  readonly initiated: boolean;
  /** Identity of the peer, as one string: children of one peer belong together over its IKE SAs. */
  readonly peerId: string;
  readonly mode: "tunnel" | "transport";
  readonly suite: EspSuite;
  readonly esn: boolean;
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly encapsulation: UdpEncapsulation | undefined;
  readonly inbound: ChildKeys;
  readonly outbound: ChildKeys;
  readonly lifetime: ChildLifetime;
  /** Packets; 0 takes what it has seen already. */
  readonly replayWindow: number;
  readonly pfsGroup: number | undefined;
  /** A NAT was detected: an authenticated packet moves the peer's address. */
  readonly peerMayMove: boolean;
  /** What was found to fit on the way to the peer, octets, outer header included. */
  readonly pathMtu: number | undefined;
}

/** Installed, and waits for the peer; packets leave by it; only takes what still arrives until it is retired. */
export type ChildStage = "fresh" | "current" | "old";

/** Whoever installs the pair owns the keys, and wipes them when it goes. */
export interface ChildKeys {
  readonly spi: number;
  /** The cipher's key, then its salt, as KEYMAT has them. */
  readonly cipherKey: Secret;
  readonly integrityKey: Secret;
}

/** `undefined` is no limit. Times are monotonic milliseconds of this member. */
export interface ChildLifetime {
  readonly softAtMs: number | undefined;
  readonly hardAtMs: number | undefined;
  readonly softOctets: number | undefined;
  readonly hardOctets: number | undefined;
}

export const NO_LIFETIME: ChildLifetime = {
  softAtMs: undefined,
  hardAtMs: undefined,
  softOctets: undefined,
  hardOctets: undefined,
};

/** From 32 random bits: never one of the reserved ones below 256 (RFC 4303 section 2.1), and the member's for good. */
export function inboundSpi(random: number, member: Member): number {
  const spi = (random >>> 1) * 2 + member;
  return spi < 256 ? spi + 256 : spi;
}

/** Whether two values are of the same pair: its keys are the same objects, or at least say the same. */
export function sameKeys(a: ChildSa, b: ChildSa): boolean {
  const same = (left: ChildKeys, right: ChildKeys): boolean =>
    left.spi === right.spi && left.cipherKey.equals(right.cipherKey) && left.integrityKey.equals(right.integrityKey);
  return same(a.inbound, b.inbound) && same(a.outbound, b.outbound);
}
