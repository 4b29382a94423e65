import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { ipv4FromOctets, ipv6FromOctets, macFromOctets, parseIpv4, parseMac } from "./address.ts";
import { ipv4, ipv6, mac } from "./address-codec.ts";
import {
  array,
  bits,
  bounded,
  type Codec,
  constant,
  decode,
  encode,
  fixed,
  flags,
  lengthPrefixed,
  octets,
  oneOf,
  openEnum,
  optional,
  padded,
  padding,
  rest,
  struct,
  tagged,
  text,
  u8,
  u16,
  u24,
  u32,
  u48,
  u64,
} from "./codec.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";

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
    { extra: 2 },
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
  expect(String(decode(lengthPrefixed(u16, rest, { includesHeader: true }), fromHex("0001"), "l"))).toContain(
    "length 1, at least 2 needed",
  );
});

test("what does not fit is a bug of ours", () => {
  expect(() => encode(u8, 256)).toThrow("invariant broken: 256 does not fit");
  expect(() => encode(u16, 1.5)).toThrow("invariant broken");
  expect(() => encode(u64, 2n ** 64n)).toThrow("18446744073709551616 does not fit into 8 octets");
  expect(() => encode(u64, -1n)).toThrow("-1 does not fit into 8 octets");
  expect(() => decode(array(struct({}), 3), fromHex("01"), "a")).toThrow("a: an element of no octets");
  expect(() => encode(array(u8, 1), [1, 2])).toThrow("2 elements where at most 1 belong");
  expect(() => encode(octets(4), new Uint8Array(3))).toThrow("3 octets where 4 belong");
  expect(() => bits(8, { a: 4 })).toThrow("4 bits declared where 8 belong");
  expect(() => encode(bits(8, { a: 4, b: 4 }), { a: 16, b: 0 })).toThrow("a 16 does not fit into 4 bit(s)");
});

test("text fills its field up with zeros; what is not such a text is refused", () => {
  const field = text(8);
  expect(encode(field, "cisco")).toEqual(fromHex("636973636f000000"));
  expect(decode(field, fromHex("636973636f000000"), "t")).toBe("cisco");
  expect(decode(field, fromHex("c3a9c3a9c3a9c3a9"), "t")).toBe("éééé");
  expect(decode(field, fromHex("6300630000000000"), "t")).toBeInstanceOf(WireError);
  expect(decode(field, fromHex("c300000000000000"), "t")).toBeInstanceOf(WireError);
  expect(() => encode(field, "123456789")).toThrow("does not fit into 8 octets of text");
  expect(() => encode(field, "a\0b")).toThrow("does not fit");
});

test("flags are single bits by name; others are ignored", () => {
  const codec = flags(u32, { first: 0x8000_0000, last: 1 });
  expect(decode(codec, fromHex("80000000"), "f")).toEqual({ first: true, last: false });
  expect(decode(codec, fromHex("7fffffff"), "f")).toEqual({ first: false, last: true });
  expect(encode(codec, { first: true, last: true })).toEqual(fromHex("80000001"));
  expect(() => flags(u8, { two: 3 })).toThrow("two is not one bit");
});

test("constants and padding are checked and written, and no part of the value", () => {
  const codec = struct({ magic: constant(u16, 0x1234), reserved: padding(1), value: u8 });
  expect(decode(codec, fromHex("1234 ff 05"), "c")).toEqual({ value: 5 });
  expect(encode(codec, { value: 5 })).toEqual(fromHex("1234 00 05"));
  expect(String(decode(codec, fromHex("1235 00 05"), "c"))).toBe("WireError: c.magic: bad-value at octet 0 (4661)");
});

test("what may be missing, what is filled up, and what has its place", () => {
  const codec = struct({ first: u8, second: optional(u16) });
  expect(decode(codec, fromHex("01"), "o")).toEqual({ first: 1, second: undefined });
  expect(decode(codec, fromHex("01 02"), "o")).toBeInstanceOf(WireError);
  expect(encode(codec, { first: 1, second: undefined })).toEqual(fromHex("01"));
  expect(encode(codec, { first: 1, second: 2 })).toEqual(fromHex("010002"));
  expect(decode(padded(u16), fromHex("0001ffff"), "p")).toBe(1);
  expect(encode(padded(u16, 4), 1)).toEqual(fromHex("00010000"));
  expect(decode(struct({ a: bounded(2, rest), b: u8 }), fromHex("010203"), "b")).toEqual({ a: fromHex("0102"), b: 3 });
  expect(() => encode(bounded(2, rest), fromHex("010203"))).toThrow("3 octets where 2 belong");
});

test("lengths count the body, the header, fields before it, or units of octets", () => {
  const layouts: [string, Codec<Uint8Array>][] = [
    ["0002 aabb", lengthPrefixed(u16, rest)],
    ["0004 aabb", lengthPrefixed(u16, rest, { includesHeader: true })],
    ["0006 aabb", lengthPrefixed(u16, rest, { extra: 4 })],
    ["0001 aabb", lengthPrefixed(u16, rest, { unit: 2 })],
    ["0002 aabb", lengthPrefixed(u16, rest, { unit: 2, includesHeader: true })],
  ];
  for (const [hex, codec] of layouts) {
    expect(decode(codec, fromHex(hex), "l")).toEqual(fromHex("aabb"));
    expect(encode(codec, fromHex("aabb"))).toEqual(fromHex(hex));
  }
  expect(() => encode(lengthPrefixed(u8, rest, { unit: 2 }), fromHex("aa"))).toThrow("no multiple of 2");
  expect(decode(lengthPrefixed(u8, rest, { unit: 8, includesHeader: true }), fromHex("00"), "l")).toBeInstanceOf(
    WireError,
  );
});

test("a tag that is not known is refused where the protocol says so; a known one is never unknown", () => {
  const bodies = { one: [1, u8] } as const;
  const layout = { tag: u8, length: u8 } as const;
  expect(String(decode(tagged({ ...layout, unknown: "refuse" }, bodies), fromHex("02 00"), "t"))).toBe(
    "WireError: t: bad-value at octet 0 (tag 2)",
  );
  expect(String(decode(tagged(layout, bodies), fromHex("01 02 0304"), "t"))).toBe(
    "WireError: t.one: trailing-octets at octet 3 (1 left)",
  );
  expect(() => encode(tagged(layout, bodies), { kind: "unknown", tag: 1, body: fromHex("00") })).toThrow(
    "tag 1 is known",
  );
  expect(() => tagged(layout, { one: [1, u8], again: [1, u8] })).toThrow("two bodies for one tag");
  expect(() => oneOf(u8, { one: 1, again: 1 })).toThrow("two names for one number");
  expect(() => encode(openEnum(u8, { one: 1 }), { unknown: 1 })).toThrow("1 is known: it is one");
});

test("views share the packet's octets, no copies", () => {
  const packet = fromHex("0102030405");
  const value = decode(struct({ a: u8, b: rest }), packet, "p");
  expect(value instanceof WireError ? undefined : value.b.buffer).toBe(packet.buffer);
});
