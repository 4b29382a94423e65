/**
 * The five tests that every codec passes, from one description: captured octets decode; they encode back; every
 * truncation is refused; every change of a single octet is refused or decodes to what encodes back to it; published
 * vectors pass. With an arbitrary, random values round-trip; random octets are survived always.
 *
 * Vectors are data of a specification: their values may be plain JSON, in which octets are hex and a bigint is decimal.
 */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { type Codec, decode, encode } from "./codec.ts";

export interface Sample<T> {
  /** Who wrote these octets, where they were captured, or the specification and its section. */
  readonly source: string;
  /** Blanks and line ends are for the reader. */
  readonly hex: string;
  readonly value: T;
}

export interface CodecKit<T> {
  readonly name: string;
  readonly codec: Codec<T>;
  /** Octets seen on a wire, or made by another implementation. */
  readonly captured: readonly Sample<T>[];
  /** From a specification. */
  readonly vectors?: readonly Sample<unknown>[];
  readonly arbitrary?: fc.Arbitrary<T>;
  /** Where octets are free: a changed octet there may encode back as another, for instance padding that is ignored. */
  readonly ignored?: (offset: number, octets: Uint8Array) => boolean;
  /** A shorter packet may be whole, where a format ends in what is left. It must then encode back. */
  readonly mayEndAt?: (length: number, octets: Uint8Array) => boolean;
}

export function fromHex(hex: string): Uint8Array {
  const digits = hex.replace(/\s+/g, "");
  if (!/^([0-9a-f]{2})*$/i.test(digits)) throw new Error(`not octets in hex: ${hex}`);
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) =>
    Number.parseInt(digits.substring(at * 2, at * 2 + 2), 16),
  );
}

export function toHex(octets: Uint8Array): string {
  return [...octets].map(octet => octet.toString(16).padStart(2, "0")).join("");
}

export function codecKit<T>(kit: CodecKit<T>): void {
  describe(`codec ${kit.name}`, () => {
    for (const [what, check] of codecChecks(kit)) test(what, check);
  });
}

/** The tests by name. Apart from `codecKit`, so that the kit itself can be seen to find faults. */
export function codecChecks<T>(kit: CodecKit<T>): [string, () => void][] {
  const samples: readonly Sample<unknown>[] = [...kit.captured, ...(kit.vectors ?? [])];
  if (samples.length === 0) throw new Error(`codec ${kit.name}: no octets to decode, at least one sample expected`);
  const checks = samples.flatMap(({ source, hex, value }): [string, () => void][] => {
    const octets = fromHex(hex);
    return [
      [`decodes ${source}`, () => expect(plain(decode(kit.codec, octets, kit.name))).toEqual(plain(value))],
      [`encodes ${source}`, () => encodesBack(kit, octets)],
      [`refuses every truncation of ${source}`, () => refusesTruncation(kit, octets)],
      [`survives every change of an octet of ${source}`, () => survivesChange(kit, octets)],
    ];
  });
  for (const { source, hex, value } of kit.captured)
    checks.push([`makes ${source}`, () => expect(toHex(encode(kit.codec, value))).toBe(toHex(fromHex(hex)))]);
  checks.push([
    "survives any octets",
    () =>
      survivesAnything(
        kit,
        samples.map(({ hex }) => fromHex(hex)),
      ),
  ]);
  const { arbitrary } = kit;
  if (arbitrary !== undefined) checks.push(["gives back every value", () => givesBack(kit, arbitrary)]);
  return checks;
}

function encodesBack<T>({ codec, name }: CodecKit<T>, octets: Uint8Array): void {
  expect(toHex(encode(codec, accepted(decode(codec, octets, name))))).toBe(toHex(octets));
}

function refusesTruncation<T>({ codec, name, mayEndAt }: CodecKit<T>, octets: Uint8Array): void {
  for (let length = 0; length < octets.length; length++) {
    const value = decode(codec, octets.subarray(0, length), name);
    const what = `${length} of ${octets.length} octets`;
    if (!mayEndAt?.(length, octets)) expect(value, what).toBeInstanceOf(WireError);
    else if (!(value instanceof WireError))
      expect(toHex(encode(codec, value)), what).toBe(toHex(octets.subarray(0, length)));
  }
}

function survivesChange<T>({ codec, name, ignored }: CodecKit<T>, octets: Uint8Array): void {
  for (const at of octets.keys()) {
    const changed = Uint8Array.from(octets);
    for (let flip = 1; flip < 256; flip++) {
      changed[at] = (octets[at] ?? 0) ^ flip;
      const value = decode(codec, changed, name);
      if (value instanceof WireError) continue;
      const again = encode(codec, value);
      const what = (): string => `octet ${at} changed to ${changed[at]}`;
      if (ignored?.(at, octets)) sameValue(decode(codec, again, name), value, what);
      else if (!isDeepStrictEqual(again, changed)) expect(toHex(again), what()).toBe(toHex(changed));
    }
  }
}

/** Random octets seldom get past the first field, so half of them are a sample with several octets replaced. */
function survivesAnything<T>({ codec, name }: CodecKit<T>, samples: readonly Uint8Array[]): void {
  const damage = fc.array(fc.tuple(fc.nat(1_000), fc.nat(255)), { maxLength: 8, size: "max" });
  const damaged = fc.tuple(fc.constantFrom(...samples), damage).map(([sample, changes]) => {
    const octets = Uint8Array.from(sample);
    for (const [at, octet] of changes) octets[at % octets.length] = octet;
    return octets;
  });
  fc.assert(
    // Of the largest size, for by default arrays stay at about ten elements.
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 256, size: "max" }), damaged), octets => {
      const value = decode(codec, octets, name);
      if (!(value instanceof WireError)) sameValue(decode(codec, encode(codec, value), name), value);
    }),
    { numRuns: 300 },
  );
}

function givesBack<T>({ codec, name }: CodecKit<T>, arbitrary: fc.Arbitrary<T>): void {
  fc.assert(
    fc.property(arbitrary, value => {
      expect(decode(codec, encode(codec, value), name)).toEqual(value);
    }),
  );
}

/** Ten thousand octets are changed for each codec, and `expect` is slow where it has nothing to say. */
function sameValue(found: unknown, expected: unknown, what?: () => string): void {
  if (!isDeepStrictEqual(found, expected)) expect(found, what?.()).toEqual(expected);
}

function accepted<T>(value: T | WireError): T {
  if (value instanceof WireError) throw value;
  return value;
}

/** As JSON would have it, so that vectors can be files. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value);
  if (typeof value === "bigint") return value.toString();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null || value instanceof Error) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}
