/**
 * Sets of addresses of one family, as traffic selectors need them: a range, of which a wildcard mask may leave only
 * some. A prefix is a range, and so is a wildcard mask without holes.
 *
 * A set is never empty, and its `first` and `last` are members, so that ranges compare by their ends. Containment and
 * intersection are exact, with holes too: a set lies inside a wildcard mask when no fixed bit of the mask can be wrong
 * in it. Sets are plain values of strings; one set has one `first` and `last`, but may have several masks, so equality
 * is `sameAddresses`.
 */
import { invariant } from "../errors.ts";
import {
  compareIp,
  familyOf,
  type IpAddress,
  type Ipv4,
  ipFromOctets,
  ipToOctets,
  ipv4FromNumber,
  ipv4ToNumber,
  isIpv4,
} from "./address.ts";
import { lastOf, networkOf, type Prefix, widthOf } from "./prefix.ts";

export interface AddressSet {
  readonly first: IpAddress;
  readonly last: IpAddress;
  /** Only where members lie apart: the bits that the wildcard leaves free, and the address that fixes the others. */
  readonly holes?: WildcardMask;
}

/** As access lists write it: a one in `wildcard` is a bit that does not matter. */
export interface WildcardMask {
  readonly address: Ipv4;
  readonly wildcard: Ipv4;
}

export function anyAddress(family: 4 | 6): AddressSet {
  const width = family === 4 ? 4 : 16;
  return { first: ipFromOctets(new Uint8Array(width)), last: ipFromOctets(new Uint8Array(width).fill(0xff)) };
}

export function prefixAddresses(prefix: Prefix): AddressSet {
  return { first: networkOf(prefix).address, last: lastOf(prefix) };
}

/** `undefined` when the ends are of two families or the wrong way round. */
export function addressRange(first: IpAddress, last: IpAddress): AddressSet | undefined {
  return familyOf(first) === familyOf(last) && compareIp(first, last) <= 0 ? { first, last } : undefined;
}

export function wildcardAddresses({ address, wildcard }: WildcardMask): AddressSet {
  const bits = bitsOf({ address, wildcard });
  const set = within(bits.value, (bits.value | bits.free) >>> 0, bits);
  invariant(set !== undefined, `no address matches ${address} ${wildcard}`);
  return set;
}

/** Families never meet: every IPv4 address is before every IPv6 one. */
export function hasAddress(set: AddressSet, address: IpAddress): boolean {
  if (compareIp(set.first, address) > 0 || compareIp(address, set.last) > 0) return false;
  return set.holes === undefined || (isIpv4(address) && fits(bitsOf(set.holes), ipv4ToNumber(address)));
}

export function containsAddresses(outer: AddressSet, inner: AddressSet): boolean {
  if (compareIp(outer.first, inner.first) > 0 || compareIp(inner.last, outer.last) > 0) return false;
  return outer.holes === undefined || !strays(inner, bitsOf(outer.holes));
}

export function sameAddresses(a: AddressSet, b: AddressSet): boolean {
  return containsAddresses(a, b) && containsAddresses(b, a);
}

/** `undefined` when they share no address. */
export function intersectAddresses(a: AddressSet, b: AddressSet): AddressSet | undefined {
  const first = compareIp(a.first, b.first) >= 0 ? a.first : b.first;
  const last = compareIp(a.last, b.last) <= 0 ? a.last : b.last;
  if (a.holes === undefined && b.holes === undefined) return addressRange(first, last);
  if (!isIpv4(first) || !isIpv4(last)) return undefined;
  const left = bitsIn(a);
  const right = bitsIn(b);
  if ((left.value ^ right.value) & ~left.free & ~right.free) return undefined;
  const bits = { value: (left.value | right.value) >>> 0, free: (left.free & right.free) >>> 0 };
  return within(ipv4ToNumber(first), ipv4ToNumber(last), bits);
}

/** The fewest prefixes that are the set together, in order; `undefined` for one with holes. */
export function prefixesOf(set: AddressSet): Prefix[] | undefined {
  if (set.holes !== undefined) return undefined;
  const width = widthOf(set.first);
  const last = numberOf(set.last);
  const prefixes: Prefix[] = [];
  for (let at = numberOf(set.first); at <= last; ) {
    let free = 0;
    while (free < width && at % 2n ** BigInt(free + 1) === 0n && at + 2n ** BigInt(free + 1) - 1n <= last) free++;
    prefixes.push({ address: addressOf(at, width), length: width - free });
    at += 2n ** BigInt(free);
  }
  return prefixes;
}

