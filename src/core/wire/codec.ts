/**
 * Declarative codecs: a wire format is declared once, and its type, decoder, encoder and error path follow.
 *
 * The codec proves the shape only. Decoding is total: any octets give a value or a `WireError`; what the value means
 * is for the room that declared it. Encoding
 * takes only values that fit; one that does not is a bug of ours.
 */
import { invariant, WireError } from "../errors.ts";
import { Reader, Writer } from "./reader.ts";

export { Reader, Writer } from "./reader.ts";

export interface Codec<T> {
  decode(reader: Reader): T;
  encode(writer: Writer, value: T): void;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

/** The only place where a `WireError` is caught: past this door a bad packet is a value to count and drop. */
export function decode<T>(codec: Codec<T>, octets: Uint8Array, name: string): T | WireError {
  const reader = new Reader(octets, name);
  try {
    const value = codec.decode(reader);
    reader.end();
    return value;
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

export function encode<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer();
  codec.encode(writer, value);
  return writer.finish();
}

function uint(octets: 1 | 2 | 3 | 4 | 6): Codec<number> {
  return { decode: reader => reader.uint(octets), encode: (writer, value) => writer.uint(octets, value) };
}

/** Unsigned, big-endian. */
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

/** A number on the wire that has a name for each value that is allowed. */
export function oneOf<const M extends Readonly<Record<string, number>>>(
  codec: Codec<number>,
  names: M,
): Codec<keyof M & string> {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name]));
  return refined(
    codec,
    found => byNumber.get(found),
    name => numberOf(names, name),
  );
}

/** As `oneOf`, but a number without a name is kept: it is answered as the protocol says, and encodes back. */
export function openEnum<const M extends Readonly<Record<string, number>>>(
  codec: Codec<number>,
  names: M,
): Codec<(keyof M & string) | { readonly unknown: number }> {
  const byNumber = new Map(Object.entries(names).map(([name, number]) => [number, name]));
  return {
    decode: reader => {
      const found = codec.decode(reader);
      return byNumber.get(found) ?? { unknown: found };
    },
    encode: (writer, value) => codec.encode(writer, typeof value === "string" ? numberOf(names, value) : value.unknown),
  };
}

/** A codec whose values are those of another one that `parse` takes; `undefined` refuses. */
export function refined<W, T>(codec: Codec<W>, parse: (wire: W) => T | undefined, print: (value: T) => W): Codec<T> {
  return {
    decode: reader => {
      const offset = reader.offset;
      const wire = codec.decode(reader);
      const value = parse(wire);
      if (value === undefined) throw reader.fault("bad-value", show(wire), offset);
      return value;
    },
    encode: (writer, value) => codec.encode(writer, print(value)),
  };
}

/** A view of `count` octets. */
export function octets(count: number): Codec<Uint8Array> {
  return {
    decode: reader => reader.take(count),
    encode: (writer, value) => {
      invariant(value.length === count, `${value.length} octets where ${count} belong`);
      writer.put(value);
    },
  };
}

/** A view of everything that is left. */
export const rest: Codec<Uint8Array> = {
  decode: reader => reader.take(reader.remaining),
  encode: (writer, value) => writer.put(value),
};

/** Zeros that mean nothing: written as zero, ignored when read. */
export function padding(count: number): Codec<undefined> {
  return {
    decode: reader => {
      reader.take(count);
      return undefined;
    },
    encode: writer => writer.put(new Uint8Array(count)),
  };
}

// biome-ignore lint/suspicious/noExplicitAny: a codec is invariant, and fields differ in their values
type Fields = Readonly<Record<string, Codec<any>>>;

/** Fields in the order of the wire. One description is read by the decoder, the encoder and the error path. */
export function struct<F extends Fields>(fields: F): Codec<{ [K in keyof F]: ValueOf<F[K]> }> {
  const entries = Object.entries(fields);
  return {
    decode: reader =>
      Object.fromEntries(entries.map(([name, codec]) => [name, reader.at(name, r => codec.decode(r))])) as never,
    encode: (writer, value) => {
      for (const [name, codec] of entries) codec.encode(writer, value[name]);
    },
  };
}

/** As many as there are octets for, at most `max`; more are refused. */
export function array<T>(codec: Codec<T>, max: number): Codec<T[]> {
  return {
    decode: reader => {
      const values: T[] = [];
      while (reader.remaining > 0) {
        if (values.length === max) throw reader.fault("bad-value", `more than ${max}`);
        const before = reader.remaining;
        values.push(reader.at(String(values.length), r => codec.decode(r)));
        invariant(reader.remaining < before, `${reader.path}: an element of no octets`);
      }
      return values;
    },
    encode: (writer, values) => {
      invariant(values.length <= max, `${values.length} elements where at most ${max} belong`);
      for (const value of values) codec.encode(writer, value);
    },
  };
}

/**
 * A body behind its own length. `extra` is what the length counts besides the body: 2 for a 16-bit length that counts
 * itself.
 */
export function lengthPrefixed<T>(length: Codec<number>, body: Codec<T>, extra = 0): Codec<T> {
  return {
    decode: reader => {
      const offset = reader.offset;
      const count = length.decode(reader) - extra;
      if (count < 0) throw reader.fault("bad-value", `length ${count + extra}, at least ${extra} needed`, offset);
      return reader.within(count, r => body.decode(r));
    },
    encode: (writer, value) => {
      const octets = encode(body, value);
      length.encode(writer, octets.length + extra);
      writer.put(octets);
    },
  };
}

/** Several bit fields in one big-endian number, the most significant first: `bits(16, { version: 4, length: 12 })`. */
export function bits<const F extends Readonly<Record<string, number>>>(
  width: 8 | 16 | 24 | 32,
  fields: F,
): Codec<{ [K in keyof F]: number }> {
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
        const field = value[name] ?? 0;
        invariant(field >= 0 && field < 2 ** count, `${name} ${field} does not fit into ${count} bit(s)`);
        whole = whole * 2 ** count + field;
      }
      codec.encode(writer, whole);
    },
  };
}

function numberOf(names: Readonly<Record<string, number>>, name: string): number {
  const number = names[name];
  invariant(number !== undefined, `no number for ${name}`);
  return number;
}

function show(wire: unknown): string {
  if (wire instanceof Uint8Array)
    return [...wire.subarray(0, 16)].map(octet => octet.toString(16).padStart(2, "0")).join("");
  return typeof wire === "object" ? JSON.stringify(wire) : String(wire);
}
