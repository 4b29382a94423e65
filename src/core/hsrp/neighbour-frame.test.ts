import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { type Ipv6, type MacAddress, parseIpv6, parseMac } from "../wire/address.ts";
import { decode, encode } from "../wire/codec.ts";
import { ethernetFrame } from "../wire/ethernet-codec.ts";
import { ICMPV6, icmpv6Between } from "../wire/icmpv6-codec.ts";
import { ipv6Packet } from "../wire/ip-codec.ts";
import { hsrpFrame } from "./hsrp-frame.ts";
import { virtualLinkLocalOf, virtualMacOf6 } from "./hsrp-group.ts";
import {
  advertisementFor,
  neighbourQuestion,
  solicitedNodeGroup,
  unsolicitedAdvertisement,
} from "./neighbour-frame.ts";

const ip = (text: string): Ipv6 => parseIpv6(text) as Ipv6;
const VIRTUAL = ip("2001:db8::15");
const MAC = virtualMacOf6(1);
const ASKER = ip("2001:db8::9");
const ASKER_MAC = parseMac("0200.0000.0009") as MacAddress;

function question(hopLimit = 255, source = ASKER, withMac = true): Uint8Array {
  const destination = solicitedNodeGroup(VIRTUAL);
  const options = withMac ? [{ kind: "sourceLink" as const, body: ASKER_MAC }] : [];
  const payload = encode(icmpv6Between(source, destination), {
    kind: "neighbourSolicitation",
    body: { target: VIRTUAL, options },
  });
  const labels = { trafficClass: 0, flowLabel: 0, nextHeader: ICMPV6, hopLimit };
  return encode(ipv6Packet, { ...labels, source, destination, payload });
}

function opened(octets: Uint8Array | undefined): Record<string, unknown> {
  const frame = decode(ethernetFrame, octets ?? new Uint8Array(0), "frame");
  if (frame instanceof WireError) throw frame;
  const packet = decode(ipv6Packet, frame.payload, "ipv6");
  if (packet instanceof WireError) throw packet;
  const message = decode(icmpv6Between(packet.source, packet.destination), packet.payload, "icmpv6");
  if (message instanceof WireError || message.kind !== "neighbourAdvertisement") throw new Error("no advertisement");
  const { source: from, destination: to } = packet;
  return { sourceMac: frame.source, mac: frame.destination, from, to, hopLimit: packet.hopLimit, ...message.body };
}

test("the names of version 2 for IPv6", () => {
  expect(virtualMacOf6(1)).toBe("0005.73a0.0001");
  expect(virtualMacOf6(4095)).toBe("0005.73a0.0fff");
  expect(virtualLinkLocalOf(virtualMacOf6(10))).toBe("fe80::5:73ff:fea0:a");
});

test("a hello of IPv6 goes to ff02::66 with hop limit 255, UDP 2029", () => {
  const frame = hsrpFrame(2, ip("fe80::1"), MAC, Uint8Array.of(1, 2, 3));
  const hex = Buffer.from(frame).toString("hex");
  expect(hex.slice(0, 28)).toBe("333300000066000573a0000186dd");
  expect(hex.slice(28, 44)).toBe("6c000000000b11ff");
  expect(hex.slice(108)).toMatch(/^07ed07ed000b[0-9a-f]{4}010203$/);
});

test("a question is known by its target, and its asker", () => {
  expect(neighbourQuestion(question())).toEqual({ target: VIRTUAL, asker: ASKER, askerMac: ASKER_MAC });
});

test("what crossed a router is no question, and neither is anything else", () => {
  expect(neighbourQuestion(question(254))).toBeUndefined();
  const octets = question();
  for (let length = 0; length < octets.length; length++) {
    expect(neighbourQuestion(octets.subarray(0, length))).toBeUndefined();
  }
  for (let at = 24; at < octets.length; at++) {
    const changed = octets.map((octet, index) => (index === at ? octet ^ 1 : octet));
    expect(neighbourQuestion(changed), `octet ${at}`).toBeUndefined();
  }
});

test("the answer goes to the asker, from the virtual MAC address", () => {
  const found = neighbourQuestion(question());
  expect(opened(found && advertisementFor(found, MAC))).toEqual({
    sourceMac: MAC,
    mac: ASKER_MAC,
    from: VIRTUAL,
    to: ASKER,
    hopLimit: 255,
    flags: { router: true, solicited: true, override: true },
    target: VIRTUAL,
    options: [{ kind: "targetLink", body: MAC }],
  });
});

test("who has no address yet is answered before everybody", () => {
  const found = neighbourQuestion(question(255, ip("::"), false));
  expect(opened(found && advertisementFor(found, MAC))).toMatchObject({
    mac: "3333.0000.0001",
    to: "ff02::1",
    flags: { solicited: false },
  });
});

test("who does not say where the answer should go is asked to ask again", () => {
  const found = neighbourQuestion(question(255, ASKER, false));
  expect(found && advertisementFor(found, MAC)).toBeUndefined();
});

test("a new place is told to everybody", () => {
  expect(opened(unsolicitedAdvertisement(VIRTUAL, MAC))).toMatchObject({
    sourceMac: MAC,
    to: "ff02::1",
    flags: { router: true, solicited: false, override: true },
    target: VIRTUAL,
  });
});
