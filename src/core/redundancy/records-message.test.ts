/** Two codecs of one message: whatever the lean one writes or reads, the generated one writes and reads the same. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeAny, decodePeerMessage, encodeAny, encodePeerMessage, type KnownBody } from "./peer-message.ts";
import { decodeRecords, encodeRecords, type RecordsMessage } from "./records-message.ts";

const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const spi = fc.integer({ min: 256, max: 0xffff_ffff });
const ascii = fc.string({ minLength: 1, maxLength: 140, unit: "binary-ascii" });
const name = (key: fc.Arbitrary<string>) =>
  fc.oneof(
    fc.record({ kind: fc.constant("ike" as const), key }),
    spi.map(each => ({ kind: "child" as const, key: String(each) })),
  );
const message = (key: fc.Arbitrary<string>): fc.Arbitrary<RecordsMessage> => {
  const rest = fc.record({
    version: number,
    octets: fc.uint8Array({ maxLength: 140, size: "max" }),
    esn: fc.boolean(),
    held: number,
    inboundEdge: number,
    ageMs: number,
  });
  const record = fc.tuple(name(key), rest).map(([named, others]) => ({ ...named, ...others }));
  return fc.record({ epoch: number, join: number, number, records: fc.array(record, { maxLength: 3 }) });
};
const bodyOf = ({ join, number, records }: RecordsMessage): KnownBody => ({
  is: "entry",
  join,
  number,
  entry: { is: "records", records },
});
const generated = (of: RecordsMessage): Uint8Array => encodeAny(of.epoch, bodyOf(of));
/** Field 6 of a message is an entry, field 4 of that the list, field 1 of that a record. */
const nested = (field: number, ...octets: number[]): number[] => [(field << 3) | 2, octets.length, ...octets];

test("both write the same octets, and read the same message of them", () => {
  fc.assert(
    fc.property(message(ascii), each => {
      const octets = generated(each);
      expect(encodeRecords(each)).toEqual(octets);
      expect(decodeRecords(octets)).toEqual(each);
      expect(decodeAny(octets)).toEqual({ epoch: each.epoch, body: bodyOf(each) });
    }),
  );
});

test("what is read of a damaged message is what the generated code reads of it", () => {
  const change = fc.tuple(fc.nat(), fc.nat(255));
  let read = 0;
  fc.assert(
    fc.property(message(ascii), fc.array(change, { minLength: 1, maxLength: 3 }), fc.nat(40), (each, changes, cut) => {
      const octets = generated(each);
      for (const [at, octet] of changes) octets[at % octets.length] = octet;
      for (const given of [octets, octets.subarray(0, Math.max(0, octets.length - cut))]) {
        const lean = decodeRecords(given);
        if (lean === undefined) continue;
        read += 1;
        expect({ epoch: lean.epoch, body: bodyOf(lean) }).toEqual(decodeAny(given));
      }
    }),
  );
  expect(read).toBeGreaterThan(0);
});

test("a name that is not ASCII is the generated code's", () => {
  const record = { kind: "ike", key: "größer", version: 1, octets: Uint8Array.of(1), esn: false, held: 0 } as const;
  const given = { epoch: 1, join: 2, number: 3, records: [{ ...record, inboundEdge: 0, ageMs: 0 }] };
  expect(encodeRecords(given)).toBeUndefined();
  const octets = encodePeerMessage(1, bodyOf(given));
  expect(decodeRecords(octets)).toBeUndefined();
  expect(decodePeerMessage(octets)).toEqual({ epoch: 1, body: bodyOf(given) });
});

describe("what can be written in another way is left to the generated code", () => {
  const ike = nested(1, 0x08, 1, 0x12, 1, 0x61);
  test.each<[string, number[]]>([
    ["a second body", [...nested(6, ...nested(4)), ...nested(6, ...nested(4))]],
    ["a second list", nested(6, ...nested(4), ...nested(4))],
    ["a second name", nested(6, ...nested(4, ...nested(1, ...ike, ...ike)))],
    ["a field of a later release", nested(6, ...nested(4, ...nested(1, ...ike, 0x78, 1)))],
    ["a number of 64 bits", nested(6, 0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1, ...nested(4))],
    ["a number without end", nested(6, ...nested(4), 0x08, 0x80)],
    ["a part longer than what it is in", nested(6, 0x22, 3, 0x0a, 0)],
    ["a record without a name", nested(6, ...nested(4, ...nested(1, 0x10, 1)))],
    ["a name of no kind", nested(6, ...nested(4, ...nested(1, ...nested(1, 0x08, 3, 0x12, 1, 0x61))))],
    ["an entry of something else", nested(6, ...nested(3))],
    ["nothing", []],
  ])("%s", (_, octets) => {
    expect(decodeRecords(Uint8Array.from(octets))).toBeUndefined();
  });

  test("and what is beside them is read", () => {
    const octets = Uint8Array.from(nested(6, ...nested(4, ...nested(1, ...ike))));
    const record = { kind: "ike", key: "a", version: 0, octets: new Uint8Array(0), esn: false };
    const records = [{ ...record, held: 0, inboundEdge: 0, ageMs: 0 }];
    expect(decodeRecords(octets)).toEqual({ epoch: 0, join: 0, number: 0, records });
  });
});
