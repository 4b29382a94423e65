/**
 * Neighbour discovery for virtual addresses (RFC 4861 sections 4.3, 4.4 and 7.2): what ARP is for IPv4, as whole
 * Ethernet frames. Which questions count is decided here, whether they are answered elsewhere.
 */
import { WireError } from "../errors.ts";
import { type Ipv6, ipv6FromOctets, ipv6ToOctets, isUnspecified, type MacAddress, parseIpv6 } from "../wire/address.ts";
import { decode, encode, padded } from "../wire/codec.ts";
import { ethernetFrame } from "../wire/ethernet-codec.ts";
import { ICMPV6, icmpv6Between } from "../wire/icmpv6-codec.ts";
import { ipv6Packet } from "../wire/ip-codec.ts";
import { multicastMac6 } from "./hsrp-frame.ts";
import { HOP_LIMIT } from "./hsrp-receive.ts";

export interface NeighbourQuestion {
  readonly target: Ipv6;
  /** Unspecified while the asker has no address yet: it looks whether somebody has the one that it wants. */
  readonly asker: Ipv6;
  readonly askerMac: MacAddress | undefined;
}

/** Everybody on the link. */
const ALL_NODES = parseIpv6("ff02::1") as Ipv6;
const SOLICITED_NODE = parseIpv6("ff02::1:ff00:0") as Ipv6;

/** The group that is asked for an address, RFC 4291 section 2.7.1: its low 24 bits. */
export function solicitedNodeGroup(address: Ipv6): Ipv6 {
  const octets = ipv6ToOctets(SOLICITED_NODE);
  octets.set(ipv6ToOctets(address).subarray(13), 13);
  return ipv6FromOctets(octets);
}

/** Out of an IPv6 packet; `undefined` for everything else, and for what cannot come from this link (RFC 4861 7.1.1). */
export function neighbourQuestion(packet: Uint8Array): NeighbourQuestion | undefined {
  const ip = decode(padded(ipv6Packet), packet, "ipv6");
  if (ip instanceof WireError || ip.nextHeader !== ICMPV6 || ip.hopLimit !== HOP_LIMIT) return undefined;
  const message = decode(icmpv6Between(ip.source, ip.destination), ip.payload, "icmpv6");
  if (message instanceof WireError || message.kind !== "neighbourSolicitation") return undefined;
  const { target, options } = message.body;
  const link = options.find(option => option.kind === "sourceLink");
  return { target, asker: ip.source, askerMac: link?.kind === "sourceLink" ? link.body : undefined };
}

/** Tells everybody where the address is now. */
export function unsolicitedAdvertisement(address: Ipv6, mac: MacAddress): Uint8Array {
  return advertisement(address, mac, ALL_NODES, undefined);
}

/** `undefined` where the asker did not say its MAC address: it asks again, with it. */
export function advertisementFor(question: NeighbourQuestion, mac: MacAddress): Uint8Array | undefined {
  const { target, asker, askerMac } = question;
  if (isUnspecified(asker)) return advertisement(target, mac, ALL_NODES, undefined);
  return askerMac && advertisement(target, mac, asker, askerMac);
}

function advertisement(
  address: Ipv6,
  mac: MacAddress,
  destination: Ipv6,
  destinationMac: MacAddress | undefined,
): Uint8Array {
  const flags = { router: true, solicited: destinationMac !== undefined, override: true };
  const body = { flags, target: address, options: [{ kind: "targetLink" as const, body: mac }] };
  const payload = encode(icmpv6Between(address, destination), { kind: "neighbourAdvertisement", body });
  const packet = encode(ipv6Packet, {
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: ICMPV6,
    hopLimit: HOP_LIMIT,
    source: address,
    destination,
    payload,
  });
  const to = destinationMac ?? multicastMac6(destination);
  return encode(ethernetFrame, { destination: to, source: mac, type: "ipv6", payload: packet });
}
