/**
 * The virtual addresses of a group of IPv6: one that is local to the link, which its packets name and which is the
 * hosts' gateway, and any number of global ones beside it.
 *
 * What is not given is made from the virtual MAC address, the same on every member even where one uses its interface's
 * own MAC address. As IOS does, the universal bit stays as it is: 0005.73a0.0001 gives fe80::5:73ff:fea0:1, where RFC
 * 4291 appendix A would give fe80::205:….
 */
import {
  type Ipv6,
  ipToOctets,
  ipv6FromOctets,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isUnspecified,
  type MacAddress,
} from "../wire/address.ts";
import { networkOf, type Prefix } from "../wire/prefix.ts";
import { virtualLinkLocalOf, virtualMacOf, virtualMacOf6 } from "./hsrp-group.ts";
import type { HsrpGroupModel } from "./hsrp-model.ts";

/** The length of a prefix that leaves room for 64 bits of an interface. */
const PREFIX_LENGTH_MAX = 64;
const INTERFACE_ID_AT = 8;

type Ipv6Part = Pick<HsrpGroupModel, "ipv6LinkLocal" | "ipv6Globals">;

export function isOfIpv6({ ipv6LinkLocal, ipv6Globals }: Ipv6Part): boolean {
  return ipv6LinkLocal !== undefined || ipv6Globals.length > 0;
}

/** The group's own, whatever the interface uses. */
export function macOfModel(version: 1 | 2, model: HsrpGroupModel): MacAddress {
  return model.macAddress ?? (isOfIpv6(model) ? virtualMacOf6(model.number) : virtualMacOf(version, model.number));
}

/** `undefined` for a group that has none. */
export function linkLocalOf(model: HsrpGroupModel): Ipv6 | undefined {
  if (!isOfIpv6(model)) return undefined;
  const { ipv6LinkLocal: given } = model;
  return given === undefined || given === "autoconfig" ? virtualLinkLocalOf(macOf(model)) : given;
}

/** With the lengths of their networks; of one that was given without, 128. */
export function globalsOf(model: HsrpGroupModel): Prefix[] {
  return model.ipv6Globals.map(prefix => {
    const bare = prefix.length <= PREFIX_LENGTH_MAX && networkOf(prefix).address === prefix.address;
    return bare ? { address: withInterfaceIdOf(prefix, macOf(model)), length: prefix.length } : prefix;
  });
}

/** Why an address with this prefix length cannot be virtual, if it cannot. */
export function virtualIpv6Refusal({ address, length }: Prefix): string | undefined {
  if (isMulticast(address) || isLoopback(address) || isUnspecified(address)) return `% ${address} is no host's address`;
  if (isLinkLocal(address) && length !== 128) return `% ${address} is local to the link: it has no prefix length`;
  return undefined;
}

function macOf(model: HsrpGroupModel): MacAddress {
  return macOfModel(2, model);
}

/** The network's half, and the other half of what the link-local address is. */
function withInterfaceIdOf(network: Prefix, mac: MacAddress): Ipv6 {
  const octets = ipToOctets(network.address);
  octets.set(ipToOctets(virtualLinkLocalOf(mac)).subarray(INTERFACE_ID_AT), INTERFACE_ID_AT);
  return ipv6FromOctets(octets);
}
