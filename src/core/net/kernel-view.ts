/**
 * The kernel's view of links, addresses and routes, as plain values. The shell reads it over rtnetlink; everything in
 * this room that compares the
 * configuration with the host compares with this.
 */
import type { IpAddress, MacAddress } from "../wire/address.ts";
import type { Prefix } from "../wire/prefix.ts";
import type { InterfaceCounters } from "./net-status.ts";

export interface KernelLink {
  readonly index: number;
  readonly device: string;
  /** Set up by the administrator: IFF_UP. */
  readonly up: boolean;
  /** Has a carrier: IFF_LOWER_UP. */
  readonly carrier: boolean;
  readonly mtu: number;
  /** The link group, IFLA_GROUP; 0 unless somebody set it. */
  readonly group: number;
  readonly macAddress: MacAddress | undefined;
  readonly counters: InterfaceCounters | undefined;
}

export interface KernelAddress {
  readonly linkIndex: number;
  readonly prefix: Prefix;
}

/** A route of the main table. */
export interface KernelRoute {
  readonly prefix: Prefix;
  readonly kind: "unicast" | "blackhole" | "unreachable";
  readonly via: IpAddress | undefined;
  readonly linkIndex: number | undefined;
  readonly metric: number;
  /** Who installed it, rtnetlink's `rtm_protocol`. */
  readonly protocol: number;
}

export interface KernelView {
  readonly links: readonly KernelLink[];
  readonly addresses: readonly KernelAddress[];
  readonly routes: readonly KernelRoute[];
  /** Whether the host forwards IPv4. */
  readonly forwarding: boolean;
  /** The settings that were asked for, as far as they are there. */
  readonly settings?: ReadonlyMap<string, string>;
}

/** The link group of interfaces with a crypto map: what would leave by them is looked at twice. */
export const CRYPTO_LINK_GROUP = 0x4950;

/**
 * Our `ip route` lines carry this rtnetlink protocol number, so that they can be told from everybody else's; free in
 * stock rt_protos.
 */
export const STATIC_ROUTE_PROTOCOL = 251;
/** Reverse routes carry their own, so that a routing daemon can match them apart from static ones. */
export const REVERSE_ROUTE_PROTOCOL = 250;
/** The kernel's own, for the routes of connected networks: RTPROT_KERNEL. */
export const KERNEL_ROUTE_PROTOCOL = 2;
