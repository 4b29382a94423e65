import fc from "fast-check";
import { expect, test } from "vitest";
import { fromUtf8, utf8 } from "./utf8.ts";

test("UTF-8 agrees with the platform", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), text => {
      expect(fromUtf8(utf8(text))).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), text => {
      expect(utf8(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
});

test("octets that are not UTF-8 become replacement characters, and no more than they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), octets => {
      const text = fromUtf8(octets);
      expect([...text].length).toBeLessThanOrEqual(octets.length);
      if (!text.includes("\ufffd")) expect(utf8(text)).toEqual(octets);
    }),
  );
  for (const overlong of [
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
  ]) {
    expect([...fromUtf8(Uint8Array.from(overlong))].every(char => char === "\ufffd")).toBe(true);
  }
});

test("RFC 3629 section 7", () => {
  const examples: [string, number[]][] = [
    ["A\u2262\u0391.", [0x41, 0xe2, 0x89, 0xa2, 0xce, 0x91, 0x2e]],
    ["\ud55c\uad6d\uc5b4", [0xed, 0x95, 0x9c, 0xea, 0xb5, 0xad, 0xec, 0x96, 0xb4]],
    ["\ufeff\u{233b4}", [0xef, 0xbb, 0xbf, 0xf0, 0xa3, 0x8e, 0xb4]],
  ];
  for (const [text, octets] of examples) {
    expect(utf8(text)).toEqual(Uint8Array.from(octets));
    expect(fromUtf8(Uint8Array.from(octets))).toBe(text);
  }
});

test("the smallest and the largest of each length", () => {
  const text = String.fromCodePoint(0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff);
  expect(fromUtf8(utf8(text))).toBe(text);
  expect(utf8(text).length).toBe(1 + 1 + 2 + 2 + 3 + 3 + 3 + 3 + 4 + 4);
});

test("half of a surrogate pair becomes a replacement character", () => {
  for (const half of ["\ud800", "\udbff", "\udc00", "\udfff"])
    expect(utf8(half)).toEqual(Uint8Array.from([0xef, 0xbf, 0xbd]));
});
