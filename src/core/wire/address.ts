/**
 * IP and MAC addresses as values: strings in their one canonical text form, so that they compare with `===`, key a
 * `Map` and print as they are.
 *
 * IPv4 is dotted decimal, IPv6 is RFC 5952, MAC is IOS's `0000.0c07.ac01`. Parsing is total; what does not parse is
 * `undefined`.
 */
import { invariant } from "../errors.ts";

declare const brand: unique symbol;
export type Ipv4 = string & { readonly [brand]: "ipv4" };
export type Ipv6 = string & { readonly [brand]: "ipv6" };
export type IpAddress = Ipv4 | Ipv6;
export type MacAddress = string & { readonly [brand]: "mac" };

const TWO_32 = 2 ** 32;

export function familyOf(address: IpAddress): 4 | 6 {
  return address.includes(":") ? 6 : 4;
}

export function isIpv4(address: IpAddress): address is Ipv4 {
  return familyOf(address) === 4;
}

/** Dotted decimal of four parts; a part has no leading zero, which elsewhere would mean octal. */
export function parseIpv4(text: string): Ipv4 | undefined {
  if (!/^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text)) return undefined;
  return text.split(".").every(part => Number(part) <= 255) ? (text as Ipv4) : undefined;
}

/** RFC 4291 section 2.2, all three forms; a zone is not part of an address. */
export function parseIpv6(text: string): Ipv6 | undefined {
  if (text.length > 45 || !text.includes(":")) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const groups = halves.map((half, at) => groupsOf(half, at === halves.length - 1));
  const [head, tail] = groups;
  if (head === undefined || (halves.length === 2 && tail === undefined)) return undefined;
  if (halves.length === 1) return head.length === 8 ? formatGroups(head) : undefined;
  const zeros = 8 - head.length - (tail?.length ?? 0);
  if (zeros < 1 || tail === undefined) return undefined;
  return formatGroups([...head, ...new Array<number>(zeros).fill(0), ...tail]);
}

export function parseIp(text: string): IpAddress | undefined {
  return parseIpv4(text) ?? parseIpv6(text);
}

/** `0000.0c07.ac01`, `00:00:0c:07:ac:01` or `00-00-0c-07-ac-01`. */
export function parseMac(text: string): MacAddress | undefined {
  const dotted = /^([0-9a-f]{1,4})\.([0-9a-f]{1,4})\.([0-9a-f]{1,4})$/i.exec(text);
  if (dotted) {
    const groups = dotted.slice(1).map(group => group.toLowerCase().padStart(4, "0"));
    return groups.join(".") as MacAddress;
  }
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i.test(text) && !/^[0-9a-f]{2}(-[0-9a-f]{2}){5}$/i.test(text)) return undefined;
  return macFromOctets(Uint8Array.from(text.split(/[:-]/).map(octet => Number.parseInt(octet, 16))));
}

export function ipv4FromNumber(value: number): Ipv4 {
  invariant(Number.isInteger(value) && value >= 0 && value < TWO_32, `${value} is no IPv4 address`);
  return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join(".") as Ipv4;
}

export function ipv4ToNumber(address: Ipv4): number {
  return address.split(".").reduce((value, part) => value * 256 + Number(part), 0);
}

export function ipv4FromOctets(octets: Uint8Array): Ipv4 {
  invariant(octets.length === 4, `${octets.length} octets are no IPv4 address`);
  return octets.join(".") as Ipv4;
}

export function ipv4ToOctets(address: Ipv4): Uint8Array {
  return Uint8Array.from(address.split(".").map(Number));
}

export function ipv6FromOctets(octets: Uint8Array): Ipv6 {
  invariant(octets.length === 16, `${octets.length} octets are no IPv6 address`);
  return formatGroups(Array.from({ length: 8 }, (_, at) => (octets[at * 2] ?? 0) * 256 + (octets[at * 2 + 1] ?? 0)));
}

