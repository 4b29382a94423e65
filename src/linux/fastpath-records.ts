/**
 * The packed records that go down to the fast path: SAs, updates and policies.
 *
 * Numbers are in the host's order (little-endian on every host that this runs on), addresses in network order and left
 * aligned in 16 octets. The native half of each layout stands in native/fastpath/records.h; the addon's tests prove
 * that the two agree. Values are checked by the native side, whole batches at a time. What comes up is in
 * fastpath-reports.ts.
 */
import { invariant } from "../core/errors.ts";
import { familyOf, type IpAddress, ipToOctets, ipv4ToNumber } from "../core/wire/address.ts";
import { type AddressSet, prefixAround } from "../core/wire/address-set.ts";
import type { PortRange } from "../core/wire/port-set.ts";
import type { Selector } from "../core/wire/selector.ts";

export const SA_RECORD_OCTETS = 288;
export const SELECTOR_OCTETS = 112;
export const UPDATE_RECORD_OCTETS = 48;
export const POLICY_RECORD_OCTETS = 128;
export const NO_PLACE = 0xffff_ffff;

/** No limit, for every number of a record that is one. */
export const UNLIMITED = 2 ** 53 - 1;

export type FastPathCipher = "null" | "aes-cbc" | "aes-gcm" | "chacha20-poly1305";
export type FastPathIntegrity = "none" | "sha1-96" | "sha256-128" | "sha384-192" | "sha512-256";

export interface SaRecord {
  /** Below the length of `edges`; unique among what is installed. */
  readonly place: number;
  /** 256 to 2^32 - 1. */
  readonly spi: number;
  readonly direction: "outbound" | "inbound";
  readonly mode: "tunnel" | "transport";
  /** Which line of the role words decides whether it carries traffic. */
  readonly group: number;
  readonly cipher: FastPathCipher;
  /** `none` exactly with a cipher that authenticates by itself. */
  readonly integrity: FastPathIntegrity;
  /** The cipher's key and its salt, as KEYMAT has them; its length chooses 128, 192 or 256. */
  readonly cipherKey: Uint8Array;
  readonly integrityKey: Uint8Array;
  /** Outer addresses, of one family. */
  readonly local: IpAddress;
  readonly remote: IpAddress;
  /** ESP in UDP (RFC 3948) to this port of the peer; `undefined` is plain ESP. */
  readonly remotePort: number | undefined;
  /** Extended sequence numbers. */
  readonly esn: boolean;
  /**
   * Seen from the sender of the packets that the SA carries: an inbound SA's sources are the peer's side. A packet
   * that none of them means is dropped (inbound) or asks for another SA (outbound).
   */
  readonly selectors: readonly Selector[];
  /** Outbound: the next number, at least 1. Inbound: everything up to here counts as seen. */
  readonly sequence: number;
  /**
   * Outbound: the owner's epoch in which `sequence` may be used. The first packet in any other epoch jumps. It is
   * never read from the role word at installation, because that may be moving.
   */
  readonly epoch: number;
  /** Outbound: R, the highest number that the standby acknowledged (on the standby itself: Rs). */
  readonly acknowledged: number;
  /** Outbound: J. No number above R + J - 1 is used, and a takeover starts at Rs + J. */
  readonly jump: number;
  /** Outbound: a `reservation` event comes when fewer than this many acknowledged numbers are left; 0 is never. */
  readonly reservationLow: number;
  /** Packets, a power of two from 32 to 4,096; 0 takes what it has seen already. */
  readonly replayWindow: number;
  /** Packets accepted between two `edge` events, at most; 0 is none. The dirty bitmap is always kept. */
  readonly edgeInterval: number;
  /** NAT was detected: an authenticated packet that is the newest moves the peer's address and port. */
  readonly peerMayMove: boolean;
  readonly softOctets: number;
  readonly hardOctets: number;
  readonly softPackets: number;
  readonly hardPackets: number;
  /** Milliseconds of the monotonic clock; `UNLIMITED` is never. */
  readonly softAtMs: number;
  readonly hardAtMs: number;
  /** What fits on the way to the peer, outer IP header included. */
  readonly pathMtu: number;
  readonly df: "copy" | "set" | "clear";
  readonly fragmentation: "before-encryption" | "after-encryption";
  /** The outer header's; `copy` is the inner one's. */
  readonly dscp: number | "copy";
  /** RFC 6040: `normal` copies, `compatibility` sends Not-ECT. */
  readonly ecn: "normal" | "compatibility";
  /** TCP's largest segment in SYNs of this SA's direction: a number, `auto` from the path MTU, or left alone. */
  readonly mss: number | "auto" | undefined;
}

