/**
 * How many negotiations may be under way that nobody has proved anything in yet, and who must wait.
 *
 * A first message costs its sender nothing and its source can be forged, so state for it is bounded: a few for each
 * source, and once there are many, one for each source and not for long. When the table is full a stranger takes the
 * place of a random other stranger, so that a flood cannot choose whom it drives out; peers that the configuration names by
 * their address are counted apart, and a flood of strangers takes nothing from them. RFC 2409 has no cookies that would
 * save the state altogether: RFC 7296's have, for IKEv2.
 */
import type { IpAddress } from "../wire/address.ts";

export const PER_SOURCE = 5;
/** From here on strangers are handled more strictly. */
export const STRICT_FROM = 30;
export const PER_SOURCE_STRICT = 1;
export const STRANGERS_MAX = 1_000;
/** How long a responder waits for the next message of somebody who has proved nothing. */
export const HALF_OPEN_MS = 30_000;
export const HALF_OPEN_STRICT_MS = 4_000;

export interface HalfOpen {
  readonly id: string;
  readonly source: IpAddress;
  /** The configuration names this address. */
  readonly known: boolean;
}

export type Admission =
  | { readonly admit: true; readonly forMs: number; readonly evict: string | undefined }
  | { readonly admit: false };

export class HalfOpenTable {
  readonly #bySource = new Map<IpAddress, number>();
  readonly #entries = new Map<string, HalfOpen>();
  /** Strangers in an array, so that one can be picked at random; each knows its place. */
  readonly #strangers: string[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is room for one more; `random` is at least 0 and below 1. */
  ask(source: IpAddress, known: boolean, random: number): Admission {
    const strict = !known && this.#strangers.length >= STRICT_FROM;
    const most = strict ? PER_SOURCE_STRICT : PER_SOURCE;
    if ((this.#bySource.get(source) ?? 0) >= most) return { admit: false };
    const full = !known && this.#strangers.length >= STRANGERS_MAX;
    const evict = full ? this.#strangers[Math.floor(random * this.#strangers.length)] : undefined;
    return { admit: true, forMs: strict ? HALF_OPEN_STRICT_MS : HALF_OPEN_MS, evict };
  }

  add(entry: HalfOpen): void {
    this.remove(entry.id);
    this.#entries.set(entry.id, entry);
    this.#bySource.set(entry.source, (this.#bySource.get(entry.source) ?? 0) + 1);
    if (entry.known) return;
    this.#places.set(entry.id, this.#strangers.length);
    this.#strangers.push(entry.id);
  }

  /** It went on or ended; safe to call for what is not here. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const left = (this.#bySource.get(entry.source) ?? 1) - 1;
    if (left === 0) this.#bySource.delete(entry.source);
    else this.#bySource.set(entry.source, left);
    const place = this.#places.get(id);
    const last = this.#strangers.at(-1);
    if (place === undefined || last === undefined) return;
    this.#strangers[place] = last;
    this.#places.set(last, place);
    this.#strangers.pop();
    this.#places.delete(id);
  }
}
