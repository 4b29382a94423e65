/**
 * What the operator sees of interfaces and routes: the configuration and the kernel's view, joined. Values only;
 * `net-plan.ts` makes them.
 */
import type { IpAddress, Ipv4, MacAddress } from "../wire/address.ts";
import type { Prefix } from "../wire/prefix.ts";

export interface InterfaceStatus {
  /** The IOS name, or the Linux name as it stands. */
  readonly name: string;
  /** The Linux device; `undefined` when the interface is mapped to none. */
  readonly device: string | undefined;
  readonly present: boolean;
  /** `shutdown` is configured. */
  readonly shutdown: boolean;
  /** The device is set up (IFF_UP). */
  readonly up: boolean;
  /** It has a carrier. */
  readonly lineUp: boolean;
  readonly macAddress: MacAddress | undefined;
  readonly mtu: number | undefined;
  readonly description: string | undefined;
  readonly addresses: readonly InterfaceAddress[];
  readonly counters: InterfaceCounters | undefined;
}

export interface InterfaceAddress {
  readonly prefix: Prefix;
  readonly secondary: boolean;
}

/** As the kernel counts them, since the device exists. */
export interface InterfaceCounters {
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

export interface RouteStatus {
  readonly prefix: Prefix;
  readonly source: "connected" | "local" | "static" | "reverse" | "other";
  readonly via: IpAddress | undefined;
  /** IOS name where there is one. */
  readonly interface: string | undefined;
  readonly distance: number;
  readonly metric: number;
}

/** The IPv4 address that `show ip interface brief` prints: the first that is not secondary. */
export function primaryIpv4(status: InterfaceStatus): Ipv4 | undefined {
  const primary = status.addresses.find(each => !each.secondary && !each.prefix.address.includes(":"));
  return primary?.prefix.address as Ipv4 | undefined;
}
