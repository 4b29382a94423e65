/** Links over rtnetlink: reading, changing, creating, removing. rtnetlink(7), struct ifinfomsg, IFLA_*. */
import { type MacAddress, macFromOctets, macToOctets } from "../../core/wire/address.ts";
import { AddressFamily, Flag, LinkFlag, MessageType } from "./constants.ts";
import type { Message } from "./message.ts";
import { Attributes, OctetWriter, Structure } from "./octets.ts";
import { change, dump, type Request, removal } from "./request.ts";

const HEADER = 16;
const Ifla = {
  address: 1,
  name: 3,
  mtu: 4,
  link: 5,
  master: 10,
  operState: 16,
  info: 18,
  stats64: 23,
  afSpec: 26,
  group: 27,
} as const;
const Info = { kind: 1, data: 2 } as const;
const MACVLAN_MODE = 1;
const VETH_PEER = 1;
const INET6_ADDRESS_GENERATION = 8;

const OPER_STATES = ["unknown", "not-present", "down", "lower-layer-down", "testing", "dormant", "up"] as const;
export type OperState = (typeof OPER_STATES)[number];

export const MacvlanMode = { private: 1, vepa: 2, bridge: 4, passthru: 8 } as const;

export interface LinkCounters {
  readonly receivedPackets: number;
  readonly receivedOctets: number;
  readonly receiveErrors: number;
  readonly receiveDrops: number;
  readonly multicast: number;
  readonly sentPackets: number;
  readonly sentOctets: number;
  readonly sendErrors: number;
  readonly sendDrops: number;
}

export interface Link {
  readonly index: number;
  readonly name: string;
  /** `veth`, `macvlan`, `tun`; `undefined` for hardware. */
  readonly kind: string | undefined;
  /** IFF_*; the four that matter are spelled out. */
  readonly flags: number;
  readonly up: boolean;
  /** IFF_LOWER_UP */
  readonly carrier: boolean;
  readonly noArp: boolean;
  readonly loopback: boolean;
  readonly mtu: number;
  /**
   * RFC 2863, set a moment after the carrier; what is sent before `up` is lost. `unknown` for links that have no notion
   * of it.
   */
  readonly operState: OperState;
  readonly macAddress: MacAddress | undefined;
  /** The index of the link below, for a macvlan or the other end of a veth. */
  readonly parent: number | undefined;
  readonly group: number;
  readonly counters: LinkCounters | undefined;
}

/** What to change; what is not given stays. */
export interface LinkChange {
  readonly index: number;
  readonly up?: boolean;
  readonly noArp?: boolean;
  readonly mtu?: number;
  readonly macAddress?: MacAddress;
  readonly name?: string;
  readonly group?: number;
  /** `false`: the kernel makes no IPv6 address of its own on this link. */
  readonly ipv6AddressGeneration?: boolean;
}

export type NewLink =
  | { readonly kind: "dummy"; readonly name: string; readonly macAddress?: MacAddress }
  | { readonly kind: "veth"; readonly name: string; readonly peer: string }
  | {
      readonly kind: "macvlan";
      readonly name: string;
      readonly parent: number;
      readonly mode: keyof typeof MacvlanMode;
      readonly macAddress?: MacAddress;
      readonly noArp?: boolean;
    };

export function listLinks(): Request<Link[]> {
  return dump("list the links", MessageType.getLink, header(0, 0, 0).finish(), decodeLink);
}

/** `undefined` for a message about something else. Throws a `WireError`. */
export function decodeLink(message: Message): Link | undefined {
  if (message.type !== MessageType.newLink && message.type !== MessageType.delLink) return undefined;
  const fixed = new Structure(message.body, HEADER, "link");
  // Bridges announce their ports again as a family of their own.
  if (fixed.u8(0) === AddressFamily.bridge) return undefined;
  const attributes = new Attributes(message.body.subarray(HEADER), "link");
  const flags = fixed.u32(8);
  const mac = attributes.octets(Ifla.address);
  return {
    index: fixed.i32(4),
    name: attributes.text(Ifla.name) ?? "",
    kind: attributes.nested(Ifla.info)?.text(Info.kind),
    flags,
    up: (flags & LinkFlag.up) !== 0,
    carrier: (flags & LinkFlag.lowerUp) !== 0,
    noArp: (flags & LinkFlag.noArp) !== 0,
    loopback: (flags & LinkFlag.loopback) !== 0,
    mtu: attributes.u32(Ifla.mtu) ?? 0,
    operState: OPER_STATES[attributes.u8(Ifla.operState) ?? 0] ?? "unknown",
    macAddress: mac?.length === 6 ? macFromOctets(mac) : undefined,
    parent: attributes.u32(Ifla.link),
    group: attributes.u32(Ifla.group) ?? 0,
    counters: counters(attributes.octets(Ifla.stats64)),
  };
}