/** The prefix that is the set, if there is one. */
export function prefixOf(set: AddressSet): Prefix | undefined {
  const around = prefixAround(set);
  return set.holes === undefined && around.address === set.first && lastOf(around) === set.last ? around : undefined;
}

/** The smallest prefix that the set lies in. */
export function prefixAround(set: AddressSet): Prefix {
  const differing = numberOf(set.first) ^ numberOf(set.last);
  const length = widthOf(set.first) - (differing === 0n ? 0 : differing.toString(2).length);
  return networkOf({ address: set.first, length });
}

/** A wildcard mask as 32-bit numbers. `value` is zero where bits are free. */
interface Bits {
  readonly value: number;
  readonly free: number;
}

function bitsOf({ address, wildcard }: WildcardMask): Bits {
  const free = ipv4ToNumber(wildcard);
  return { value: (ipv4ToNumber(address) & ~free) >>> 0, free };
}

const ALL_FREE: Bits = { value: 0, free: 0xffff_ffff };

function bitsIn(set: AddressSet): Bits {
  return set.holes === undefined ? ALL_FREE : bitsOf(set.holes);
}

function fits({ value, free }: Bits, address: number): boolean {
  return ((address ^ value) & ~free) === 0;
}

/** The set of what fits between two addresses, which need not fit themselves. */
function within(from: number, to: number, bits: Bits): AddressSet | undefined {
  const first = nextFit(bits, from);
  const last = lastFit(bits, to);
  if (first === undefined || last === undefined || first > last) return undefined;
  const range = { first: ipv4FromNumber(first), last: ipv4FromNumber(last) };
  if (!strays(range, bits)) return range;
  return { ...range, holes: { address: ipv4FromNumber(bits.value), wildcard: ipv4FromNumber(bits.free) } };
}

/** Whether any member does not fit: one with a wrong bit somewhere that `bits` fixes. */
function strays(set: AddressSet, bits: Bits): boolean {
  if (!isIpv4(set.first) || !isIpv4(set.last)) return true;
  const own = bitsIn(set);
  const first = ipv4ToNumber(set.first);
  const last = ipv4ToNumber(set.last);
  for (let at = 0; at < 32; at++) {
    const bit = (1 << at) >>> 0;
    if (bits.free & bit) continue;
    const wrong = ~bits.value & bit;
    if (!(own.free & bit)) {
      if ((own.value & bit) === wrong) return true;
      continue;
    }
    const stray = nextFit({ value: (own.value | wrong) >>> 0, free: (own.free & ~bit) >>> 0 }, first);
    if (stray !== undefined && stray <= last) return true;
  }
  return false;
}

/** The least address from `from` on that fits. */
function nextFit(bits: Bits, from: number): number | undefined {
  const wrong = ((from ^ bits.value) & ~bits.free) >>> 0;
  if (wrong === 0) return from;
  // The highest wrong bit. Where it must rise, what lies above it stays; where it must fall, the nearest free zero
  // above it must rise instead. Either way all below becomes as small as it can.
  let at = 31 - Math.clz32(wrong);
  if (from & (1 << at)) {
    do at++;
    while (at < 32 && !(~from & bits.free & (1 << at)));
    if (at === 32) return undefined;
  }
  const above = at === 31 ? 0 : (-1 << (at + 1)) >>> 0;
  return ((from & above) | (1 << at) | (bits.value & ~above)) >>> 0;
}

/** The greatest address up to `to` that fits: the least one of the mirrored question. */
function lastFit(bits: Bits, to: number): number | undefined {
  const mirrored = nextFit({ value: (~bits.value & ~bits.free) >>> 0, free: bits.free }, ~to >>> 0);
  return mirrored === undefined ? undefined : ~mirrored >>> 0;
}

function numberOf(address: IpAddress): bigint {
  return ipToOctets(address).reduce((value, octet) => value * 256n + BigInt(octet), 0n);
}

function addressOf(value: bigint, width: number): IpAddress {
  const octets = new Uint8Array(width / 8);
  for (let at = octets.length - 1, left = value; at >= 0; at--, left /= 256n) octets[at] = Number(left % 256n);
  return ipFromOctets(octets);
}
