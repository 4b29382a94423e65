/** Routes over rtnetlink. struct rtmsg, RTA_*. */
import { WireError } from "../../core/errors.ts";
import { type IpAddress, ipToOctets } from "../../core/wire/address.ts";
import { formatPrefix, type Prefix } from "../../core/wire/prefix.ts";
import { AddressFamily, Flag, MessageType, RouteProtocol, RouteScope, RouteTable, RouteType } from "./constants.ts";
import { bitsOf, familyNumber, ipAttribute, unspecified } from "./ip-octets.ts";
import type { Message } from "./message.ts";
import { Attributes, aligned, OctetWriter, Structure } from "./octets.ts";
import { change, dump, type Request, removal } from "./request.ts";

const HEADER = 12;
const Rta = {
  destination: 1,
  interface: 4,
  gateway: 5,
  metric: 6,
  preferredSource: 7,
  metrics: 8,
  multipath: 9,
  realm: 11,
  table: 15,
  mark: 16,
  via: 18,
  nexthop: 30,
} as const;
const Metric = { mtu: 2, advertisedMss: 8 } as const;
const PATH_HEADER = 8;
/** RTM_F_CLONED: a cached exception, not a route that somebody put there. */
const CLONED = 0x200;

export type RouteKind = keyof typeof RouteType;

export interface Path {
  readonly via: IpAddress | undefined;
  readonly linkIndex: number | undefined;
}

export interface Route {
  readonly prefix: Prefix;
  /** `undefined` for the few kinds that have no name here. */
  readonly kind: RouteKind | undefined;
  readonly table: number;
  readonly protocol: number;
  readonly metric: number;
  /** One for an ordinary route, several for multipath, none for what goes nowhere. */
  readonly paths: readonly Path[];
  readonly preferredSource: IpAddress | undefined;
  /** The nexthop object that it points at. */
  readonly nexthop: number | undefined;
  /** A number that the kernel keeps with it, for others to read; IPv4 alone has it. */
  readonly realm: number | undefined;
}

export interface NewRoute {
  readonly prefix: Prefix;
  readonly kind?: "unicast" | "blackhole" | "unreachable" | "prohibit" | "throw" | "local";
  readonly via?: IpAddress;
  readonly linkIndex?: number;
  readonly nexthop?: number;
  readonly metric?: number;
  readonly table?: number;
  readonly protocol?: number;
  readonly preferredSource?: IpAddress;
  readonly mtu?: number;
  readonly advertisedMss?: number;
  /** A kernel without CONFIG_IP_ROUTE_CLASSID refuses it. */
  readonly realm?: number;
}

/** Of every table, or of one. */
export function listRoutes(table?: number): Request<Route[]> {
  const body = header({ family: AddressFamily.unspecified, length: 0, table: 0, protocol: 0, scope: 0, type: 0 });
  // The kernel leaves out the other tables, which may be long; where it does not, they are left out here.
  if (table !== undefined) body.u32Attribute(Rta.table, table);
  return dump("list the routes", MessageType.getRoute, body.finish(), message => {
    const route = decodeRoute(message);
    return table === undefined || route?.table === table ? route : undefined;
  });
}

/** The address that the host's own packets with this mark would leave with; `undefined` where nothing leads there. */
export function sourceTowards(destination: IpAddress, mark: number): Request<IpAddress | undefined> {
  const family = familyNumber(destination);
  const body = header({ family, length: bitsOf(family), table: 0, protocol: 0, scope: 0, type: 0 });
  body.attribute(Rta.destination, ipToOctets(destination)).u32Attribute(Rta.mark, mark);
  return {
    doing: "ask for the route",
    context: { destination },
    type: MessageType.getRoute,
    flags: 0,
    dump: false,
    body: body.finish(),
    answer: ([message]) => {
      if (message === undefined) return undefined;
      const attributes = new Attributes(message.body.subarray(HEADER), "route");
      return ipAttribute(attributes.octets(Rta.preferredSource), "route.source");
    },
    tolerate: ({ errno }) => NOWHERE.has(errno),
  };
}

/** EACCES of a prohibiting route, EINVAL of a blackhole, ENETUNREACH, EHOSTUNREACH. */
const NOWHERE: ReadonlySet<number> = new Set([13, 22, 101, 113]);

/** `undefined` for a message about something else. Throws a `WireError`. */
export function decodeRoute(message: Message): Route | undefined {
  if (message.type !== MessageType.newRoute && message.type !== MessageType.delRoute) return undefined;
  const fixed = new Structure(message.body, HEADER, "route");
  const family = fixed.u8(0);
  if ((fixed.u32(8) & CLONED) !== 0) return undefined;
  const attributes = new Attributes(message.body.subarray(HEADER), "route");
  const address = ipAttribute(attributes.octets(Rta.destination), "route.destination") ?? unspecified(family);
  const length = fixed.u8(1);
  if (address === undefined || familyNumber(address) !== family || length > bitsOf(family)) return undefined;
  const type = fixed.u8(7);
  return {
    prefix: { address, length },
    kind: KIND_OF.get(type),
    table: attributes.u32(Rta.table) ?? fixed.u8(4),
    protocol: fixed.u8(5),
    metric: attributes.u32(Rta.metric) ?? 0,
    paths: paths(attributes),
    preferredSource: ipAttribute(attributes.octets(Rta.preferredSource), "route.source"),
    nexthop: attributes.u32(Rta.nexthop),
    realm: attributes.u32(Rta.realm),
  };
}

