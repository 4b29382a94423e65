/** Addresses on the wire. */
import {
  type Ipv4,
  type Ipv6,
  ipv4FromOctets,
  ipv4ToOctets,
  ipv6FromOctets,
  ipv6ToOctets,
  type MacAddress,
  macFromOctets,
  macToOctets,
} from "./address.ts";
import { type Codec, octets, refined } from "./codec.ts";

export const ipv4: Codec<Ipv4> = refined(octets(4), ipv4FromOctets, ipv4ToOctets);
export const ipv6: Codec<Ipv6> = refined(octets(16), ipv6FromOctets, ipv6ToOctets);
export const mac: Codec<MacAddress> = refined(octets(6), macFromOctets, macToOctets);