export function ipv6ToOctets(address: Ipv6): Uint8Array {
  const out = new Uint8Array(16);
  for (const [at, group] of expand(address).entries()) {
    out[at * 2] = group >> 8;
    out[at * 2 + 1] = group & 0xff;
  }
  return out;
}

export function ipFromOctets(octets: Uint8Array): IpAddress {
  return octets.length === 4 ? ipv4FromOctets(octets) : ipv6FromOctets(octets);
}

export function ipToOctets(address: IpAddress): Uint8Array {
  return isIpv4(address) ? ipv4ToOctets(address) : ipv6ToOctets(address);
}

export function macFromOctets(octets: Uint8Array): MacAddress {
  invariant(octets.length === 6, `${octets.length} octets are no MAC address`);
  const hex = [...octets].map(octet => octet.toString(16).padStart(2, "0")).join("");
  return `${hex.substring(0, 4)}.${hex.substring(4, 8)}.${hex.substring(8)}` as MacAddress;
}

export function macToOctets(mac: MacAddress): Uint8Array {
  const hex = mac.replaceAll(".", "");
  return Uint8Array.from({ length: 6 }, (_, at) => Number.parseInt(hex.substring(at * 2, at * 2 + 2), 16));
}

/** Numeric order; every IPv4 address before every IPv6 one. */
export function compareIp(a: IpAddress, b: IpAddress): number {
  const left = ipToOctets(a);
  const right = ipToOctets(b);
  if (left.length !== right.length) return left.length - right.length;
  for (const [at, octet] of left.entries()) {
    const other = right[at] ?? 0;
    if (octet !== other) return octet - other;
  }
  return 0;
}

export function isMulticast(address: IpAddress): boolean {
  const [first = 0] = ipToOctets(address);
  return isIpv4(address) ? first >= 224 && first < 240 : first === 0xff;
}

export function isLoopback(address: IpAddress): boolean {
  return isIpv4(address) ? address.startsWith("127.") : address === "::1";
}

export function isUnspecified(address: IpAddress): boolean {
  return address === "0.0.0.0" || address === "::";
}

export function isLinkLocal(address: IpAddress): boolean {
  const [first = 0, second = 0] = ipToOctets(address);
  return isIpv4(address) ? first === 169 && second === 254 : first === 0xfe && (second & 0xc0) === 0x80;
}

/** The 16-bit groups of one side of `::`; the last part of an address may be an IPv4 one. */
function groupsOf(half: string, last: boolean): number[] | undefined {
  if (half === "") return [];
  const groups: number[] = [];
  const parts = half.split(":");
  for (const [at, part] of parts.entries()) {
    const embedded = last && at === parts.length - 1 ? parseIpv4(part) : undefined;
    if (embedded !== undefined) {
      const value = ipv4ToNumber(embedded);
      groups.push(Math.floor(value / 65_536), value % 65_536);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups.length <= 8 ? groups : undefined;
}

function expand(address: Ipv6): number[] {
  const [head = "", tail] = address.split("::");
  const left = groupsOf(head, tail === undefined) ?? [];
  if (tail === undefined) return left;
  const right = groupsOf(tail, true) ?? [];
  return [...left, ...new Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/**
 * RFC 5952 section 4: lower case, no leading zeros, the longest run of two or more zero groups (the first of equals)
 * as `::`; section 5: an IPv4 address inside ::ffff:0:0/96 as such.
 */
function formatGroups(groups: readonly number[]): Ipv6 {
  const [high = 0, low = 0] = groups.slice(6);
  const mapped = groups[5] === 0xffff && groups.slice(0, 5).every(group => group === 0);
  if (mapped) return `::ffff:${ipv4FromNumber(high * 65_536 + low)}` as Ipv6;
  let best = { start: 0, length: 1 };
  for (let start = 0; start < 8; start++) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  const hex = (part: readonly number[]): string => part.map(group => group.toString(16)).join(":");
  if (best.length === 1) return hex(groups) as Ipv6;
  return `${hex(groups.slice(0, best.start))}::${hex(groups.slice(best.start + best.length))}` as Ipv6;
}
