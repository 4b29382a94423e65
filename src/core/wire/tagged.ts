/**
 * Tag, length, value: a union of bodies behind a number that names them and a length that bounds them.
 *
 * An unknown tag is kept with its octets where the protocol says so, and refused where it does not.
 */
import { invariant } from "../errors.ts";
import { type Codec, encode, rest, type ValueOf } from "./codec.ts";

// biome-ignore lint/suspicious/noExplicitAny: a codec is invariant, and bodies differ in their values
type Bodies = Readonly<Record<string, readonly [number, Codec<any>]>>;

export type Tagged<B extends Bodies> = {
  [K in keyof B & string]: { readonly kind: K; readonly body: ValueOf<B[K][1]> };
}[keyof B & string];
export interface UnknownTag {
  readonly kind: "unknown";
  readonly tag: number;
  readonly body: Uint8Array;
}

export interface TagLayout {
  readonly tag: Codec<number>;
  readonly length: Codec<number>;
  /** What the length counts besides the body. */
  readonly extra?: number;
}

/** Unknown tags are kept. */
export function tagged<const B extends Bodies>(layout: TagLayout, bodies: B): Codec<Tagged<B> | UnknownTag> {
  const { tag, length, extra = 0 } = layout;
  const byTag = new Map(Object.entries(bodies).map(([kind, [number, codec]]) => [number, { kind, codec }]));
  return {
    decode: reader => {
      const number = tag.decode(reader);
      const offset = reader.offset;
      const count = length.decode(reader) - extra;
      if (count < 0) throw reader.fault("bad-value", `length ${count + extra}, at least ${extra} needed`, offset);
      const known = byTag.get(number);
      if (known === undefined) return { kind: "unknown", tag: number, body: reader.within(count, r => rest.decode(r)) };
      return reader.at(known.kind, r => ({
        kind: known.kind,
        body: r.within(count, inner => known.codec.decode(inner)),
      })) as never;
    },
    encode: (writer, value) => {
      const { tag: number, body } = numbered(value, bodies);
      tag.encode(writer, number);
      length.encode(writer, body.length + extra);
      writer.put(body);
    },
  };
}

function numbered(
  value: { readonly kind: string; readonly tag?: number; readonly body: unknown },
  bodies: Bodies,
): { tag: number; body: Uint8Array } {
  if (value.kind === "unknown" && value.tag !== undefined) return { tag: value.tag, body: value.body as Uint8Array };
  const entry = bodies[value.kind];
  invariant(entry !== undefined, `no tag for ${value.kind}`);
  return { tag: entry[0], body: encode(entry[1], value.body) };
}
