/**
 * The two ends of a codec: a reader that cannot run past its octets and knows where it is, and a writer that grows.
 *
 * Every refusal carries the path of the field and its offset in the whole packet, so that one line of log says what
 * was wrong with it.
 */
import { invariant, WireError, type WireFault } from "../errors.ts";

/** What reads a value from one end and writes it at the other. */
export interface Codec<T> {
  decode(reader: Reader): T;
  encode(writer: Writer, value: T): void;
}

export type ValueOf<C> = C extends Codec<infer T> ? T : never;

export class Reader {
  readonly #octets: Uint8Array;
  readonly #base: number;
  #at = 0;
  #path: string;

  /** `base` is where these octets begin in the packet that `path` names. */
  constructor(octets: Uint8Array, path: string, base = 0) {
    this.#octets = octets;
    this.#path = path;
    this.#base = base;
  }

  get remaining(): number {
    return this.#octets.length - this.#at;
  }

  /** Offset in the whole packet. */
  get offset(): number {
    return this.#base + this.#at;
  }

  get path(): string {
    return this.#path;
  }

  /** The next `count` octets, as a view. */
  take(count: number): Uint8Array {
    if (count > this.remaining) throw this.fault("truncated", `${count} wanted, ${this.remaining} left`);
    const view = this.#octets.subarray(this.#at, this.#at + count);
    this.#at += count;
    return view;
  }

  /** A view of everything that is left, which stays unread. */
  peek(): Uint8Array {
    return this.#octets.subarray(this.#at);
  }

  /** A big-endian unsigned number of one to six octets. */
  uint(octets: 1 | 2 | 3 | 4 | 6): number {
    let value = 0;
    for (const octet of this.take(octets)) value = value * 256 + octet;
    return value;
  }

  /** Runs `decode` under a longer path: `hsrp` becomes `hsrp.opcode`. */
  at<T>(name: string, decode: (reader: Reader) => T): T {
    const outer = this.#path;
    this.#path = `${outer}.${name}`;
    const value = decode(this);
    this.#path = outer;
    return value;
  }

  /** Runs `decode` on the next `count` octets alone, all of which it must use. */
  within<T>(count: number, decode: (reader: Reader) => T): T {
    const start = this.offset;
    const inner = new Reader(this.take(count), this.#path, start);
    const value = decode(inner);
    inner.end();
    return value;
  }

  end(): void {
    if (this.remaining > 0) throw this.fault("trailing-octets", `${this.remaining} left`);
  }

  /** Refuses the value of field `name`, which stands at `offset`, unless `condition` holds. */
  demand(condition: boolean, name: string, offset: number, detail: string): void {
    if (!condition) throw this.at(name, () => this.fault("bad-value", detail, offset));
  }

  /** A refusal at `offset`, which defaults to where the reader is. */
  fault(fault: WireFault, detail = "", offset = this.offset): WireError {
    return new WireError(fault, this.#path, offset, detail);
  }
}

/** What `codec` writes for `value`, alone. */
export function octetsOf<T>(codec: Codec<T>, value: T): Uint8Array {
  const writer = new Writer();
  codec.encode(writer, value);
  return writer.finish();
}

export class Writer {
  #octets = new Uint8Array(64);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  put(octets: Uint8Array): void {
    this.#reserve(octets.length);
    this.#octets.set(octets, this.#length);
    this.#length += octets.length;
  }

  /** A big-endian unsigned number of one to six octets. */
  uint(octets: 1 | 2 | 3 | 4 | 6, value: number): void {
    const fits = Number.isInteger(value) && value >= 0 && value < 256 ** octets;
    invariant(fits, `${value} does not fit into ${octets} octet(s)`);
    this.#reserve(octets);
    let rest = value;
    for (let at = this.#length + octets - 1; at >= this.#length; at--) {
      this.#octets[at] = rest % 256;
      rest = Math.floor(rest / 256);
    }
    this.#length += octets;
  }

  /** What was written, as a copy of its own. */
  finish(): Uint8Array {
    const out = new Uint8Array(this.#length);
    out.set(this.#octets.subarray(0, this.#length));
    return out;
  }

  #reserve(more: number): void {
    const need = this.#length + more;
    if (need <= this.#octets.length) return;
    const grown = new Uint8Array(Math.max(need, this.#octets.length * 2));
    grown.set(this.#octets.subarray(0, this.#length));
    this.#octets = grown;
  }
}