export type SaUpdate = { readonly place: number } /**
 * On the active: R, what the standby acknowledged. On a standby: Rs, what this member acknowledges; say so to the
 * active only after this call, and only if the role word still stands in that epoch. `epoch` is the active's: it
 * keeps R apart from Rs when the first packet comes long after a takeover.
 */ & (
  | { readonly kind: "acknowledged"; readonly sequence: number; readonly epoch: number }
  /** On a standby: the active accepted up to here. Never moves back. */
  | { readonly kind: "edge"; readonly sequence: number }
  /** An orderly switchover: in this epoch go on exactly at this number; no jump. */
  | { readonly kind: "continue"; readonly sequence: number; readonly epoch: number }
  /** The other side of it: in this epoch no number above this one. */
  | { readonly kind: "end"; readonly sequence: number; readonly epoch: number }
  | { readonly kind: "path-mtu"; readonly pathMtu: number }
  | { readonly kind: "peer"; readonly remote: IpAddress; readonly remotePort: number | undefined }
  /** The end in time, moved to what rekeying decided. */
  | { readonly kind: "hard-at"; readonly hardAtMs: number }
);

export interface PolicyRecord {
  readonly id: number;
  /** Lower ones are asked first; equal ones in the order of their ids. */
  readonly order: number;
  /** `bypass` is an access list's `deny`. */
  readonly action: "protect" | "bypass" | "drop";
  readonly group: number;
  /** Whose outbound SA protects; any number below the number of places. Used by `protect` alone. */
  readonly bundle: number;
  /** Outbound direction. The reverse of what is protected is refused when it arrives in clear. */
  readonly selector: Selector;
  /** Only packets that are fragments other than the first, as an access list's `fragments`. */
  readonly fragmentsOnly?: boolean;
}

const CIPHERS: readonly FastPathCipher[] = ["null", "aes-cbc", "aes-gcm", "chacha20-poly1305"];
const INTEGRITIES: readonly FastPathIntegrity[] = ["none", "sha1-96", "sha256-128", "sha384-192", "sha512-256"];
const ACTIONS: readonly PolicyRecord["action"][] = ["bypass", "protect", "drop"];
const UPDATES: readonly SaUpdate["kind"][] = ["acknowledged", "edge", "continue", "path-mtu", "peer", "hard-at", "end"];
const DF_BITS = { copy: 0, set: 1, clear: 2 } as const;
const FLAG = {
  esn: 1,
  udp: 2,
  peerMayMove: 4,
  fragmentAfter: 8,
  dscpFixed: 16,
  ecnCompatibility: 32,
  mssAuto: 64,
} as const;

/** Holds keys: the caller wipes it when it is installed. */
export function encodeSas(sas: readonly SaRecord[]): Uint8Array {
  const flattened = sas.map(sa => ({ sa, selectors: sa.selectors.flatMap(rangesApart) }));
  const total = flattened.reduce((sum, { selectors }) => sum + octetsOf(selectors.length), 0);
  const octets = new Uint8Array(total);
  let at = 0;
  for (const { sa, selectors } of flattened) {
    writeSa(octets.subarray(at, at + octetsOf(selectors.length)), sa, selectors);
    at += octetsOf(selectors.length);
  }
  return octets;
}

export function encodeUpdates(updates: readonly SaUpdate[]): Uint8Array {
  const octets = new Uint8Array(updates.length * UPDATE_RECORD_OCTETS);
  for (const [index, update] of updates.entries()) {
    const record = octets.subarray(index * UPDATE_RECORD_OCTETS, (index + 1) * UPDATE_RECORD_OCTETS);
    const view = viewOf(record);
    view.setUint32(0, update.place, true);
    view.setUint32(4, UPDATES.indexOf(update.kind), true);
    const [first, second] = updateNumbers(update);
    setNumber(view, 8, first);
    setNumber(view, 16, second);
    if (update.kind !== "peer") continue;
    view.setUint16(24, update.remotePort ?? 0, true);
    record[26] = familyOf(update.remote);
    record.set(ipToOctets(update.remote), 32);
  }
  return octets;
}

export function encodePolicies(policies: readonly PolicyRecord[]): Uint8Array {
  const apart = policies.map(policy => ({ policy, selectors: rangesApart(policy.selector) }));
  const octets = new Uint8Array(apart.reduce((sum, { selectors }) => sum + selectors.length, 0) * POLICY_RECORD_OCTETS);
  let at = 0;
  for (const { policy, selectors } of apart) {
    for (const selector of selectors) {
      const record = octets.subarray(at, at + POLICY_RECORD_OCTETS);
      const view = viewOf(record);
      view.setUint32(0, policy.id, true);
      view.setUint32(4, policy.order, true);
      record[8] = ACTIONS.indexOf(policy.action);
      view.setUint16(10, policy.group, true);
      view.setUint32(12, policy.bundle, true);
      writeSelector(record.subarray(16), selector, policy.fragmentsOnly === true);
      at += POLICY_RECORD_OCTETS;
    }
  }
  return octets;
}

function octetsOf(selectors: number): number {
  return SA_RECORD_OCTETS + selectors * SELECTOR_OCTETS;
}

