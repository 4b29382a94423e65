import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { type Ipv6, type MacAddress, parseIpv6, parseMac } from "../wire/address.ts";
import { decode, encode } from "../wire/codec.ts";
import { ethernetFrame } from "../wire/ethernet-codec.ts";
import { ICMPV6, type Icmpv6Message, icmpv6Between } from "../wire/icmpv6-codec.ts";
import { ipv6Packet } from "../wire/ip-codec.ts";
import { answerTo, linkLocalCall } from "./link-local-call.ts";

const ip = (text: string): Ipv6 => parseIpv6(text) as Ipv6;
const CALLER = ip("fe80::9");
const CALLED = ip("fe80::5:73ff:fea0:1");
const MAC = parseMac("0005.73a0.0001") as MacAddress;
const CALLER_MAC = parseMac("0200.0000.0009") as MacAddress;
const echo = { identifier: 7, sequence: 3, payload: Uint8Array.of(1, 2, 3) };

function packet(source: Ipv6, destination: Ipv6, kind: "echoRequest" | "echoReply" = "echoRequest"): Uint8Array {
  const payload = encode(icmpv6Between(source, destination), { kind, body: echo } as Icmpv6Message);
  const labels = { trafficClass: 0, flowLabel: 0, nextHeader: ICMPV6, hopLimit: 64 };
  return encode(ipv6Packet, { ...labels, source, destination, payload });
}

test("a neighbour's ping is a call, and nothing else is", () => {
  expect(linkLocalCall(packet(CALLER, CALLED))).toEqual({ caller: CALLER, called: CALLED, echo });
  expect(linkLocalCall(packet(CALLER, CALLED, "echoReply"))).toBeUndefined();
  expect(linkLocalCall(packet(ip("2001:db8::9"), CALLED))).toBeUndefined();
  expect(linkLocalCall(packet(CALLER, ip("2001:db8::15")))).toBeUndefined();
  const octets = packet(CALLER, CALLED);
  for (let length = 0; length < octets.length; length++)
    expect(linkLocalCall(octets.subarray(0, length))).toBeUndefined();
});

test("the answer comes from the virtual MAC address and gives back what it got", () => {
  const call = linkLocalCall(packet(CALLER, CALLED));
  const frame = decode(ethernetFrame, call ? answerTo(call, MAC, CALLER_MAC) : new Uint8Array(0), "frame");
  if (frame instanceof WireError) throw frame;
  expect(frame).toMatchObject({ source: MAC, destination: CALLER_MAC, type: "ipv6" });
  const answer = decode(ipv6Packet, frame.payload, "ipv6");
  if (answer instanceof WireError) throw answer;
  expect(answer).toMatchObject({ source: CALLED, destination: CALLER, hopLimit: 64 });
  const message = decode(icmpv6Between(CALLED, CALLER), answer.payload, "icmpv6");
  expect(message).toEqual({ kind: "echoReply", body: echo });
});