export function setLink(wanted: LinkChange): Request<void> {
  let flags = 0;
  let mask = 0;
  if (wanted.up !== undefined) mask |= LinkFlag.up;
  if (wanted.up) flags |= LinkFlag.up;
  if (wanted.noArp !== undefined) mask |= LinkFlag.noArp;
  if (wanted.noArp) flags |= LinkFlag.noArp;
  const body = header(wanted.index, flags, mask);
  if (wanted.mtu !== undefined) body.u32Attribute(Ifla.mtu, wanted.mtu);
  if (wanted.macAddress !== undefined) body.attribute(Ifla.address, macToOctets(wanted.macAddress));
  if (wanted.name !== undefined) body.textAttribute(Ifla.name, wanted.name);
  if (wanted.group !== undefined) body.u32Attribute(Ifla.group, wanted.group);
  if (wanted.ipv6AddressGeneration !== undefined) {
    const mode = wanted.ipv6AddressGeneration ? 0 : 1;
    body.nested(Ifla.afSpec, families => {
      families.nested(AddressFamily.ipv6, ipv6 => ipv6.u8Attribute(INET6_ADDRESS_GENERATION, mode));
    });
  }
  return change("change the link", { interface: wanted.index }, MessageType.newLink, 0, body.finish());
}

export function createLink(wanted: NewLink): Request<void> {
  const noArp = wanted.kind === "macvlan" && wanted.noArp === true ? LinkFlag.noArp : 0;
  const body = header(0, noArp, noArp).textAttribute(Ifla.name, wanted.name);
  if (wanted.kind !== "veth" && wanted.macAddress) body.attribute(Ifla.address, macToOctets(wanted.macAddress));
  if (wanted.kind === "macvlan") body.u32Attribute(Ifla.link, wanted.parent);
  body.nested(Ifla.info, info => {
    info.textAttribute(Info.kind, wanted.kind);
    if (wanted.kind === "macvlan") {
      info.nested(Info.data, data => data.u32Attribute(MACVLAN_MODE, MacvlanMode[wanted.mode]));
    } else if (wanted.kind === "veth") {
      const peer = header(0, 0, 0).textAttribute(Ifla.name, wanted.peer).finish();
      info.nested(Info.data, data => data.attribute(VETH_PEER, peer));
    }
  });
  const context = { kind: wanted.kind, name: wanted.name };
  return change("create the link", context, MessageType.newLink, Flag.create | Flag.exclusive, body.finish());
}

/** Content when it is gone already. */
export function removeLink(index: number): Request<void> {
  return removal("remove the link", { interface: index }, MessageType.delLink, header(index, 0, 0).finish());
}

function header(index: number, flags: number, mask: number): OctetWriter {
  return new OctetWriter().u8(AddressFamily.unspecified).u8(0).u16(0).i32(index).u32(flags).u32(mask);
}

/** struct rtnl_link_stats64 begins with these nine. */
function counters(octets: Uint8Array | undefined): LinkCounters | undefined {
  if (octets === undefined || octets.length < 9 * 8) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const at = (index: number): number => Number(view.getBigUint64(index * 8, true));
  return {
    receivedPackets: at(0),
    sentPackets: at(1),
    receivedOctets: at(2),
    sentOctets: at(3),
    receiveErrors: at(4),
    sendErrors: at(5),
    receiveDrops: at(6),
    sendDrops: at(7),
    multicast: at(8),
  };
}
