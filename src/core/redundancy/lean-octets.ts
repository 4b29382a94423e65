/**
 * As much of protobuf's encoding as records need, without anything between the values and the octets: varints below
 * 2^53, ASCII, octets. Whatever is not written in that simplest way throws `NOT_LEAN`, and is the generated code's.
 * https://protobuf.dev/programming-guides/encoding/
 */

const VARINT = 0;
const OCTETS = 2;

/**
 * Not necessarily wrong: the generated code has to read or write it. One for all, because every message that is of
 * something else ends in it, and a trace of the stack each time would cost more than reading the message.
 */
export const NOT_LEAN = new Error("not in the simplest form");

export function varintTag(field: number): number {
  return (field << 3) | VARINT;
}

export function octetsTag(field: number): number {
  return (field << 3) | OCTETS;
}

export function varintSize(value: number): number {
  let size = 1;
  for (let left = value; left >= 0x80; left = Math.floor(left / 0x80)) size++;
  return size;
}

/** With its tag, of one octet; what is 0 is not written. */
export function fieldSize(value: number): number {
  return value === 0 ? 0 : 1 + varintSize(value);
}

/** With tag and length. */
export function nestedSize(length: number): number {
  return 1 + varintSize(length) + length;
}

/** Into memory that was measured before. */
export class LeanWriter {
  readonly octets: Uint8Array;
  #at = 0;

  constructor(size: number) {
    this.octets = new Uint8Array(size);
  }

  varint(value: number): void {
    let left = value;
    for (; left >= 0x80; left = Math.floor(left / 0x80)) this.octets[this.#at++] = (left % 0x80) | 0x80;
    this.octets[this.#at++] = left;
  }

  field(number: number, value: number): void {
    if (value === 0) return;
    this.varint(varintTag(number));
    this.varint(value);
  }

  /** What is written next belongs to it. */
  nested(number: number, length: number): void {
    this.varint(octetsTag(number));
    this.varint(length);
  }

  raw(octets: Uint8Array): void {
    this.octets.set(octets, this.#at);
    this.#at += octets.length;
  }

  ascii(text: string): void {
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code > 0x7f) throw NOT_LEAN;
      this.octets[this.#at++] = code;
    }
  }
}

export class LeanReader {
  readonly #octets: Uint8Array;
  #at = 0;
  #end: number;

  constructor(octets: Uint8Array) {
    this.#octets = octets;
    this.#end = octets.length;
  }

  /** Of what is being read now: the message, or the part of it that was entered last. */
  get more(): boolean {
    return this.#at < this.#end;
  }

  varint(): number {
    let value = 0;
    for (let weight = 1; weight < 2 ** 56; weight *= 0x80) {
      if (this.#at >= this.#end) throw NOT_LEAN;
      const octet = this.#octets[this.#at++] ?? 0;
      value += (octet & 0x7f) * weight;
      if (value > Number.MAX_SAFE_INTEGER) break;
      if (octet < 0x80) return value;
    }
    throw NOT_LEAN;
  }

  /** Goes into what is nested here; `leave` with what it gives. */
  enter(): number {
    const length = this.varint();
    const outer = this.#end;
    if (length > outer - this.#at) throw NOT_LEAN;
    this.#end = this.#at + length;
    return outer;
  }

  leave(outer: number): void {
    this.#end = outer;
  }

  /** A view of the message. */
  raw(): Uint8Array {
    const outer = this.enter();
    const octets = this.#octets.subarray(this.#at, this.#end);
    this.#at = this.#end;
    this.leave(outer);
    return octets;
  }

  ascii(): string {
    const octets = this.raw();
    for (const octet of octets) if (octet > 0x7f) throw NOT_LEAN;
    return String.fromCharCode(...octets);
  }
}
