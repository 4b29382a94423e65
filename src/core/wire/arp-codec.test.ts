import fc from "fast-check";
import { expect, test } from "vitest";
import { ipv4FromOctets, macFromOctets } from "./address.ts";
import { arp } from "./arp-codec.ts";
import { decode, padded } from "./codec.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";

const mac = (hex: string) => macFromOctets(fromHex(hex));
const ip = (hex: string) => ipv4FromOctets(fromHex(hex));
const anyMac = fc.uint8Array({ minLength: 6, maxLength: 6 }).map(macFromOctets);
const anyIp = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(ipv4FromOctets);

const REQUEST = "0001080006040001 02000000000a c0000201 000000000000 c0000202";
const request = {
  operation: "request" as const,
  senderMac: mac("02000000000a"),
  senderAddress: ip("c0000201"),
  targetMac: mac("000000000000"),
  targetAddress: ip("c0000202"),
};

codecKit({
  name: "arp",
  codec: arp,
  captured: [
    { source: "Linux 6.18's request", hex: REQUEST, value: request },
    {
      source: "Linux 6.18's reply",
      hex: "0001080006040002 02000000000b c0000202 02000000000a c0000201",
      value: {
        operation: "reply",
        senderMac: mac("02000000000b"),
        senderAddress: ip("c0000202"),
        targetMac: mac("02000000000a"),
        targetAddress: ip("c0000201"),
      },
    },
  ],
  arbitrary: fc.record({
    operation: fc.constantFrom("request" as const, "reply" as const),
    senderMac: anyMac,
    senderAddress: anyIp,
    targetMac: anyMac,
    targetAddress: anyIp,
  }),
});

test("what fills up a short frame is ignored where the reader says so", () => {
  expect(decode(padded(arp), fromHex(`${REQUEST} ${"00".repeat(18)}`), "arp")).toEqual(request);
  expect(String(decode(arp, fromHex(`${REQUEST} 00`), "arp"))).toBe(
    "WireError: arp: trailing-octets at octet 28 (1 left)",
  );
});

test("other hardware, protocols and operations are refused by name", () => {
  expect(String(decode(arp, fromHex(REQUEST.replace("00010800", "00060800")), "arp"))).toContain("arp.hardware");
  expect(String(decode(arp, fromHex(REQUEST.replace("00010800", "000186dd")), "arp"))).toContain("arp.protocol");
  expect(String(decode(arp, fromHex(REQUEST.replace("06040001", "06040008")), "arp"))).toContain("arp.operation");
});
