/**
 * Declarative codecs: a wire format is declared once, and its type, decoder, encoder and error path follow.
 *
 * The codec proves the shape only. Decoding is total: any octets give a value or a `WireError`; what the value means
 * is for the room that declared it. Encoding takes only values that fit; one that does not is a bug of ours. Decoded
 * octets are views of the packet: whoever keeps them longer than the packet copies them.
 */
import { WireError } from "../errors.ts";
import { type Codec, octetsOf, Reader } from "./reader.ts";

export { bits, constant, fixed, flags, oneOf, openEnum, u8, u16, u24, u32, u48, u64 } from "./numbers.ts";
export { type Codec, Reader, type ValueOf, Writer } from "./reader.ts";
export {
  array,
  bounded,
  type LengthLayout,
  lengthPrefixed,
  octets,
  optional,
  padded,
  padding,
  refined,
  rest,
  type SilentCodec,
  struct,
  text,
} from "./shapes.ts";
export { choice, type Tagged, type TagLayout, tagged, type UnknownTag } from "./tagged.ts";

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
  return octetsOf(codec, value);
}
