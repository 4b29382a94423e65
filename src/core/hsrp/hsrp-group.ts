/** One group as the gateway runs it: the machine's settings, and what it needs of the host. */
import type { IpAddress, Ipv6, MacAddress } from "../wire/address.ts";
import {
  ipv4ToNumber,
  ipv6FromOctets,
  isIpv4,
  isLoopback,
  isMulticast,
  isUnspecified,
  macFromOctets,
  macToOctets,
} from "../wire/address.ts";
import { type Prefix, prefixContains } from "../wire/prefix.ts";
import type { HsrpAuth } from "./hsrp-auth.ts";
import type { HsrpGroupSettings } from "./hsrp-settings.ts";

export interface HsrpGroup {
  readonly settings: HsrpGroupSettings;
  /** The Linux device below. */
  readonly device: string;
  /** The interface's addresses: senders must be on one of these networks. */
  readonly own: readonly Prefix[];
  readonly name: string | undefined;
  readonly auth: HsrpAuth;
  /** `undefined` uses the interface's own. */
  readonly virtualMac: MacAddress | undefined;
  /** Further virtual addresses of the same family. */
  readonly secondaries: readonly IpAddress[];
  /** Takes the role of the group with this name and elects nobody. */
  readonly follow: string | undefined;
  /** How long the interface must be up before the group starts, milliseconds. */
  readonly startDelayMs: { readonly minimum: number; readonly reload: number };
  /** What tracked objects take from the priority now; `undefined` while one shuts the group down. */
  readonly decrement: number | undefined;
}

/** A unicast address of a host on one of the interface's networks, and none of its own. */
export function couldBeVirtual(address: IpAddress, own: readonly Prefix[]): boolean {
  if (isMulticast(address) || isLoopback(address) || isUnspecified(address)) return false;
  const network = own.find(prefix => prefixContains(prefix, address));
  if (network === undefined || own.some(prefix => prefix.address === address)) return false;
  return !isNetworkOrBroadcast(address, network);
}

function isNetworkOrBroadcast(address: IpAddress, { length }: Prefix): boolean {
  if (!isIpv4(address) || length > 30) return false;
  const host = ipv4ToNumber(address) % 2 ** (32 - length);
  return host === 0 || host === 2 ** (32 - length) - 1;
}

/** `FastEthernet0/0 1`, `FastEthernet0/0 1 ipv6`: what tells groups apart. */
export function groupKey({ settings }: Pick<HsrpGroup, "settings">): string {
  return `${settings.interface} ${settings.group}${isIpv4(settings.address) ? "" : " ipv6"}`;
}

/** 0005.73a0.0XXX. */
export function virtualMacOf6(group: number): MacAddress {
  return macFromOctets(Uint8Array.of(0, 0x05, 0x73, 0xa0, group >> 8, group & 0xff));
}

/**
 * What `standby N ipv6 autoconfig` makes of the virtual MAC address: fe80::5:73ff:fea0:N. As IOS does, the universal
 * bit stays as it is.
 */
export function virtualLinkLocalOf(mac: MacAddress): Ipv6 {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = macToOctets(mac);
  return ipv6FromOctets(Uint8Array.of(0xfe, 0x80, 0, 0, 0, 0, 0, 0, a, b, c, 0xff, 0xfe, d, e, f));
}

/** Version 1: 0000.0c07.acXX, RFC 2281 section 5.2; version 2: 0000.0c9f.fXXX. */
export function virtualMacOf(version: 1 | 2, group: number): MacAddress {
  if (version === 1) return macFromOctets(Uint8Array.of(0, 0, 0x0c, 0x07, 0xac, group));
  return macFromOctets(Uint8Array.of(0, 0, 0x0c, 0x9f, 0xf0 | (group >> 8), group & 0xff));
}
