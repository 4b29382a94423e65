import fc from "fast-check";
import { expect, test } from "vitest";
import { ipv4FromOctets, ipv6FromOctets } from "./address.ts";
import { decode, encode } from "./codec.ts";
import { codecKit, fromHex, toHex } from "./codec-kit.test-support.ts";
import { udpBetween } from "./udp-codec.ts";

const [a4, b4] = [ipv4FromOctets(fromHex("c0000201")), ipv4FromOctets(fromHex("c0000202"))];
const [a6, b6] = ["01", "02"].map(last => ipv6FromOctets(fromHex(`20010db80000000000000000000000${last}`)));
if (a6 === undefined || b6 === undefined) throw new Error("the test itself is wrong: two addresses expected");

const value = { sourcePort: 40_000, destinationPort: 9, payload: fromHex("68656c6c6f") };
const port = fc.nat(65_535);
const arbitrary = fc.record({ sourcePort: port, destinationPort: port, payload: fc.uint8Array({ maxLength: 50 }) });

codecKit({
  name: "udp over IPv4",
  codec: udpBetween(a4, b4),
  captured: [{ source: "Linux 6.18", hex: "9c400009000d9bb468656c6c6f", value }],
  arbitrary,
});
codecKit({
  name: "udp over IPv6",
  codec: udpBetween(a6, b6),
  captured: [{ source: "Linux 6.18", hex: "9c400009000dc44368656c6c6f", value }],
  arbitrary,
});

test("only IPv4 may leave the checksum out", () => {
  const without = fromHex("9c400009000d000068656c6c6f");
  expect(decode(udpBetween(a4, b4), without, "udp")).toEqual(value);
  expect(String(decode(udpBetween(a6, b6), without, "udp"))).toContain("udp.checksum: bad-value at octet 6");
});

test("a checksum that a network card should make is not looked at when the kernel says so", () => {
  const partial = fromHex("9c400009000d842268656c6c6f");
  expect(String(decode(udpBetween(a4, b4), partial, "udp"))).toContain("udp.checksum: bad-value at octet 6");
  expect(decode(udpBetween(a4, b4, { checksumNotReady: true }), partial, "udp")).toEqual(value);
});

test("a checksum of zero is written as ffff, which sums the same", () => {
  const codec = udpBetween(a4, b4);
  const plain = encode(codec, { ...value, payload: fromHex("0000") });
  const zero = { ...value, payload: plain.subarray(6, 8) };
  const octets = encode(codec, zero);
  expect(toHex(octets.subarray(6, 8))).toBe("ffff");
  expect(decode(codec, octets, "udp")).toEqual(zero);
  // Over IPv6, zero is refused even where the sum would be zero.
  const made = encode(udpBetween(a6, b6), { ...value, payload: fromHex("0000") });
  const same = encode(udpBetween(a6, b6), { ...value, payload: made.subarray(6, 8) });
  same.fill(0, 6, 8);
  expect(String(decode(udpBetween(a6, b6), same, "udp"))).toContain("udp.checksum: bad-value");
});

test("lengths must hold the header and what is there", () => {
  const codec = udpBetween(a4, b4);
  expect(String(decode(codec, fromHex("9c4000090007000068"), "udp"))).toBe(
    "WireError: udp.length: bad-value at octet 4 (7)",
  );
  expect(String(decode(codec, fromHex("9c400009000d000068"), "udp"))).toBe(
    "WireError: udp.payload: truncated at octet 8 (5 wanted, 1 left)",
  );
  expect(String(decode(codec, fromHex("9c4000090008000068"), "udp"))).toBe(
    "WireError: udp: trailing-octets at octet 8 (1 left)",
  );
});
