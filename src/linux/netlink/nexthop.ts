/**
 * Nexthop objects over rtnetlink: where routes point that name one by number, so that all of them move in one request.
 * struct nhmsg, NHA_*.
 */
import { type IpAddress, ipToOctets } from "../../core/wire/address.ts";
import { AddressFamily, Flag, MessageType } from "./constants.ts";
import { ipAttribute } from "./ip-octets.ts";
import type { Message } from "./message.ts";
import { Attributes, OctetWriter, Structure } from "./octets.ts";
import { change, dump, type Request, removal } from "./request.ts";

const HEADER = 8;
const Nha = { id: 1, blackhole: 4, interface: 5, gateway: 6 } as const;

export interface Nexthop {
  readonly id: number;
  readonly family: 4 | 6;
  /** Drops everything. The kernel accepts no interface and no gateway beside it. */
  readonly blackhole: boolean;
  readonly linkIndex: number | undefined;
  readonly via: IpAddress | undefined;
  readonly protocol: number;
}

export interface NewNexthop {
  readonly id: number;
  readonly family: 4 | 6;
  readonly to: { readonly blackhole: true } | { readonly linkIndex: number; readonly via?: IpAddress };
  readonly protocol?: number;
}

export function listNexthops(): Request<Nexthop[]> {
  const body = header(AddressFamily.unspecified, 0).finish();
  return dump("list the nexthops", MessageType.getNexthop, body, decodeNexthop);
}

/** `undefined` for a message about something else, groups of nexthops included. Throws a `WireError`. */
export function decodeNexthop(message: Message): Nexthop | undefined {
  if (message.type !== MessageType.newNexthop && message.type !== MessageType.delNexthop) return undefined;
  const fixed = new Structure(message.body, HEADER, "nexthop");
  const family = fixed.u8(0);
  if (family !== AddressFamily.ipv4 && family !== AddressFamily.ipv6) return undefined;
  const attributes = new Attributes(message.body.subarray(HEADER), "nexthop");
  const id = attributes.u32(Nha.id);
  if (id === undefined) return undefined;
  return {
    id,
    family: family === AddressFamily.ipv4 ? 4 : 6,
    blackhole: attributes.octets(Nha.blackhole) !== undefined,
    linkIndex: attributes.u32(Nha.interface),
    via: ipAttribute(attributes.octets(Nha.gateway), "nexthop.gateway"),
    protocol: fixed.u8(2),
  };
}

/** Refused with EEXIST when there is one of that number. */
export function addNexthop(wanted: NewNexthop): Request<void> {
  return newNexthop("add the nexthop", wanted, Flag.create | Flag.exclusive);
}

/** Adds it, or moves every route that points at it. */
export function replaceNexthop(wanted: NewNexthop): Request<void> {
  return newNexthop("set the nexthop", wanted, Flag.create | Flag.replace);
}

/** Removes it and every route that points at it; content when it is gone already. */
export function removeNexthop(id: number): Request<void> {
  const body = header(AddressFamily.unspecified, 0).u32Attribute(Nha.id, id).finish();
  return removal("remove the nexthop", { nexthop: id }, MessageType.delNexthop, body);
}

function newNexthop(doing: string, wanted: NewNexthop, flags: number): Request<void> {
  const family = wanted.family === 4 ? AddressFamily.ipv4 : AddressFamily.ipv6;
  const body = header(family, wanted.protocol ?? 0).u32Attribute(Nha.id, wanted.id);
  if ("blackhole" in wanted.to) {
    body.attribute(Nha.blackhole, new Uint8Array(0));
  } else {
    body.u32Attribute(Nha.interface, wanted.to.linkIndex);
    if (wanted.to.via !== undefined) body.attribute(Nha.gateway, ipToOctets(wanted.to.via));
  }
  return change(doing, { nexthop: wanted.id }, MessageType.newNexthop, flags, body.finish());
}

function header(family: number, protocol: number): OctetWriter {
  return new OctetWriter().u8(family).u8(0).u8(protocol).u8(0).u32(0);
}
