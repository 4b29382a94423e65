/** Addresses in rtnetlink's structures: a family number beside 4 or 16 octets. */
import { WireError } from "../../core/errors.ts";
import { type IpAddress, ipFromOctets, isIpv4 } from "../../core/wire/address.ts";
import { AddressFamily } from "./constants.ts";

export function familyNumber(address: IpAddress): number {
  return isIpv4(address) ? AddressFamily.ipv4 : AddressFamily.ipv6;
}

/** Throws a `WireError` for octets that are no address. */
export function ipAttribute(octets: Uint8Array | undefined, path: string): IpAddress | undefined {
  if (octets === undefined) return undefined;
  if (octets.length !== 4 && octets.length !== 16) {
    throw new WireError("bad-value", path, 0, `an address of ${octets.length} octets`);
  }
  return ipFromOctets(octets);
}

/** 0.0.0.0 or ::, the destination that a default route leaves out. */
export function unspecified(family: number): IpAddress | undefined {
  if (family === AddressFamily.ipv4) return ipFromOctets(new Uint8Array(4));
  return family === AddressFamily.ipv6 ? ipFromOctets(new Uint8Array(16)) : undefined;
}

/** How many bits an address of the family has. */
export function bitsOf(family: number): number {
  return family === AddressFamily.ipv4 ? 32 : 128;
}
