import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { parseIpv4, parseIpv6 } from "./address.ts";
import { checksummed, internetChecksum, pseudoHeader } from "./checksum.ts";
import { decode, encode, padding, rest, struct, u8, u16 } from "./codec.ts";
import { fromHex } from "./codec-kit.test-support.ts";

test("RFC 1071 section 3: the sum of its example is ddf2", () => {
  expect(internetChecksum(fromHex("0001 f203 f4f5 f6f7"))).toBe(0xffff - 0xddf2);
  expect(internetChecksum(fromHex("0001 f203"), fromHex("f4f5"), fromHex("f6f7"))).toBe(0x220d);
});

test("an odd octet at the end counts as if a zero followed; elsewhere it is a bug of ours", () => {
  expect(internetChecksum(fromHex("0102 03"))).toBe(internetChecksum(fromHex("0102 0300")));
  expect(internetChecksum()).toBe(0xffff);
  expect(() => internetChecksum(fromHex("01"), fromHex("0203"))).toThrow("part 0 of a checksum has 1 octets");
});

test("what carries its own checksum sums to zero, until an octet changes", () => {
  const codec = checksummed(struct({ kind: u8, more: u8, checksum: padding(2), rest }), { at: 2 });
  const some = fc.record({ kind: fc.nat(255), more: fc.nat(255), rest: fc.uint8Array({ maxLength: 40 }) });
  fc.assert(
    fc.property(some, fc.nat(), fc.integer({ min: 1, max: 255 }), (value, where, flip) => {
      const octets = encode(codec, value);
      expect(internetChecksum(octets)).toBe(0);
      expect(decode(codec, octets, "c")).toEqual(value);
      const at = where % octets.length;
      octets[at] = (octets[at] ?? 0) ^ flip;
      expect(decode(codec, octets, "c")).toBeInstanceOf(WireError);
    }),
  );
});

test("large packets sum without overflow", () => {
  expect(internetChecksum(new Uint8Array(0x1_0000).fill(0xff))).toBe(0);
});

test("a wrong checksum is refused at its own octet, also inside of another format", () => {
  const inner = checksummed(struct({ kind: u8, more: u8, checksum: padding(2) }), { at: 2 });
  expect(String(decode(struct({ before: u16, inner }), fromHex("0000 0102 fefc"), "c"))).toBe(
    "WireError: c.inner.checksum: bad-value at octet 4 (off by 1)",
  );
  expect(decode(inner, fromHex("0102"), "c")).toBeInstanceOf(WireError);
});

test("pseudo-headers of both families", () => {
  const [a, b] = [parseIpv4("192.0.2.1"), parseIpv4("192.0.2.2")];
  const [c, d] = [parseIpv6("2001:db8::1"), parseIpv6("2001:db8::2")];
  if (!a || !b || !c || !d) throw new Error("the test itself is wrong: four addresses expected");
  expect(pseudoHeader(a, b, 17, 0x0102)).toEqual(fromHex("c0000201 c0000202 00 11 0102"));
  const six = "20010db8000000000000000000000001 20010db8000000000000000000000002 00000102 000000 3a";
  expect(pseudoHeader(c, d, 58, 0x0102)).toEqual(fromHex(six));
  expect(pseudoHeader(a, b, 17, 0xffff).subarray(10)).toEqual(fromHex("ffff"));
  expect(() => pseudoHeader(a, d, 17, 8)).toThrow("of two families");
  expect(() => pseudoHeader(a, b, 17, 0x10000)).toThrow("65536 octets under one checksum");
});
