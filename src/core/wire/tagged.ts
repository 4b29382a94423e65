/**
 * Tag, length, value: a union of bodies behind a number that names them and a length that bounds them; and the same
 * without a length, where the body is all that is left.
 *
 * An unknown tag is kept with its octets, or refused where the protocol says so.
 */
import { invariant } from "../errors.ts";
import { type Codec, octetsOf, type ValueOf } from "./reader.ts";
import { bodyCount, type LengthLayout } from "./shapes.ts";

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

export interface TagLayout extends LengthLayout {
  readonly tag: Codec<number>;
  readonly length: Codec<number>;
  /** By default they are kept. */
  readonly unknown?: "keep" | "refuse";
}

/** `tagged({ tag: u8, length: u8 }, { hello: [1, Hello] })`; each body must use exactly what its length says. */
export function tagged<const B extends Bodies>(
  layout: TagLayout & { readonly unknown: "refuse" },
  bodies: B,
): Codec<Tagged<B>>;
export function tagged<const B extends Bodies>(layout: TagLayout, bodies: B): Codec<Tagged<B> | UnknownTag>;
export function tagged(layout: TagLayout, bodies: Bodies): Codec<Value> {
  const { tag, length, unknown = "keep" } = layout;
  return union(tag, bodyCount(length, layout, octetsOf(tag, 0).length), unknown, bodies);
}

/** `choice({ tag: u8 }, { echo: [8, Echo] })`: the tag says what all the rest is. */
export function choice<const B extends Bodies>(
  layout: ChoiceLayout & { readonly unknown: "refuse" },
  bodies: B,
): Codec<Tagged<B>>;
export function choice<const B extends Bodies>(layout: ChoiceLayout, bodies: B): Codec<Tagged<B> | UnknownTag>;
export function choice({ tag, unknown = "keep" }: ChoiceLayout, bodies: Bodies): Codec<Value> {
  return union(tag, allThatIsLeft, unknown, bodies);
}

type ChoiceLayout = Pick<TagLayout, "tag" | "unknown">;
type Value = { readonly kind: string; readonly tag?: number; readonly body: unknown };

const allThatIsLeft: Codec<number> = { decode: reader => reader.remaining, encode: () => {} };

function union(tag: Codec<number>, count: Codec<number>, unknown: "keep" | "refuse", bodies: Bodies): Codec<Value> {
  const byTag = new Map(Object.entries(bodies).map(([kind, [number, codec]]) => [number, { kind, codec }]));
  invariant(byTag.size === Object.keys(bodies).length, `two bodies for one tag: ${Object.keys(bodies).join(" ")}`);
  return {
    decode: reader => {
      const offset = reader.offset;
      const number = tag.decode(reader);
      const known = byTag.get(number);
      if (known === undefined && unknown === "refuse") throw reader.fault("bad-value", `tag ${number}`, offset);
      if (known === undefined) return { kind: "unknown", tag: number, body: reader.take(count.decode(reader)) };
      const { kind, codec } = known;
      return reader.at(kind, r => ({ kind, body: r.within(count.decode(r), inner => codec.decode(inner)) }));
    },
    encode: (writer, value) => {
      const [number, body] = numbered(value, bodies);
      invariant(value.kind !== "unknown" || !byTag.has(number), `tag ${number} is known`);
      tag.encode(writer, number);
      count.encode(writer, body.length);
      writer.put(body);
    },
  };
}

function numbered(value: Value, bodies: Bodies): readonly [number, Uint8Array] {
  if (value.kind === "unknown" && value.tag !== undefined) return [value.tag, value.body as Uint8Array];
  const entry = bodies[value.kind];
  invariant(entry !== undefined, `no tag for ${value.kind}`);
  return [entry[0], octetsOf(entry[1], value.body)];
}