function writeSa(record: Uint8Array, sa: SaRecord, selectors: readonly SingleRanges[]): void {
  invariant(sa.cipherKey.length <= 48 && sa.integrityKey.length <= 64, "a key that no suite has");
  const view = viewOf(record);
  view.setUint32(0, sa.place, true);
  view.setUint32(4, sa.spi, true);
  record[8] = sa.direction === "inbound" ? 1 : 0;
  record[9] = sa.mode === "transport" ? 1 : 0;
  record[10] = CIPHERS.indexOf(sa.cipher);
  record[11] = INTEGRITIES.indexOf(sa.integrity);
  view.setUint16(12, sa.group, true);
  view.setUint16(14, flagsOf(sa), true);
  record.set(ipToOctets(sa.local), 16);
  record.set(ipToOctets(sa.remote), 32);
  view.setUint16(48, sa.remotePort ?? 0, true);
  record[50] = familyOf(sa.local);
  record[51] = DF_BITS[sa.df];
  record[52] = sa.dscp === "copy" ? 0 : sa.dscp;
  record[53] = sa.cipherKey.length;
  record[54] = sa.integrityKey.length;
  view.setUint16(56, selectors.length, true);
  view.setUint16(58, typeof sa.mss === "number" ? sa.mss : 0, true);
  view.setUint32(60, sa.pathMtu, true);
  view.setUint32(64, sa.replayWindow, true);
  view.setUint32(68, sa.edgeInterval, true);
  for (const [index, value] of numbersOf(sa).entries()) setNumber(view, 72 + index * 8, value);
  record.set(sa.cipherKey, 160);
  record.set(sa.integrityKey, 208);
  for (const [index, selector] of selectors.entries()) {
    writeSelector(record.subarray(SA_RECORD_OCTETS + index * SELECTOR_OCTETS), selector, false);
  }
}

/** In the order of the layout, from octet 72. */
function numbersOf(sa: SaRecord): number[] {
  return [
    sa.sequence,
    sa.epoch,
    sa.acknowledged,
    sa.jump,
    sa.reservationLow,
    sa.softOctets,
    sa.hardOctets,
    sa.softPackets,
    sa.hardPackets,
    sa.softAtMs,
    sa.hardAtMs,
  ];
}

function flagsOf(sa: SaRecord): number {
  return (
    (sa.esn ? FLAG.esn : 0) |
    (sa.remotePort !== undefined ? FLAG.udp : 0) |
    (sa.peerMayMove ? FLAG.peerMayMove : 0) |
    (sa.fragmentation === "after-encryption" ? FLAG.fragmentAfter : 0) |
    (sa.dscp !== "copy" ? FLAG.dscpFixed : 0) |
    (sa.ecn === "compatibility" ? FLAG.ecnCompatibility : 0) |
    (sa.mss === "auto" ? FLAG.mssAuto : 0)
  );
}

function updateNumbers(update: SaUpdate): [number, number] {
  switch (update.kind) {
    case "edge":
      return [update.sequence, 0];
    case "acknowledged":
    case "continue":
    case "end":
      return [update.sequence, update.epoch];
    case "path-mtu":
      return [update.pathMtu, 0];
    case "hard-at":
      return [update.hardAtMs, 0];
    case "peer":
      return [0, 0];
  }
  return update satisfies never;
}

interface SingleRanges {
  readonly protocol: number | "any";
  readonly source: { readonly addresses: AddressSet; readonly ports: PortRange };
  readonly destination: { readonly addresses: AddressSet; readonly ports: PortRange };
}

/** A port set of several ranges (`neq 80`) becomes several selectors. */
function rangesApart({ protocol, source, destination }: Selector): SingleRanges[] {
  return source.ports.flatMap(from =>
    destination.ports.map(to => ({
      protocol,
      source: { addresses: source.addresses, ports: from },
      destination: { addresses: destination.addresses, ports: to },
    })),
  );
}

const ANY_PROTOCOL = 0xffff;

function writeSelector(record: Uint8Array, selector: SingleRanges, fragmentsOnly: boolean): void {
  const { source, destination } = selector;
  const view = viewOf(record);
  record[0] = familyOf(source.addresses.first);
  record[1] = fragmentsOnly ? 1 : 0;
  view.setUint16(2, selector.protocol === "any" ? ANY_PROTOCOL : selector.protocol, true);
  for (const [index, end] of [source, destination].entries()) {
    view.setUint16(4 + index * 4, end.ports.first, true);
    view.setUint16(6 + index * 4, end.ports.last, true);
    const { first, last } = end.addresses;
    record.set(ipToOctets(first), 16 + index * 48);
    record.set(ipToOctets(last), 32 + index * 48);
    record.set(commonBits(end.addresses), 48 + index * 48);
  }
}

/** Ones where all members have the same bit; with `first` and `last` it says exactly who is a member. */
function commonBits(set: AddressSet): Uint8Array {
  const { length } = prefixAround(set);
  const fixed = set.holes === undefined ? 0 : ~ipv4ToNumber(set.holes.wildcard) >>> 0;
  return ipToOctets(set.first).map((_, at) => {
    const prefix = 0xff & ~(0xff >> Math.min(8, Math.max(0, length - at * 8)));
    return prefix | ((fixed >>> (24 - at * 8)) & 0xff);
  });
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}

function setNumber(view: DataView, at: number, value: number): void {
  view.setBigUint64(at, BigInt(value), true);
}
