/**
 * The SA payload: proposals of transforms of attributes, RFC 2408 sections 3.3 to 3.6 and RFC 2407 section 4.6.1.
 *
 * Proposals and transforms are lists whose elements say whether another one follows; counts and marks that disagree
 * with what is there are refused. Attributes are numbers or octets, as they came; what they mean differs between the
 * phases.
 */
import { invariant } from "../../errors.ts";
import {
  array,
  type Codec,
  constant,
  encode,
  octets,
  padding,
  type Reader,
  struct,
  u8,
  u16,
  u32,
  type Writer,
} from "../../wire/codec.ts";

export interface Attribute {
  readonly type: number;
  /** A number in the short form; in the long form, its octets. */
  readonly value: number | Uint8Array;
}

export interface Transform {
  readonly number: number;
  readonly id: number;
  readonly attributes: readonly Attribute[];
}

export interface Proposal {
  readonly number: number;
  readonly protocol: number;
  readonly spi: Uint8Array;
  readonly transforms: readonly Transform[];
}

/** The DOI is IPsec's, the situation its identity only: no other is spoken here. */
export interface SaPayload {
  readonly proposals: readonly Proposal[];
}

/** More than any peer offers in earnest. */
const PROPOSALS_MAX = 32;
const TRANSFORMS_MAX = 128;
const ATTRIBUTES_MAX = 32;
const SHORT_FORM = 0x8000;
const PROPOSAL_FOLLOWS = 2;
const TRANSFORM_FOLLOWS = 3;
const LIST_HEADER = 4;

export const attribute: Codec<Attribute> = {
  decode: reader => {
    const type = u16.decode(reader);
    if (type >= SHORT_FORM) return { type: type - SHORT_FORM, value: u16.decode(reader) };
    return { type, value: reader.take(u16.decode(reader)) };
  },
  encode: (writer, { type, value }) => {
    const long = typeof value !== "number";
    u16.encode(writer, long ? type : type + SHORT_FORM);
    u16.encode(writer, long ? value.length : value);
    if (long) writer.put(value);
  },
};

const transform: Codec<Transform> = struct({
  number: u8,
  id: u8,
  reserved: padding(2),
  attributes: array(attribute, ATTRIBUTES_MAX),
});

const proposal: Codec<Proposal> = {
  decode: reader => {
    const number = u8.decode(reader);
    const protocol = u8.decode(reader);
    const spiLength = u8.decode(reader);
    const offset = reader.offset;
    const count = u8.decode(reader);
    const spi = reader.at("spi", r => r.take(spiLength));
    const transforms = reader.at("transforms", r => transformList.decode(r));
    reader.demand(transforms.length === count, "count", offset, `${count} said, ${transforms.length} there`);
    return { number, protocol, spi, transforms };
  },
  encode: (writer, { number, protocol, spi, transforms }) => {
    for (const value of [number, protocol, spi.length, transforms.length]) u8.encode(writer, value);
    octets(spi.length).encode(writer, spi);
    transformList.encode(writer, transforms);
  },
};

const transformList = linked(transform, TRANSFORM_FOLLOWS, TRANSFORMS_MAX);

export const saPayload: Codec<SaPayload> = struct({
  doi: constant(u32, 1),
  situation: constant(u32, 1),
  proposals: linked(proposal, PROPOSAL_FOLLOWS, PROPOSALS_MAX),
});

/** At least one; each but the last is marked with `follows`. */
function linked<T>(codec: Codec<T>, follows: number, most: number): Codec<readonly T[]> {
  return {
    decode: reader => {
      const values: T[] = [];
      for (let more = true; more; ) {
        if (values.length === most) throw reader.fault("bad-value", `more than ${most}`);
        const next = reader.at(String(values.length), r => element(r, codec, follows));
        values.push(next.value);
        more = next.more;
      }
      return values;
    },
    encode: (writer, values) => {
      invariant(values.length > 0 && values.length <= most, `${values.length} elements where 1 to ${most} belong`);
      for (const [at, value] of values.entries()) put(writer, codec, value, at + 1 < values.length ? follows : 0);
    },
  };
}

function element<T>(reader: Reader, codec: Codec<T>, follows: number): { value: T; more: boolean } {
  const offset = reader.offset;
  const mark = u8.decode(reader);
  reader.demand(mark === 0 || mark === follows, "next", offset, `${mark}, 0 or ${follows} wanted`);
  padding(1).decode(reader);
  const length = u16.decode(reader);
  reader.demand(length >= LIST_HEADER, "length", offset + 2, `${length}, at least ${LIST_HEADER} needed`);
  return { value: reader.within(length - LIST_HEADER, r => codec.decode(r)), more: mark === follows };
}

function put<T>(writer: Writer, codec: Codec<T>, value: T, mark: number): void {
  const written = encode(codec, value);
  u8.encode(writer, mark);
  u8.encode(writer, 0);
  u16.encode(writer, written.length + LIST_HEADER);
  writer.put(written);
}
