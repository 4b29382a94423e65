import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { ipv4FromOctets, ipv6FromOctets, macFromOctets, parseIpv4, parseMac } from "./address.ts";
import { ipv4, ipv6, mac } from "./address-codec.ts";
import {
  array,
  bits,
  decode,
  encode,
  fixed,
  lengthPrefixed,
  octets,
  oneOf,
  openEnum,
  padding,
  rest,
  struct,
  u8,
  u16,
  u24,
  u32,
  u48,
  u64,
} from "./codec.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";
import { tagged } from "./tagged.ts";

/** A format that uses everything once. */
const Everything = struct({
  version: fixed(u8, 2),
  opcode: oneOf(u8, { hello: 0, coup: 1 }),
  kind: openEnum(u16, { known: 7 }),
  flags: bits(16, { high: 3, middle: 1, low: 12 }),
  small: u24,
  word: u32,
  wide: u48,
  big: u64,
  address: ipv4,
  address6: ipv6,
  hardware: mac,
  reserved: padding(2),
  digest: octets(4),
  items: lengthPrefixed(u8, array(u16, 4)),
  options: lengthPrefixed(
    u16,
    array(tagged({ tag: u8, length: u8, extra: 2 }, { one: [1, struct({ value: u16 })], text: [2, rest] }), 8),
    2,
  ),
});

const arbitrary = fc.record({
  version: fc.constant(2 as const),
  opcode: fc.constantFrom("hello" as const, "coup" as const),
  kind: fc.oneof(fc.constant("known" as const), fc.record({ unknown: fc.integer({ min: 8, max: 65_535 }) })),
  flags: fc.record({ high: fc.nat(7), middle: fc.nat(1), low: fc.nat(4095) }),
  small: fc.nat(2 ** 24 - 1),
  word: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  wide: fc.maxSafeNat().map(each => each % 2 ** 48),
  big: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  address: fc.uint8Array({ minLength: 4, maxLength: 4 }).map(ipv4FromOctets),
  address6: fc.uint8Array({ minLength: 16, maxLength: 16 }).map(ipv6FromOctets),
  hardware: fc.uint8Array({ minLength: 6, maxLength: 6 }).map(macFromOctets),
  reserved: fc.constant(undefined),
  digest: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  items: fc.array(fc.nat(65_535), { maxLength: 4 }),
  options: fc.array(
    fc.oneof(
      fc.record({ kind: fc.constant("one" as const), body: fc.record({ value: fc.nat(65_535) }) }),
      fc.record({ kind: fc.constant("text" as const), body: fc.uint8Array({ maxLength: 20 }) }),
      fc.record({
        kind: fc.constant("unknown" as const),
        tag: fc.integer({ min: 3, max: 255 }),
        body: fc.uint8Array({ maxLength: 20 }),
      }),
    ),
    { maxLength: 8 },
  ),
});

codecKit({
  name: "everything",
  codec: Everything,
  captured: [
    {
      source: "a packet written by hand",
      hex: `02 01 0007 b00a 010203 deadbeef 010203040506 0102030405060708 0a00000f
            20010db8000000000000000000000001 00000c07ac01 0000 cafebabe
            04 00010002 000d 01 04 002a 02 03 41 09 04 ffff`,
      value: {
        version: 2,
        opcode: "coup",
        kind: "known",
        flags: { high: 5, middle: 1, low: 10 },
        small: 0x010203,
        word: 0xdeadbeef,
        wide: 0x010203040506,
        big: 0x0102030405060708n,
        address: parseIpv4("10.0.0.15") ?? ipv4FromOctets(new Uint8Array(4)),
        address6: ipv6FromOctets(fromHex("20010db8000000000000000000000001")),
        hardware: parseMac("00:00:0c:07:ac:01") ?? macFromOctets(new Uint8Array(6)),
        reserved: undefined,
        digest: fromHex("cafebabe"),
        items: [1, 2],
        options: [
          { kind: "one", body: { value: 42 } },
          { kind: "text", body: fromHex("41") },
          { kind: "unknown", tag: 9, body: fromHex("ffff") },
        ],
      },
    },
  ],
  arbitrary,
  // The two octets of padding.
  ignored: offset => offset === 53 || offset === 54,
});

test("a refusal names the field, what was wrong, and its octet in the whole packet", () => {
  const inner = struct({
    header: struct({ version: fixed(u8, 2) }),
    body: lengthPrefixed(u8, struct({ opcode: oneOf(u8, { hello: 0 }) })),
  });
  expect(String(decode(inner, fromHex("03"), "hsrp"))).toBe("WireError: hsrp.header.version: bad-value at octet 0 (3)");
  expect(String(decode(inner, fromHex("02 01 09"), "hsrp"))).toBe(
    "WireError: hsrp.body.opcode: bad-value at octet 2 (9)",
  );
  expect(String(decode(inner, fromHex("02 02 00 00"), "hsrp"))).toBe(
    "WireError: hsrp.body: trailing-octets at octet 3 (1 left)",
  );
  expect(String(decode(inner, fromHex("02 05 00"), "hsrp"))).toBe(
    "WireError: hsrp.body: truncated at octet 2 (5 wanted, 1 left)",
  );
});

test("an array has a limit", () => {
  expect(decode(array(u8, 3), fromHex("010203"), "a")).toEqual([1, 2, 3]);
  expect(decode(array(u8, 3), fromHex("01020304"), "a")).toBeInstanceOf(WireError);
});

test("a length that does not even count itself is refused", () => {
  expect(String(decode(lengthPrefixed(u16, rest, 2), fromHex("0001"), "l"))).toContain("length 1, at least 2 needed");
});

test("what does not fit is a bug of ours", () => {
  expect(() => encode(u8, 256)).toThrow("invariant broken: 256 does not fit");
  expect(() => encode(u16, 1.5)).toThrow("invariant broken");
  expect(() => encode(octets(4), new Uint8Array(3))).toThrow("3 octets where 4 belong");
  expect(() => encode(bits(8, { a: 4, b: 4 }), { a: 16, b: 0 })).toThrow("a 16 does not fit into 4 bit(s)");
});

test("views share the packet's octets, no copies", () => {
  const packet = fromHex("0102030405");
  const value = decode(struct({ a: u8, b: rest }), packet, "p");
  expect(value instanceof WireError ? undefined : value.b.buffer).toBe(packet.buffer);
});
