/**
 * Interfaces, addresses, static routes and tracking objects, as configured. Plain values and maps, so that a
 * candidate is a copy.
 */
import type { IpAddress, Ipv4 } from "../wire/address.ts";
import type { Prefix } from "../wire/prefix.ts";

export interface NetModel {
  hostname: string;
  readonly interfaces: Map<string, InterfaceModel>;
  /** `ipv6 unicast-routing`: this host passes IPv6 packets on. */
  ipv6Routing: boolean;
  /** In the order of entry. */
  readonly routes: StaticRoute[];
  readonly tracks: Map<number, Track>;
}

export interface InterfaceModel {
  readonly name: string;
  /** The Linux device; without it an interface with a Linux name is that device. */
  linuxDevice: string | undefined;
  description: string | undefined;
  address: Prefix | undefined;
  readonly secondaries: Prefix[];
  readonly ipv6: Prefix[];
  mtu: number | undefined;
  /** Largest TCP segment that a tunnel's connections may agree on, octets. */
  adjustMss: number | undefined;
  shutdown: boolean;
}

export interface StaticRoute {
  readonly prefix: Prefix;
  readonly via: IpAddress | undefined;
  readonly interface: string | undefined;
  /** 1 to 255. */
  readonly distance: number;
  readonly tag: number | undefined;
  readonly name: string | undefined;
}

export type Track =
  | { readonly kind: "interface"; readonly interface: string; readonly what: "line-protocol" | "ip routing" }
  | { readonly kind: "route"; readonly prefix: Prefix };

export const DEFAULT_HOSTNAME = "Router";

export function emptyNet(): NetModel {
  return { hostname: DEFAULT_HOSTNAME, ipv6Routing: false, interfaces: new Map(), routes: [], tracks: new Map() };
}

export function newInterface(name: string): InterfaceModel {
  return {
    name,
    linuxDevice: undefined,
    description: undefined,
    address: undefined,
    secondaries: [],
    ipv6: [],
    mtu: undefined,
    adjustMss: undefined,
    shutdown: false,
  };
}

/** The IPv4 addresses of an interface, the primary first. */
export function ipv4Prefixes(model: InterfaceModel): Prefix[] {
  return model.address === undefined ? [...model.secondaries] : [model.address, ...model.secondaries];
}

/** Every address of an interface of this gateway. */
export function ownAddresses(net: NetModel): IpAddress[] {
  return [...net.interfaces.values()].flatMap(each =>
    [...ipv4Prefixes(each), ...each.ipv6].map(prefix => prefix.address),
  );
}

/** The network of a primary address, when it is on one. */
export function onNetworkOf(
  model: InterfaceModel,
  address: Ipv4,
  contains: (prefix: Prefix, address: IpAddress) => boolean,
): boolean {
  return ipv4Prefixes(model).some(prefix => contains(prefix, address));
}
