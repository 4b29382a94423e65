/** Addresses of links over rtnetlink. struct ifaddrmsg, IFA_*. */
import { type IpAddress, ipToOctets } from "../../core/wire/address.ts";
import { formatPrefix, type Prefix } from "../../core/wire/prefix.ts";
import { AddressFamily, Flag, MessageType } from "./constants.ts";
import { bitsOf, familyNumber, ipAttribute } from "./ip-octets.ts";
import type { Message } from "./message.ts";
import { Attributes, OctetWriter, Structure } from "./octets.ts";
import { change, dump, type Request, removal } from "./request.ts";

const HEADER = 8;
const Ifa = { address: 1, local: 2, label: 3, broadcast: 4, cacheInfo: 6, flags: 8, metric: 9, protocol: 11 } as const;
const AddressFlag = { secondary: 0x01, noDad: 0x02, tentative: 0x40, noPrefixRoute: 0x200 } as const;
const FOREVER = 0xffffffff;

export interface LinkAddress {
  readonly linkIndex: number;
  readonly prefix: Prefix;
  readonly secondary: boolean;
  readonly tentative: boolean;
  readonly label: string | undefined;
  /** Seconds; `undefined` for ever. */
  readonly validSeconds: number | undefined;
  /** Who put it there, IFA_PROTO; 0 for nobody in particular. */
  readonly protocol: number;
}

export interface NewAddress {
  readonly linkIndex: number;
  readonly prefix: Prefix;
  readonly label?: string;
  readonly broadcast?: IpAddress;
  /** The kernel removes it by itself after this; renewed by `replaceAddress`. */
  readonly validSeconds?: number;
  readonly protocol?: number;
  /** No route to the prefix comes with it. */
  readonly noPrefixRoute?: boolean;
  /** IPv6: usable at once, without asking whether somebody else has it. */
  readonly noDuplicateDetection?: boolean;
}

export function listAddresses(): Request<LinkAddress[]> {
  const body = header(AddressFamily.unspecified, 0, 0).finish();
  return dump("list the addresses", MessageType.getAddress, body, decodeAddress);
}

/** `undefined` for a message about something else. Throws a `WireError`. */
export function decodeAddress(message: Message): LinkAddress | undefined {
  if (message.type !== MessageType.newAddress && message.type !== MessageType.delAddress) return undefined;
  const fixed = new Structure(message.body, HEADER, "address");
  const family = fixed.u8(0);
  if (family !== AddressFamily.ipv4 && family !== AddressFamily.ipv6) return undefined;
  const attributes = new Attributes(message.body.subarray(HEADER), "address");
  // On a point-to-point link IFA_ADDRESS is the far end's.
  const address = ipAttribute(attributes.octets(Ifa.local) ?? attributes.octets(Ifa.address), "address.local");
  const length = fixed.u8(1);
  if (address === undefined || familyNumber(address) !== family || length > bitsOf(family)) return undefined;
  const flags = attributes.u32(Ifa.flags) ?? fixed.u8(2);
  const lifetimes = attributes.octets(Ifa.cacheInfo);
  const valid = lifetimes && new Structure(lifetimes, 8, "address.lifetimes").u32(4);
  return {
    linkIndex: fixed.u32(4),
    prefix: { address, length },
    secondary: (flags & AddressFlag.secondary) !== 0,
    tentative: (flags & AddressFlag.tentative) !== 0,
    label: attributes.text(Ifa.label),
    validSeconds: valid === FOREVER ? undefined : valid,
    protocol: attributes.u8(Ifa.protocol) ?? 0,
  };
}

/** Refused with EEXIST when the link has it already. */
export function addAddress(wanted: NewAddress): Request<void> {
  return newAddress("add the address", wanted, Flag.create | Flag.exclusive);
}

/** Adds it, or gives the one that is there a new lifetime. */
export function replaceAddress(wanted: NewAddress): Request<void> {
  return newAddress("set the address", wanted, Flag.create | Flag.replace);
}

/** Content when it is gone already. */
export function removeAddress(linkIndex: number, prefix: Prefix): Request<void> {
  const body = header(familyNumber(prefix.address), prefix.length, linkIndex);
  body.attribute(Ifa.local, ipToOctets(prefix.address));
  return removal("remove the address", context(linkIndex, prefix), MessageType.delAddress, body.finish());
}

function newAddress(doing: string, wanted: NewAddress, flags: number): Request<void> {
  const { prefix, linkIndex } = wanted;
  const octets = ipToOctets(prefix.address);
  const body = header(familyNumber(prefix.address), prefix.length, linkIndex);
  body.attribute(Ifa.local, octets).attribute(Ifa.address, octets);
  if (wanted.label !== undefined) body.textAttribute(Ifa.label, wanted.label);
  if (wanted.broadcast !== undefined) body.attribute(Ifa.broadcast, ipToOctets(wanted.broadcast));
  if (wanted.validSeconds !== undefined) {
    const lifetimes = new OctetWriter().u32(wanted.validSeconds).u32(wanted.validSeconds).u32(0).u32(0);
    body.attribute(Ifa.cacheInfo, lifetimes.finish());
  }
  if (wanted.protocol !== undefined) body.u8Attribute(Ifa.protocol, wanted.protocol);
  const bits =
    (wanted.noPrefixRoute ? AddressFlag.noPrefixRoute : 0) | (wanted.noDuplicateDetection ? AddressFlag.noDad : 0);
  if (bits !== 0) body.u32Attribute(Ifa.flags, bits);
  return change(doing, context(linkIndex, prefix), MessageType.newAddress, flags, body.finish());
}

function header(family: number, length: number, linkIndex: number): OctetWriter {
  return new OctetWriter().u8(family).u8(length).u8(0).u8(0).u32(linkIndex);
}

function context(linkIndex: number, prefix: Prefix): Record<string, string | number> {
  return { address: formatPrefix(prefix), interface: linkIndex };
}
