/** Prefixes, masks and wildcard masks of both families. */
import {
  familyOf,
  type IpAddress,
  type Ipv4,
  ipFromOctets,
  ipToOctets,
  ipv4FromNumber,
  ipv4ToNumber,
  parseIp,
} from "./address.ts";

/** An address with a prefix length. Host bits may be set: an interface address is one. */
export interface Prefix {
  readonly address: IpAddress;
  readonly length: number;
}

/** `10.0.0.0/24`, `2001:db8::/32`. Host bits are kept. */
export function parsePrefix(text: string): Prefix | undefined {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text);
  const address = parseIp(match?.[1] ?? "");
  const length = Number(match?.[2]);
  if (address === undefined || length > widthOf(address)) return undefined;
  return { address, length };
}

export function formatPrefix(prefix: Prefix): string {
  return `${prefix.address}/${prefix.length}`;
}

/** 32 or 128. */
export function widthOf(address: IpAddress): number {
  return familyOf(address) === 4 ? 32 : 128;
}

/** The prefix with its host bits cleared. */
export function networkOf(prefix: Prefix): Prefix {
  const octets = ipToOctets(prefix.address).map((octet, at) => octet & maskOctet(prefix.length, at));
  return { address: ipFromOctets(octets), length: prefix.length };
}

/** The last address of the prefix, whose host bits are all ones. */
export function lastOf(prefix: Prefix): IpAddress {
  return ipFromOctets(ipToOctets(prefix.address).map((octet, at) => octet | (0xff & ~maskOctet(prefix.length, at))));
}

export function prefixContains(prefix: Prefix, address: IpAddress): boolean {
  if (familyOf(prefix.address) !== familyOf(address)) return false;
  const inside = ipToOctets(address);
  return ipToOctets(prefix.address).every(
    (octet, at) => ((octet ^ (inside[at] ?? 0)) & maskOctet(prefix.length, at)) === 0,
  );
}

/** Whether the two share an address. */
export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return a.length <= b.length ? prefixContains(a, b.address) : prefixContains(b, a.address);
}

/** `255.255.255.0` is 24; `undefined` when the ones are not all in front. */
export function maskToLength(mask: Ipv4): number | undefined {
  const value = ipv4ToNumber(mask);
  for (let length = 0; length <= 32; length++) if (value === maskNumber(length)) return length;
  return undefined;
}

export function lengthToMask(length: number): Ipv4 {
  return ipv4FromNumber(maskNumber(length));
}

/** The inverse of a mask, as access lists write it: 24 is `0.0.0.255`. */
export function lengthToWildcard(length: number): Ipv4 {
  return ipv4FromNumber(2 ** (32 - length) - 1);
}

function maskNumber(length: number): number {
  return 2 ** 32 - 2 ** (32 - length);
}

/** The octet at `at` of a mask of `length` ones. */
function maskOctet(length: number, at: number): number {
  const ones = Math.min(8, Math.max(0, length - at * 8));
  return (0xff << (8 - ones)) & 0xff;
}
