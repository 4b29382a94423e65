/**
 * Whole Ethernet frames of HSRP and of ARP for its virtual address, since both leave from a MAC address of their
 * own.
 */

import type { IpAddress, Ipv4, Ipv6, MacAddress } from "../wire/address.ts";
import { ipv4ToOctets, ipv6ToOctets, isIpv4, macFromOctets, parseIpv4, parseIpv6 } from "../wire/address.ts";
import { arp } from "../wire/arp-codec.ts";
import { encode } from "../wire/codec.ts";
import { ethernetFrame } from "../wire/ethernet-codec.ts";
import { ipv4Packet, ipv6Packet } from "../wire/ip-codec.ts";
import { UDP, udpBetween } from "../wire/udp-codec.ts";
import { HOP_LIMIT, HSRP_GROUPS, HSRP_PORT, HSRP_TTL } from "./hsrp-receive.ts";

const BROADCAST = macFromOctets(new Uint8Array(6).fill(0xff));
const NOBODY = macFromOctets(new Uint8Array(6));
/** Network control, RFC 791; what routers send their own protocols with. */
const INTERNETWORK_CONTROL = 0xc0;

/** `source` decides the family. */
export function hsrpFrame(version: 1 | 2, source: IpAddress, sourceMac: MacAddress, payload: Uint8Array): Uint8Array {
  return isIpv4(source) ? frameOf4(version, source, sourceMac, payload) : frameOf6(source, sourceMac, payload);
}

function frameOf4(version: 1 | 2, source: Ipv4, sourceMac: MacAddress, payload: Uint8Array): Uint8Array {
  const destination = parseIpv4(HSRP_GROUPS[version]) as Ipv4;
  const ports = { sourcePort: HSRP_PORT.ipv4, destinationPort: HSRP_PORT.ipv4 };
  const packet = encode(ipv4Packet, {
    typeOfService: INTERNETWORK_CONTROL,
    identification: 0,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    timeToLive: HSRP_TTL,
    protocol: UDP,
    source,
    destination,
    options: new Uint8Array(0),
    payload: encode(udpBetween(source, destination), { ...ports, payload }),
  });
  const frame = { destination: multicastMac(destination), source: sourceMac, type: "ipv4" as const, payload: packet };
  return encode(ethernetFrame, frame);
}

function frameOf6(source: Ipv6, sourceMac: MacAddress, payload: Uint8Array): Uint8Array {
  const destination = parseIpv6(HSRP_GROUPS.ipv6) as Ipv6;
  const ports = { sourcePort: HSRP_PORT.ipv6, destinationPort: HSRP_PORT.ipv6 };
  const packet = encode(ipv6Packet, {
    trafficClass: INTERNETWORK_CONTROL,
    flowLabel: 0,
    nextHeader: UDP,
    hopLimit: HOP_LIMIT,
    source,
    destination,
    payload: encode(udpBetween(source, destination), { ...ports, payload }),
  });
  const frame = { destination: multicastMac6(destination), source: sourceMac, type: "ipv6" as const, payload: packet };
  return encode(ethernetFrame, frame);
}

/** Tells everybody on the segment where the address is now: a broadcast reply that nobody asked for. */
export function gratuitousArp(address: Ipv4, mac: MacAddress): Uint8Array {
  return arpFrame(mac, BROADCAST, {
    operation: "reply",
    senderMac: mac,
    senderAddress: address,
    targetMac: BROADCAST,
    targetAddress: address,
  });
}

/** The answer to a question of `asker`. */
export function arpAnswer(address: Ipv4, mac: MacAddress, asker: { address: Ipv4; mac: MacAddress }): Uint8Array {
  return arpFrame(mac, asker.mac === NOBODY ? BROADCAST : asker.mac, {
    operation: "reply",
    senderMac: mac,
    senderAddress: address,
    targetMac: asker.mac,
    targetAddress: asker.address,
  });
}

function arpFrame(source: MacAddress, destination: MacAddress, body: Parameters<typeof arp.encode>[1]): Uint8Array {
  return encode(ethernetFrame, { destination, source, type: "arp", payload: encode(arp, body) });
}

/** RFC 1112 section 6.4: the low 23 bits of the group. */
function multicastMac(group: Ipv4): MacAddress {
  const [, second = 0, third = 0, fourth = 0] = ipv4ToOctets(group);
  return macFromOctets(Uint8Array.of(0x01, 0x00, 0x5e, second & 0x7f, third, fourth));
}

/** RFC 2464 section 7: the low 32 bits of the group. */
export function multicastMac6(group: Ipv6): MacAddress {
  return macFromOctets(Uint8Array.of(0x33, 0x33, ...ipv6ToOctets(group).subarray(12)));
}
