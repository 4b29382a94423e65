import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../errors.ts";
import { decode } from "../../wire/codec.ts";
import { codecKit, fromHex, toHex } from "../../wire/codec-kit.test-support.ts";
import { clearPayloads } from "./isakmp-message.ts";
import { message, RECORDINGS, type Recording, taken } from "./recorded.test-support.ts";
import { saPayload } from "./sa-payload-codec.ts";

const [recording] = RECORDINGS as readonly [Recording];
const offered = taken(clearPayloads(message(recording, 0))).one("sa") ?? new Uint8Array(0);
const octets = fc.uint8Array({ maxLength: 6 });
const attribute = fc.record({ type: fc.nat(0x7fff), value: fc.oneof(fc.nat(0xffff), octets) });
const transform = fc.record({
  number: fc.nat(255),
  id: fc.nat(255),
  attributes: fc.array(attribute, { maxLength: 4 }),
});
/** Generic headers' second octet, and two octets of each transform. */
const RESERVED = [9, 17, 22, 23];

codecKit({
  name: "sa payload",
  codec: saPayload,
  captured: [
    {
      source: "strongSwan's offer of AES-128, SHA1, group 14",
      hex: toHex(offered),
      value: {
        proposals: [
          {
            number: 1,
            protocol: 1,
            spi: new Uint8Array(0),
            transforms: [
              {
                number: 1,
                id: 1,
                attributes: [
                  { type: 1, value: 7 },
                  { type: 14, value: 128 },
                  { type: 2, value: 2 },
                  { type: 4, value: 14 },
                  { type: 3, value: 1 },
                  { type: 11, value: 1 },
                  { type: 12, value: 15_840 },
                ],
              },
            ],
          },
        ],
      },
    },
  ],
  ignored: offset => RESERVED.includes(offset),
  arbitrary: fc.record({
    proposals: fc.array(
      fc.record({
        number: fc.nat(255),
        protocol: fc.nat(255),
        spi: octets,
        transforms: fc.array(transform, { minLength: 1, maxLength: 3 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
  }),
});

describe("I11: lists that disagree with themselves", () => {
  const HEAD = "00000001 00000001";
  const refused = (hex: string): string => {
    const value = decode(saPayload, fromHex(HEAD + hex), "sa");
    if (!(value instanceof WireError)) throw new Error("it was taken");
    return `${value.path} ${value.fault}`;
  };

  test.each([
    ["no proposal", "", "sa.proposals.0 truncated"],
    ["a last proposal that says another follows", "02000010 01030001 00000008 01010000", "sa.proposals.1 truncated"],
    ["a proposal behind the last", `${"00000010 01030001 00000008 01010000".repeat(2)}`, "sa trailing-octets"],
    ["a mark that is none", "05000010 01030001 00000008 01010000", "sa.proposals.0.next bad-value"],
    ["a length below its header", "00000003", "sa.proposals.0.length bad-value"],
    ["a length past the end", "000000ff 01030001", "sa.proposals.0 truncated"],
    [
      "a count of transforms that are not there",
      "00000010 01030002 00000008 01010000",
      "sa.proposals.0.count bad-value",
    ],
    ["no transform", "00000008 01030000", "sa.proposals.0.transforms.0 truncated"],
    ["an SPI past the end", "00000010 0103ff01 00000008 01010000", "sa.proposals.0.spi truncated"],
    [
      "an attribute past the end",
      "00000014 01030001 0000000c 01010000 000e0010",
      "sa.proposals.0.transforms.0.attributes.0 truncated",
    ],
  ])("%s", (_, hex, where) => {
    expect(refused(hex)).toBe(where);
  });

  test("more proposals, transforms and attributes than anybody offers in earnest", () => {
    const many = (count: number, follows: string, last: string): string => follows.repeat(count - 1) + last;
    const proposals = many(33, "02000010010300010000000801010000", "00000010010300010000000801010000");
    expect(refused(proposals)).toBe("sa.proposals bad-value");
  });
});
