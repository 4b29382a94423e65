/** Frames of a stranger's making: HSRP and ARP with whatever is wrong about them. */
import { createHash } from "node:crypto";
import type { HsrpAuth } from "../../src/core/hsrp/hsrp-auth.ts";
import type { HsrpMessage } from "../../src/core/hsrp/hsrp-message.ts";
import { encodeHsrp } from "../../src/core/hsrp/hsrp-packet.ts";
import { type Ipv4, type MacAddress, parseIpv4, parseMac } from "../../src/core/wire/address.ts";
import { arp } from "../../src/core/wire/arp-codec.ts";
import { encode } from "../../src/core/wire/codec.ts";
import { ethernetFrame } from "../../src/core/wire/ethernet-codec.ts";
import { ipv4Packet } from "../../src/core/wire/ip-codec.ts";
import { UDP, udpBetween } from "../../src/core/wire/udp-codec.ts";

/** The stranger's own, in the lab. */
export const STRANGER = "10.0.0.101";
const STRANGER_MAC = "0200.0000.0bad";
const GROUP_MACS: Readonly<Record<string, string>> = {
  "224.0.0.2": "0100.5e00.0002",
  "224.0.0.102": "0100.5e00.0066",
};

export interface Envelope {
  readonly source?: string;
  readonly sourceMac?: string;
  readonly destination?: string;
  readonly destinationMac?: string;
  readonly ttl?: number;
  readonly sourcePort?: number;
  readonly destinationPort?: number;
}

/** What is left out is as a member would have it. */
export function packet(payload: Uint8Array, envelope: Envelope = {}): Uint8Array {
  const { sourceMac = STRANGER_MAC, ttl = 1, sourcePort = 1985, destinationPort = 1985 } = envelope;
  const source = v4(envelope.source ?? STRANGER);
  const destination = v4(envelope.destination ?? "224.0.0.2");
  const destinationMac = envelope.destinationMac ?? GROUP_MACS[destination] ?? "ffff.ffff.ffff";
  const datagram = encode(udpBetween(source, destination), { sourcePort, destinationPort, payload });
  const header = {
    typeOfService: 0xc0,
    identification: 0,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    timeToLive: ttl,
    protocol: UDP,
    options: new Uint8Array(0),
  };
  const addresses = { destination: mac(destinationMac), source: mac(sourceMac), type: "ipv4" as const };
  return encode(ethernetFrame, {
    ...addresses,
    payload: encode(ipv4Packet, { ...header, source, destination, payload: datagram }),
  });
}

export interface Forged extends Partial<Omit<HsrpMessage, "virtualAddress">> {
  readonly version?: 1 | 2;
  readonly virtualAddress?: string;
  readonly auth?: HsrpAuth;
  /** The address under an MD5 digest; the stranger's own when left out. */
  readonly signedBy?: string;
}

/** What HSRP says in it: a hello as active of the highest priority, unless it is changed. */
export function message(forged: Forged): Uint8Array {
  const { version = 1, virtualAddress, auth = { kind: "text", text: "cisco" }, signedBy = STRANGER, ...rest } = forged;
  const said: HsrpMessage = {
    opcode: "hello",
    state: "active",
    group: 1,
    priority: 255,
    helloMs: version === 1 ? 1000 : 200,
    holdMs: version === 1 ? 3000 : 900,
    virtualAddress: virtualAddress === undefined ? undefined : v4(virtualAddress),
    ...rest,
  };
  const hash = (_: "md5", octets: Uint8Array): Uint8Array => createHash("md5").update(octets).digest();
  return encodeHsrp(said, { address: v4(signedBy), mac: mac(STRANGER_MAC) }, { version, auth, hash });
}

/** A hello of a member, with octets replaced. */
export function patched(octets: Uint8Array, changes: Readonly<Record<number, number>>): Uint8Array {
  const copy = Uint8Array.from(octets);
  for (const [at, value] of Object.entries(changes)) copy[Number(at)] = value;
  return copy;
}

/** A claim to an address: a reply that nobody asked for. */
export function arpClaim(address: string, claimant = STRANGER_MAC): Uint8Array {
  const body = {
    operation: "reply",
    senderMac: mac(claimant),
    senderAddress: v4(address),
    targetMac: mac("ffff.ffff.ffff"),
    targetAddress: v4(address),
  } as const;
  const header = { destination: mac("ffff.ffff.ffff"), source: mac(claimant), type: "arp" as const };
  return encode(ethernetFrame, { ...header, payload: encode(arp, body) });
}

export function arpQuestion(address: string): Uint8Array {
  const body = {
    operation: "request",
    senderMac: mac(STRANGER_MAC),
    senderAddress: v4(STRANGER),
    targetMac: mac("0000.0000.0000"),
    targetAddress: v4(address),
  } as const;
  const header = { destination: mac("ffff.ffff.ffff"), source: mac(STRANGER_MAC), type: "arp" as const };
  return encode(ethernetFrame, { ...header, payload: encode(arp, body) });
}

function v4(text: string): Ipv4 {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

function mac(text: string): MacAddress {
  const address = parseMac(text);
  if (address === undefined) throw new Error(`${text} is no MAC address`);
  return address;
}
