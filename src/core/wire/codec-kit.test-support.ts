/**
 * The five tests that every codec passes, from one description: captured octets decode; they encode back; every
 * truncation is refused; every change of a single
 * octet is refused or decodes to what encodes back to it; published vectors pass. With an arbitrary, random values
 * round-trip and random octets are survived.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { type Codec, decode, encode } from "./codec.ts";

export interface Sample<T> {
  /** Blanks and line ends are for the reader. */
  readonly hex: string;
  readonly value: T;
}

export interface CodecKit<T> {
  readonly name: string;
  readonly codec: Codec<T>;
  /** Octets seen on a wire, or made by another implementation; `source` says which. */
  readonly captured: readonly (Sample<T> & { readonly source: string })[];
  /** From a specification. */
  readonly vectors?: readonly (Sample<T> & { readonly source: string })[];
  readonly arbitrary?: fc.Arbitrary<T>;
  /** Where octets are free: a changed octet there may encode back as another, for instance padding that is ignored. */
  readonly ignored?: (offset: number, octets: Uint8Array) => boolean;
  /** A shorter packet may be whole, where a format ends in what is left. */
  readonly mayEndAt?: (length: number, octets: Uint8Array) => boolean;
}

export function fromHex(hex: string): Uint8Array {
  const digits = hex.replace(/\s+/g, "");
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.substring(at * 2, at * 2 + 2), 16),
  );
}

export function toHex(octets: Uint8Array): string {
  return [...octets].map(octet => octet.toString(16).padStart(2, "0")).join("");
}

export function codecKit<T>(kit: CodecKit<T>): void {
  const { name, codec, arbitrary } = kit;
  const samples = [...kit.captured, ...(kit.vectors ?? [])];
  describe(`codec ${name}`, () => {
    test.each(samples)("decodes $source", ({ hex, value }) => {
      expect(decode(codec, fromHex(hex), name)).toEqual(value);
    });
    test.each(samples)("encodes $source", ({ hex, value }) => {
      expect(toHex(encode(codec, value))).toBe(hex.replace(/\s+/g, ""));
    });
    test.each(samples)("refuses every truncation of $source", ({ hex }) => refusesTruncation(kit, fromHex(hex)));
    test.each(samples)("survives every change of an octet of $source", ({ hex }) => survivesChange(kit, fromHex(hex)));
    test("survives any octets", () => {
      fc.assert(fc.property(fc.uint8Array({ maxLength: 256 }), octets => void decode(codec, octets, name)));
    });
    if (arbitrary === undefined) return;
    test("gives back every value", () => {
      fc.assert(
        fc.property(arbitrary, value => {
          expect(decode(codec, encode(codec, value), name)).toEqual(value);
        }),
      );
    });
  });
}

function refusesTruncation<T>({ codec, name, mayEndAt }: CodecKit<T>, octets: Uint8Array): void {
  for (let length = 0; length < octets.length; length++) {
    if (mayEndAt?.(length, octets)) continue;
    expect(decode(codec, octets.subarray(0, length), name), `${length} of ${octets.length} octets`).toBeInstanceOf(
      WireError,
    );
  }
}

function survivesChange<T>({ codec, name, ignored }: CodecKit<T>, octets: Uint8Array): void {
  for (const at of octets.keys()) {
    for (const flip of [0x01, 0x80, 0xff]) {
      const changed = Uint8Array.from(octets);
      changed[at] = (changed[at] ?? 0) ^ flip;
      const value = decode(codec, changed, name);
      if (value instanceof WireError || ignored?.(at, octets)) continue;
      expect(toHex(encode(codec, value)), `octet ${at} changed`).toBe(toHex(changed));
    }
  }
}