/** Refused with EEXIST when a route of the same prefix, table and metric is there. */
export function addRoute(wanted: NewRoute): Request<void> {
  return newRoute("add the route", wanted, Flag.create | Flag.exclusive);
}

/** Adds it, or replaces the one of the same prefix, table and metric. */
export function replaceRoute(wanted: NewRoute): Request<void> {
  return newRoute("set the route", wanted, Flag.create | Flag.replace);
}

/** Removes the first that matches what is given; content when there is none. */
export function removeRoute(wanted: NewRoute): Request<void> {
  const body = header({
    ...common(wanted),
    protocol: wanted.protocol ?? 0,
    scope: RouteScope.nowhere,
    type: wanted.kind === undefined ? 0 : RouteType[wanted.kind],
  });
  return removal("remove the route", context(wanted), MessageType.delRoute, attributes(body, wanted).finish());
}

function newRoute(doing: string, wanted: NewRoute, flags: number): Request<void> {
  const kind = wanted.kind ?? "unicast";
  const onLink = kind === "unicast" && wanted.via === undefined && wanted.nexthop === undefined;
  const body = header({
    ...common(wanted),
    protocol: wanted.protocol ?? RouteProtocol.boot,
    scope: kind === "local" ? RouteScope.host : onLink ? RouteScope.link : RouteScope.universe,
    type: RouteType[kind],
  });
  return change(doing, context(wanted), MessageType.newRoute, flags, attributes(body, wanted).finish());
}

function attributes(body: OctetWriter, wanted: NewRoute): OctetWriter {
  body.attribute(Rta.destination, ipToOctets(wanted.prefix.address));
  body.u32Attribute(Rta.table, wanted.table ?? RouteTable.main);
  if (wanted.via !== undefined) body.attribute(Rta.gateway, ipToOctets(wanted.via));
  if (wanted.linkIndex !== undefined) body.u32Attribute(Rta.interface, wanted.linkIndex);
  if (wanted.nexthop !== undefined) body.u32Attribute(Rta.nexthop, wanted.nexthop);
  if (wanted.metric !== undefined) body.u32Attribute(Rta.metric, wanted.metric);
  if (wanted.realm !== undefined) body.u32Attribute(Rta.realm, wanted.realm);
  if (wanted.preferredSource !== undefined) {
    body.attribute(Rta.preferredSource, ipToOctets(wanted.preferredSource));
  }
  if (wanted.mtu !== undefined || wanted.advertisedMss !== undefined) {
    body.nested(Rta.metrics, metrics => {
      if (wanted.mtu !== undefined) metrics.u32Attribute(Metric.mtu, wanted.mtu);
      if (wanted.advertisedMss !== undefined) metrics.u32Attribute(Metric.advertisedMss, wanted.advertisedMss);
    });
  }
  return body;
}

interface Header {
  readonly family: number;
  readonly length: number;
  readonly table: number;
  readonly protocol: number;
  readonly scope: number;
  readonly type: number;
}

function common(wanted: NewRoute): Pick<Header, "family" | "length" | "table"> {
  const table = wanted.table ?? RouteTable.main;
  // Tables above 255 are named by the attribute alone.
  return { family: familyNumber(wanted.prefix.address), length: wanted.prefix.length, table: table > 255 ? 0 : table };
}

function header(of: Header): OctetWriter {
  const { family, length, table, protocol, scope, type } = of;
  return new OctetWriter().u8(family).u8(length).u8(0).u8(0).u8(table).u8(protocol).u8(scope).u8(type).u32(0);
}

const KIND_OF: ReadonlyMap<number, RouteKind> = new Map(
  Object.entries(RouteType).map(([kind, number]) => [number, kind as RouteKind]),
);

function paths(attributes: Attributes): Path[] {
  const multipath = attributes.octets(Rta.multipath);
  if (multipath !== undefined) return multipaths(multipath);
  const linkIndex = attributes.u32(Rta.interface);
  const via = gateway(attributes);
  return linkIndex === undefined && via === undefined ? [] : [{ via, linkIndex }];
}

function multipaths(octets: Uint8Array): Path[] {
  const found: Path[] = [];
  for (let at = 0; at < octets.length; ) {
    const fixed = new Structure(octets.subarray(at), PATH_HEADER, "route.path");
    const length = fixed.u16(0);
    if (length < PATH_HEADER || at + length > octets.length) {
      throw new WireError("bad-value", "route.path", at, `path of ${length} octets`);
    }
    const attributes = new Attributes(octets.subarray(at + PATH_HEADER, at + length), "route.path");
    found.push({ via: gateway(attributes), linkIndex: fixed.i32(4) });
    at += aligned(length);
  }
  return found;
}

/** A gateway of the route's family, or (RTA_VIA) of another, after its family number. */
function gateway(attributes: Attributes): IpAddress | undefined {
  const other = attributes.octets(Rta.via);
  return ipAttribute(attributes.octets(Rta.gateway) ?? other?.subarray(2), "route.via");
}

function context(wanted: NewRoute): Record<string, string | number> {
  return {
    prefix: formatPrefix(wanted.prefix),
    ...(wanted.via !== undefined && { via: wanted.via }),
    ...(wanted.linkIndex !== undefined && { interface: wanted.linkIndex }),
    ...(wanted.table !== undefined && { table: wanted.table }),
  };
}
