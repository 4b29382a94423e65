/** Whether the kit finds what it is for: each sabotaged codec must fail the check that is named beside it. */
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import { array, type Codec, lengthPrefixed, octets, rest, struct, u8, u16 } from "./codec.ts";
import { type CodecKit, codecChecks, fromHex } from "./codec-kit.test-support.ts";

// Which octets are the shortest that a codec dies of is not the question here, and takes long to find.
fc.configureGlobal({ endOnFailure: true });
afterAll(() => fc.resetConfigureGlobal());

interface Message {
  kind: number;
  size: number;
  items: number[];
}

const good: Codec<Message> = struct({ kind: u8, size: u16, items: lengthPrefixed(u8, array(u8, 4)) });
const captured = [{ source: "a message", hex: "07 0102 02 0304", value: { kind: 7, size: 0x102, items: [3, 4] } }];
const kit = (codec: Codec<Message>): CodecKit<Message> => ({ name: "message", codec, captured });

const failing = (each: CodecKit<Message>): string[] =>
  codecChecks(each).flatMap(([name, check]) => {
    try {
      check();
      return [];
    } catch {
      return [name];
    }
  });

const sabotage: Record<string, [Codec<Message>, string]> = {
  "reads the wrong number": [{ ...good, decode: reader => ({ ...good.decode(reader), kind: 8 }) }, "decodes a message"],
  "writes the wrong number": [
    { ...good, encode: (writer, value) => good.encode(writer, { ...value, kind: 8 }) },
    "makes a message",
  ],
  "reads past the end as if there were zeros": [
    { ...good, decode: reader => (reader.remaining < 6 ? { kind: 0, size: 0, items: [] } : good.decode(reader)) },
    "refuses every truncation of a message",
  ],
  "does not look at a field": [
    { ...good, decode: reader => ({ ...good.decode(reader), kind: 7 }) },
    "survives every change of an octet of a message",
  ],
  "overlooks one value of one octet": [
    {
      ...good,
      decode: reader => {
        const value = good.decode(reader);
        return value.kind === 0x5c ? { ...value, kind: 0x5d } : value;
      },
    },
    "survives every change of an octet of a message",
  ],
  "dies of some octets": [
    {
      ...good,
      decode: reader => {
        if (reader.remaining > 100) throw new RangeError("a bug");
        return good.decode(reader);
      },
    },
    "survives any octets",
  ],
};

describe("the kit", () => {
  test("passes a good codec", () => {
    expect(failing(kit(good))).toEqual([]);
  });

  for (const [what, [codec, check]] of Object.entries(sabotage))
    test(`fails a codec that ${what}`, () => {
      expect(failing(kit(codec))).toContain(check);
    });

  test("wants samples", () => {
    expect(() => codecChecks({ ...kit(good), captured: [] })).toThrow("at least one sample");
    expect(() => fromHex("0g")).toThrow("not octets in hex");
    expect(() => fromHex("012")).toThrow("not octets in hex");
  });

  test("takes the values of vectors as JSON, and still compares them", () => {
    const codec = struct({ a: octets(2), b: rest });
    const vector = (value: unknown) => ({ source: "a specification", hex: "01 02 03", value });
    const mayEndAt = (length: number): boolean => length >= 2;
    const run = (value: unknown) => () => {
      for (const [, check] of codecChecks({ name: "v", codec, captured: [], vectors: [vector(value)], mayEndAt }))
        check();
    };
    run({ a: "0102", b: "03" })();
    expect(run({ a: "0102", b: "04" })).toThrow();
  });
});
