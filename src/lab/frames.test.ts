import { expect, test } from "vitest";
import { gratuitousArp, hsrpFrame } from "../core/hsrp/hsrp-frame.ts";
import { encodeHsrp } from "../core/hsrp/hsrp-packet.ts";
import { type Ipv4, type MacAddress, parseIpv4, parseMac } from "../core/wire/address.ts";
import { encode } from "../core/wire/codec.ts";
import { ethernetFrame } from "../core/wire/ethernet-codec.ts";
import { ipv4Packet } from "../core/wire/ip-codec.ts";
import { claimsOf, hsrpOf, isVirtualMac } from "./frames.ts";

const v4 = (text: string): Ipv4 => parseIpv4(text) as Ipv4;
const mac = (text: string): MacAddress => parseMac(text) as MacAddress;
const VIRTUAL = v4("10.0.0.15");
const VIRTUAL_MAC = mac("0000.0c07.ac01");
const OWN = v4("10.0.0.1");
const OWN_MAC = mac("0200.0000.0001");

function hello(version: 1 | 2, state: "active" | "standby", source: MacAddress): Uint8Array {
  const message = {
    opcode: "hello",
    state,
    group: 1,
    priority: 100,
    helloMs: 3_000,
    holdMs: 10_000,
    virtualAddress: VIRTUAL,
  } as const;
  const context = { version, auth: { kind: "text", text: "cisco" }, hash: () => new Uint8Array(16) } as const;
  return hsrpFrame(version, OWN, source, encodeHsrp(message, { address: OWN, mac: OWN_MAC }, context));
}

function packetFrom(source: Ipv4): Uint8Array {
  const packet = {
    typeOfService: 0,
    identification: 0,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    timeToLive: 64,
    protocol: 1,
    source,
    destination: v4("10.0.0.254"),
    options: new Uint8Array(0),
    payload: Uint8Array.of(1, 2, 3),
  };
  const header = { destination: mac("0200.0000.00fe"), source: OWN_MAC, type: "ipv4" as const };
  return encode(ethernetFrame, { ...header, payload: encode(ipv4Packet, packet) });
}

test("what only the active sends is a claim, for every reason that it is one", () => {
  const active = "a hello as active of group 1";
  const fromVirtualMac = "a frame from 0000.0c07.ac01";
  expect(claimsOf(hello(1, "active", VIRTUAL_MAC), [VIRTUAL])).toEqual([fromVirtualMac, active]);
  expect(claimsOf(hello(2, "active", OWN_MAC), [VIRTUAL])).toEqual([active]);
  expect(claimsOf(gratuitousArp(VIRTUAL, VIRTUAL_MAC), [VIRTUAL])).toEqual([fromVirtualMac, "ARP for 10.0.0.15"]);
  expect(claimsOf(gratuitousArp(VIRTUAL, OWN_MAC), [VIRTUAL])).toEqual(["ARP for 10.0.0.15"]);
  expect(claimsOf(packetFrom(VIRTUAL), [VIRTUAL])).toEqual(["a packet from 10.0.0.15"]);
});

test("what anybody may send is none", () => {
  expect(claimsOf(hello(1, "standby", OWN_MAC), [VIRTUAL])).toEqual([]);
  expect(claimsOf(gratuitousArp(OWN, OWN_MAC), [VIRTUAL])).toEqual([]);
  expect(claimsOf(packetFrom(OWN), [VIRTUAL])).toEqual([]);
  expect(claimsOf(new Uint8Array(0), [VIRTUAL])).toEqual([]);
  expect(claimsOf(Uint8Array.of(1, 2, 3), [VIRTUAL])).toEqual([]);
});

test("an HSRP message is read out of its frame, of both versions", () => {
  const said = { opcode: "hello", state: "active", group: 1, source: OWN };
  expect(hsrpOf(hello(1, "active", VIRTUAL_MAC))).toEqual({ ...said, version: 1, mac: VIRTUAL_MAC });
  expect(hsrpOf(hello(2, "active", OWN_MAC))).toEqual({ ...said, version: 2, mac: OWN_MAC });
  expect(hsrpOf(packetFrom(OWN))).toBeUndefined();
});

test("virtual MAC addresses of both versions and of IPv6 are known", () => {
  const known = ["0000.0c07.acff", "0000.0c9f.ffff", "0005.73a0.0fff"].map(each => isVirtualMac(mac(each)));
  expect(known).toEqual([true, true, true]);
  expect(isVirtualMac(OWN_MAC)).toBe(false);
});
