/**
 * Codecs of numbers: plain, fixed, named, and several packed into one. All are unsigned and big-endian, as the network
 * has them.
 */
import { invariant } from "../errors.ts";
import type { Codec } from "./reader.ts";
import { refined, type SilentCodec } from "./shapes.ts";

type Names = Readonly<Record<string, number>>;

function uint(octets: 1 | 2 | 3 | 4 | 6): Codec<number> {
  return { decode: reader => reader.uint(octets), encode: (writer, value) => writer.uint(octets, value) };
}

export const u8 = uint(1);
export const u16 = uint(2);
export const u24 = uint(3);
export const u32 = uint(4);
export const u48 = uint(6);

export const u64: Codec<bigint> = {
  decode: reader => BigInt(reader.uint(4)) * 2n ** 32n + BigInt(reader.uint(4)),
  encode: (writer, value) => {
    invariant(value >= 0n && value < 2n ** 64n, `${value} does not fit into 8 octets`);
    writer.uint(4, Number(value >> 32n));
    writer.uint(4, Number(value & 0xffff_ffffn));
  },
};

/** Always `value` on the wire; anything else is refused. */
export function fixed<const N extends number>(codec: Codec<number>, value: N): Codec<N> {
  return refined(
    codec,
    found => (found === value ? value : undefined),
    () => value,
  );
}

/** As `fixed`, but no part of the value: nobody needs to say it when encoding. */
export function constant(codec: Codec<number>, value: number): SilentCodec {
  const inner = fixed(codec, value);
  return {
    silent: true,
    decode: reader => {
      inner.decode(reader);
      return undefined;
    },
    encode: writer => inner.encode(writer, value),
  };
}

/** A number on the wire that has a name for each value that is allowed. */
export function oneOf<const M extends Names>(codec: Codec<number>, names: M): Codec<keyof M & string> {
  const byNumber = namesByNumber(names);
  return refined(
    codec,
    found => byNumber.get(found),
    name => numberOf(names, name),
  );
}

/** As `oneOf`, but a number without a name is kept: it is answered as the protocol says, and encodes back. */
export function openEnum<const M extends Names>(
  codec: Codec<number>,
  names: M,
): Codec<(keyof M & string) | { readonly unknown: number }> {
  const byNumber = namesByNumber(names);
  return {
    decode: reader => {
      const found = codec.decode(reader);
      return byNumber.get(found) ?? { unknown: found };
    },
    encode: (writer, value) => {
      if (typeof value === "string") return codec.encode(writer, numberOf(names, value));
      const name = byNumber.get(value.unknown);
      invariant(name === undefined, `${value.unknown} is known: it is ${name}`);
      codec.encode(writer, value.unknown);
    },
  };
}

/** Several bit fields in one number, the most significant first: `bits(16, { version: 4, length: 12 })`. */
export function bits<const F extends Names>(
  width: 8 | 16 | 24 | 32,
  fields: F,
): Codec<{ readonly [K in keyof F]: number }> {
  const entries = Object.entries(fields);
  const sum = entries.reduce((total, [, count]) => total + count, 0);
  invariant(sum === width, `${sum} bits declared where ${width} belong`);
  const codec = uint((width / 8) as 1 | 2 | 3 | 4);
  return {
    decode: reader => {
      let left = codec.decode(reader);
      let above = width as number;
      const found = entries.map(([name, count]) => {
        above -= count;
        const value = Math.floor(left / 2 ** above);
        left -= value * 2 ** above;
        return [name, value];
      });
      return Object.fromEntries(found) as never;
    },
    encode: (writer, value) => {
      let whole = 0;
      for (const [name, count] of entries) {
        const field = value[name] ?? Number.NaN;
        const fits = Number.isInteger(field) && field >= 0 && field < 2 ** count;
        invariant(fits, `${name} ${field} does not fit into ${count} bit(s)`);
        whole = whole * 2 ** count + field;
      }
      codec.encode(writer, whole);
    },
  };
}

/** Single bits by name: `flags(u8, { encrypted: 0x01 })`. A bit without a name is ignored, and written as zero. */
export function flags<const F extends Names>(
  codec: Codec<number>,
  masks: F,
): Codec<{ readonly [K in keyof F]: boolean }> {
  const entries = Object.entries(masks);
  for (const [name, mask] of entries) invariant(Number.isInteger(Math.log2(mask)), `${name} is not one bit`);
  return {
    decode: reader => {
      const found = codec.decode(reader);
      return Object.fromEntries(entries.map(([name, mask]) => [name, Math.floor(found / mask) % 2 === 1])) as never;
    },
    encode: (writer, value) =>
      codec.encode(
        writer,
        entries.reduce((sum, [name, mask]) => sum + (value[name] ? mask : 0), 0),
      ),
  };
}

function namesByNumber(names: Names): Map<number, string> {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name]));
  invariant(byNumber.size === Object.keys(names).length, `two names for one number: ${Object.keys(names).join(" ")}`);
  return byNumber;
}

function numberOf(names: Names, name: string): number {
  const number = names[name];
  invariant(number !== undefined, `no number for ${name}`);
  return number;
}
