/**
 * Netlink's octets: structures in the host's order and attributes of type, length, value.
 *
 * Every Linux that Node runs on here is little-endian. Reading is total: any octets give attributes or a `WireError`.
 */
import { endianness } from "node:os";
import { invariant, WireError } from "../../core/errors.ts";
import { utf8 } from "../../core/wire/utf8.ts";

const ATTRIBUTE_HEADER = 4;
/** The upper bits of a type say "nested" and "network order"; only the rest names it. */
const TYPE_MASK = 0x3fff;
const NESTED = 0x8000;

/** Everything in netlink is aligned to 4 octets. */
export function aligned(length: number): number {
  return (length + 3) & ~3;
}

/** Builds a structure with its attributes. */
export class OctetWriter {
  #octets = new Uint8Array(256);
  #view = new DataView(this.#octets.buffer);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  u8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  u16(value: number): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
    return this;
  }

  u32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
    return this;
  }

  i32(value: number): this {
    return this.u32(value >>> 0);
  }

  octets(value: Uint8Array): this {
    const at = this.#grow(value.length);
    this.#octets.set(value, at);
    return this;
  }

  attribute(type: number, value: Uint8Array): this {
    invariant(value.length + ATTRIBUTE_HEADER <= 0xffff, `attribute ${type} of ${value.length} octets`);
    this.u16(value.length + ATTRIBUTE_HEADER)
      .u16(type)
      .octets(value);
    return this.#align();
  }

  u8Attribute(type: number, value: number): this {
    return this.attribute(type, Uint8Array.of(value));
  }

  u16Attribute(type: number, value: number): this {
    return this.attribute(type, new OctetWriter().u16(value).finish());
  }

  u32Attribute(type: number, value: number): this {
    return this.attribute(type, new OctetWriter().u32(value).finish());
  }

  textAttribute(type: number, value: string): this {
    return this.attribute(type, utf8(`${value}\0`));
  }

  nested(type: number, fill: (writer: OctetWriter) => void): this {
    const inner = new OctetWriter();
    fill(inner);
    return this.attribute(type | NESTED, inner.finish());
  }

  finish(): Uint8Array {
    return this.#octets.subarray(0, this.#length);
  }

  #align(): this {
    this.#grow(aligned(this.#length) - this.#length);
    return this;
  }

  #grow(count: number): number {
    const at = this.#length;
    this.#length += count;
    if (this.#length > this.#octets.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#octets.length * 2));
      larger.set(this.#octets);
      this.#octets = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
}

/** A fixed structure at the beginning of octets, read by offset. */
export class Structure {
  readonly #view: DataView;

  constructor(octets: Uint8Array, size: number, path: string) {
    if (octets.length < size) throw new WireError("truncated", path, octets.length, `${size} octets expected`);
    this.#view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, true);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  i32(at: number): number {
    return this.#view.getInt32(at, true);
  }
}

/** The attributes of one message or nest by type; the last of a type counts, as for the kernel. */
export class Attributes {
  readonly #byType = new Map<number, Uint8Array>();
  readonly #path: string;

  constructor(octets: Uint8Array, path: string) {
    this.#path = path;
    for (const [type, value] of attributesOf(octets, path)) this.#byType.set(type, value);
  }

  octets(type: number): Uint8Array | undefined {
    return this.#byType.get(type);
  }

  u8(type: number): number | undefined {
    return this.#number(type, 1, view => view.getUint8(0));
  }

  u16(type: number): number | undefined {
    return this.#number(type, 2, view => view.getUint16(0, true));
  }

  u32(type: number): number | undefined {
    return this.#number(type, 4, view => view.getUint32(0, true));
  }

  text(type: number): string | undefined {
    const value = this.#byType.get(type);
    if (value === undefined) return undefined;
    const end = value.indexOf(0);
    return new TextDecoder().decode(end < 0 ? value : value.subarray(0, end));
  }

  nested(type: number): Attributes | undefined {
    const value = this.#byType.get(type);
    return value && new Attributes(value, `${this.#path}.${type}`);
  }

  #number(type: number, size: number, read: (view: DataView) => number): number | undefined {
    const value = this.#byType.get(type);
    if (value === undefined) return undefined;
    if (value.length < size) throw new WireError("truncated", `${this.#path}.${type}`, 0, `${size} octets expected`);
    return read(new DataView(value.buffer, value.byteOffset, value.byteLength));
  }
}

/** Throws a `WireError` at an attribute that does not fit. */
function* attributesOf(octets: Uint8Array, path: string): Generator<[number, Uint8Array]> {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  for (let at = 0; at < octets.length; ) {
    if (octets.length - at < ATTRIBUTE_HEADER) throw new WireError("truncated", path, at, "attribute header");
    const length = view.getUint16(at, true);
    if (length < ATTRIBUTE_HEADER || at + length > octets.length) {
      throw new WireError("bad-value", path, at, `attribute of ${length} octets, ${octets.length - at} left`);
    }
    yield [view.getUint16(at + 2, true) & TYPE_MASK, octets.subarray(at + ATTRIBUTE_HEADER, at + length)];
    at += aligned(length);
  }
}

invariant(endianness() === "LE", "netlink is read as little-endian, and this host is not");
