/**
 * Codecs made of codecs: fields in a row, repetition, lengths, padding, and values that are stricter than their octets.
 */
import { invariant } from "../errors.ts";
import { type Codec, octetsOf, type ValueOf } from "./reader.ts";
import { fromUtf8, utf8 } from "./utf8.ts";

/** Octets on the wire that say nothing: a struct leaves them out of its value. */
export interface SilentCodec extends Codec<undefined> {
  readonly silent: true;
}

// biome-ignore lint/suspicious/noExplicitAny: a codec is invariant, and fields differ in their values
type Fields = Readonly<Record<string, Codec<any>>>;

type StructValue<F extends Fields> = {
  [K in keyof F as F[K] extends SilentCodec ? never : K]: ValueOf<F[K]>;
};

/** Fields in the order of the wire. One description is read by the decoder, the encoder and the error path. */
export function struct<F extends Fields>(fields: F): Codec<StructValue<F>> {
  const entries = Object.entries(fields);
  return {
    decode: reader => {
      const value: Record<string, unknown> = {};
      for (const [name, codec] of entries) {
        const found = reader.at(name, r => codec.decode(r));
        if (!("silent" in codec)) value[name] = found;
      }
      return value as StructValue<F>;
    },
    encode: (writer, value) => {
      for (const [name, codec] of entries) codec.encode(writer, (value as Record<string, unknown>)[name]);
    },
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

/** UTF-8 in a field of `count` octets, filled up with zeros. */
export function text(count: number): Codec<string> {
  return refined(octets(count), textOf, value => {
    const written = utf8(value);
    const fits = written.length <= count && !written.includes(0);
    invariant(fits, `${JSON.stringify(value)} does not fit into ${count} octets of text`);
    const field = new Uint8Array(count);
    field.set(written);
    return field;
  });
}

/** Octets that mean nothing: written as zeros, ignored when read. */
export function padding(count: number): SilentCodec {
  return {
    silent: true,
    decode: reader => {
      reader.take(count);
      return undefined;
    },
    encode: writer => writer.put(new Uint8Array(count)),
  };
}

/** A value after which everything is padding, as in an Ethernet frame; zeros are written up to `least` octets. */
export function padded<T>(codec: Codec<T>, least = 0): Codec<T> {
  return {
    decode: reader => {
      const value = codec.decode(reader);
      reader.take(reader.remaining);
      return value;
    },
    encode: (writer, value) => {
      const start = writer.length;
      codec.encode(writer, value);
      writer.put(new Uint8Array(Math.max(0, start + least - writer.length)));
    },
  };
}

/** A value in a field of exactly `count` octets. */
export function bounded<T>(count: number, codec: Codec<T>): Codec<T> {
  return {
    decode: reader => reader.within(count, r => codec.decode(r)),
    encode: (writer, value) => octets(count).encode(writer, octetsOf(codec, value)),
  };
}

/** `undefined` where nothing is left: a part that newer senders add at the end. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    decode: reader => (reader.remaining === 0 ? undefined : codec.decode(reader)),
    encode: (writer, value) => {
      if (value !== undefined) codec.encode(writer, value);
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

/** What a length field counts; by default the octets of the body. */
export interface LengthLayout {
  /** It counts itself too, and the tag before it. */
  readonly includesHeader?: boolean;
  /** Octets that it counts besides these, such as fields that stand before it. */
  readonly extra?: number;
  /** Octets in one of what it counts: 8 in the options of neighbour discovery. */
  readonly unit?: number;
}

/** A body behind its own length, which bounds it. */
export function lengthPrefixed<T>(length: Codec<number>, body: Codec<T>, layout: LengthLayout = {}): Codec<T> {
  const count = bodyCount(length, layout, 0);
  return {
    decode: reader => reader.within(count.decode(reader), r => body.decode(r)),
    encode: (writer, value) => {
      const written = octetsOf(body, value);
      count.encode(writer, written.length);
      writer.put(written);
    },
  };
}

/** The octets of a body, as its length field says them. `before` are the octets of the header before that field. */
export function bodyCount(length: Codec<number>, layout: LengthLayout, before: number): Codec<number> {
  const { includesHeader = false, extra = 0, unit = 1 } = layout;
  const besides = extra + (includesHeader ? before + octetsOf(length, 0).length : 0);
  return {
    decode: reader => {
      const offset = reader.offset;
      const said = length.decode(reader) * unit;
      if (said < besides) throw reader.fault("bad-value", `length ${said}, at least ${besides} needed`, offset);
      return said - besides;
    },
    encode: (writer, count) => {
      const said = (count + besides) / unit;
      invariant(Number.isInteger(said), `${count + besides} octets are no multiple of ${unit}`);
      length.encode(writer, said);
    },
  };
}

/**
 * What stands before the first zero, if it is UTF-8 and only zeros follow. What is not UTF-8 would not come back: each
 * such octet becomes a replacement character, which has three.
 */
function textOf(field: Uint8Array): string | undefined {
  const end = field.indexOf(0);
  const written = end === -1 ? field : field.subarray(0, end);
  const value = fromUtf8(written);
  const comesBack = utf8(value).length === written.length;
  return comesBack && field.subarray(written.length).every(octet => octet === 0) ? value : undefined;
}

function show(wire: unknown): string {
  if (wire instanceof Uint8Array)
    return [...wire.subarray(0, 16)].map(octet => octet.toString(16).padStart(2, "0")).join("");
  return typeof wire === "object" ? "" : String(wire);
}
