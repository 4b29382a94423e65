/** Random formats with random values: what holds for every format holds for those that nobody has declared yet. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import {
  array,
  bits,
  bounded,
  type Codec,
  constant,
  decode,
  encode,
  flags,
  lengthPrefixed,
  octets,
  oneOf,
  openEnum,
  optional,
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

/** A codec that knows where it ends, and its values. */
interface Format {
  readonly codec: Codec<unknown>;
  readonly values: fc.Arbitrary<unknown>;
}

const FIELD_NAMES = ["a", "b", "c", "d"];
const KINDS = { hello: 0, coup: 7 } as const;

function unsigned(octetCount: number): fc.Arbitrary<number> {
  const largest = 2 ** (octetCount * 8) - 1;
  return fc.oneof(fc.constantFrom(0, 1, largest), fc.integer({ min: 0, max: largest }));
}

const leaves: readonly Format[] = [
  { codec: u8, values: unsigned(1) },
  { codec: u16, values: unsigned(2) },
  { codec: u24, values: unsigned(3) },
  { codec: u32, values: unsigned(4) },
  { codec: u48, values: unsigned(6) },
  { codec: u64, values: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) },
  { codec: octets(3), values: fc.uint8Array({ minLength: 3, maxLength: 3 }) },
  { codec: text(6), values: fc.constantFrom("", "cisco", "é", "abcdef") },
  { codec: oneOf(u8, KINDS), values: fc.constantFrom("hello", "coup") },
  { codec: openEnum(u16, KINDS), values: fc.constantFrom("hello", "coup", { unknown: 1 }, { unknown: 65_535 }) },
  {
    codec: bits(16, { high: 1, middle: 11, low: 4 }),
    values: fc.record({ high: fc.nat(1), middle: fc.nat(2047), low: fc.nat(15) }),
  },
  { codec: flags(u8, { one: 1, top: 128 }), values: fc.record({ one: fc.boolean(), top: fc.boolean() }) },
];

const longBody = { codec: rest, values: fc.uint8Array({ maxLength: 40 }) };

function structOf(fields: readonly Format[]): Format {
  const named = fields.map((field, at) => [FIELD_NAMES[at] ?? "", field] as const);
  return {
    codec: struct({
      magic: constant(u8, 0x5a),
      ...Object.fromEntries(named.map(([name, { codec }]) => [name, codec])),
      reserved: padding(1),
    }),
    values: fc.record(Object.fromEntries(named.map(([name, { values }]) => [name, values]))),
  };
}

function bodiesOf(inner: Format): fc.Arbitrary<Format> {
  const some = fc.array(inner.values, { maxLength: 5 });
  return fc.constantFrom<Format>(
    { codec: lengthPrefixed(u16, inner.codec), values: inner.values },
    { codec: lengthPrefixed(u24, inner.codec, { includesHeader: true }), values: inner.values },
    { codec: lengthPrefixed(u16, inner.codec, { extra: 5 }), values: inner.values },
    // Not of `inner`, of which nothing might be left as well.
    { codec: lengthPrefixed(u8, optional(u16)), values: fc.option(fc.nat(65_535), { nil: undefined }) },
    { codec: lengthPrefixed(u16, array(struct({ it: inner.codec, end: u8 }), 5)), values: some.map(wrapped) },
    {
      codec: tagged({ tag: u8, length: u16, extra: 3 }, { first: [1, inner.codec], second: [2, longBody.codec] }),
      values: fc.oneof(
        fc.record({ kind: fc.constant("first"), body: inner.values }),
        fc.record({ kind: fc.constant("second"), body: longBody.values }),
        fc.record({ kind: fc.constant("unknown"), tag: fc.integer({ min: 3, max: 255 }), body: longBody.values }),
      ),
    },
    { codec: struct({ field: bounded(2, u16), inner: inner.codec }), values: inner.values.map(withField) },
  );
}

const wrapped = (items: readonly unknown[]): unknown => items.map(it => ({ it, end: 7 }));
const withField = (inner: unknown): unknown => ({ field: 300, inner });

const { format } = fc.letrec<{ format: Format }>(again => ({
  format: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    fc.constantFrom(...leaves),
    fc.array(again("format"), { maxLength: 4 }).map(structOf),
    again("format").chain(bodiesOf),
  ),
}));

const formatAndValue = format.chain(({ codec, values }) => values.map(value => ({ codec, value })));

test("every value comes back, and no shorter octets are a value", () => {
  fc.assert(
    fc.property(formatAndValue, ({ codec, value }) => {
      const written = encode(codec, value);
      expect(decode(codec, written, "x")).toEqual(value);
      for (let length = 0; length < written.length; length++)
        expect(decode(codec, written.subarray(0, length), "x")).toBeInstanceOf(WireError);
    }),
    { numRuns: 500 },
  );
});

test("damaged octets give a value that is written stably, or an error inside of the packet", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 6, size: "max" });
  fc.assert(
    fc.property(formatAndValue, damage, ({ codec, value }, changes) => {
      const written = encode(codec, value);
      if (written.length === 0) return;
      for (const [at, octet] of changes) written[at % written.length] = octet;
      const found = decode(codec, written, "x");
      if (found instanceof WireError) {
        expect(found.path).toMatch(/^x(\.[a-z0-9]+)*$/);
        expect(found.offset).toBeGreaterThanOrEqual(0);
        expect(found.offset).toBeLessThanOrEqual(written.length);
      } else expect(decode(codec, encode(codec, found), "x")).toEqual(found);
    }),
    { numRuns: 1_000 },
  );
});
