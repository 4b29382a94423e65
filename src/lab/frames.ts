/**
 * What a recorded frame says about who claims to be active: a frame from a virtual MAC address, ARP or neighbour
 * discovery that answers for a virtual address, a packet from it, a hello as active. Pure.
 */
import { WireError } from "../core/errors.ts";
import { HSRP_PORT } from "../core/hsrp/hsrp-receive.ts";
import { hsrpV1 } from "../core/hsrp/hsrp-v1-codec.ts";
import { hsrpV2 } from "../core/hsrp/hsrp-v2-codec.ts";
import { type IpAddress, isIpv4, type MacAddress } from "../core/wire/address.ts";
import { arp } from "../core/wire/arp-codec.ts";
import { type Codec, decode, padded } from "../core/wire/codec.ts";
import { ethernetFrame } from "../core/wire/ethernet-codec.ts";
import { ICMPV6, icmpv6Between } from "../core/wire/icmpv6-codec.ts";
import { ipv4Packet, ipv6Packet } from "../core/wire/ip-codec.ts";
import { UDP, udpBetween } from "../core/wire/udp-codec.ts";

/** Versions 1 and 2, and version 2 for IPv6. */
const VIRTUAL_MACS = ["0000.0c07.ac", "0000.0c9f.f", "0005.73a0.0"];

export interface HsrpSeen {
  readonly version: 1 | 2;
  readonly opcode: "hello" | "coup" | "resign" | "advertise";
  readonly state: string;
  readonly group: number;
}

/** What a frame claims; every reason that it has, none for a frame that claims nothing. */
export function claimsOf(frame: Uint8Array, virtual: readonly IpAddress[]): string[] {
  const ethernet = reading(ethernetFrame, frame);
  if (ethernet === undefined) return [];
  const claims = isVirtualMac(ethernet.source) ? [`a frame from ${ethernet.source}`] : [];
  return [...claims, ...payloadClaims(ethernet.type, ethernet.payload, virtual)];
}

export function isVirtualMac(mac: MacAddress): boolean {
  return VIRTUAL_MACS.some(prefix => mac.startsWith(prefix));
}

/** The HSRP message in a frame, with the address that sent it. */
export function hsrpOf(
  frame: Uint8Array,
): (HsrpSeen & { readonly source: IpAddress; readonly mac: MacAddress }) | undefined {
  const ethernet = reading(ethernetFrame, frame);
  const packet = ethernet && packetOf(ethernet.type, ethernet.payload);
  const seen = packet && hsrpIn(packet);
  return ethernet && packet && seen && { ...seen, source: packet.source, mac: ethernet.source };
}

type Packet = { readonly source: IpAddress; readonly protocol: number; readonly payload: Uint8Array } & {
  readonly destination: IpAddress;
};

function payloadClaims(
  type: string | { unknown: number },
  payload: Uint8Array,
  virtual: readonly IpAddress[],
): string[] {
  if (type === "arp") {
    const said = reading(padded(arp), payload);
    return said && virtual.includes(said.senderAddress) ? [`ARP for ${said.senderAddress}`] : [];
  }
  const packet = packetOf(type, payload);
  if (packet === undefined) return [];
  const claims = virtual.includes(packet.source) ? [`a packet from ${packet.source}`] : [];
  const hsrp = hsrpIn(packet);
  if (hsrp?.state === "active" && hsrp.opcode === "hello") claims.push(`a hello as active of group ${hsrp.group}`);
  return [...claims, ...neighbourClaims(packet, virtual)];
}

function neighbourClaims({ protocol, payload, ...packet }: Packet, virtual: readonly IpAddress[]): string[] {
  if (protocol !== ICMPV6 || isIpv4(packet.source) || isIpv4(packet.destination)) return [];
  const message = reading(icmpv6Between(packet.source, packet.destination), payload);
  if (message?.kind !== "neighbourAdvertisement") return [];
  return virtual.includes(message.body.target) ? [`a neighbour advertisement for ${message.body.target}`] : [];
}

function packetOf(type: string | { unknown: number }, payload: Uint8Array): Packet | undefined {
  if (type === "ipv4") return reading(padded(ipv4Packet), payload);
  if (type !== "ipv6") return undefined;
  const packet = reading(padded(ipv6Packet), payload);
  return packet && { ...packet, protocol: packet.nextHeader };
}

function hsrpIn({ protocol, source, destination, payload }: Packet): HsrpSeen | undefined {
  if (protocol !== UDP) return undefined;
  const datagram = reading(udpBetween(source, destination, { checksumNotReady: true }), payload);
  if (datagram?.destinationPort !== (isIpv4(source) ? HSRP_PORT.ipv4 : HSRP_PORT.ipv6)) return undefined;
  return versionOne(datagram.payload) ?? versionTwo(datagram.payload);
}

function versionOne(octets: Uint8Array): HsrpSeen | undefined {
  const { kind, body } = reading(hsrpV1, octets)?.message ?? {};
  if (kind === undefined || body === undefined) return undefined;
  if (kind === "advertise") return { version: 1, opcode: kind, state: "", group: 0 };
  return { version: 1, opcode: kind, state: body.state, group: body.group };
}

function versionTwo(octets: Uint8Array): HsrpSeen | undefined {
  const bodies = reading(hsrpV2, octets) ?? [];
  const said = bodies.find(each => each.kind === "groupState")?.body;
  return said && { version: 2, opcode: said.opcode, state: said.state, group: said.group };
}

function reading<T>(codec: Codec<T>, octets: Uint8Array): T | undefined {
  const value = decode(codec, octets, "frame");
  return value instanceof WireError ? undefined : value;
}
