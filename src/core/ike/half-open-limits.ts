/**
 * How many negotiations may be under way that nobody has proved anything in yet, and who must wait.
 *
 * A first message costs its sender nothing and its source can be forged, so state for it is bounded: a few for each
 * source, and once there are many, one for each source and not for long. When the table is full a stranger takes the
 * place of a random other stranger, so that a flood cannot choose whom it drives out; peers that the configuration
 * names by their address are counted apart: a flood of strangers takes nothing from them, and a flood under their own
 * address only ever drives out what has proved nothing. RFC 2409 has no cookies that would save the state altogether:
 * RFC 7296's have, for IKEv2.
 */
import type { IpAddress } from "../wire/address.ts";
import { RateLimit } from "../wire/rate-limit.ts";

export const PER_SOURCE = 5;
/** From here on strangers are handled more strictly. */
export const STRICT_FROM = 30;
export const PER_SOURCE_STRICT = 1;
export const STRANGERS_MAX = 1_000;
/** How long a responder waits for the next message of somebody who has proved nothing. */
export const HALF_OPEN_MS = 30_000;
export const HALF_OPEN_STRICT_MS = 4_000;
/** How often a peer that is named gets a place in exchange for one of its own. */
const TAKEOVER_EVERY_MS = 100;

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
  readonly #bySource = new Map<IpAddress, string[]>();
  readonly #takeover = new RateLimit(TAKEOVER_EVERY_MS, 1_024);
  readonly #entries = new Map<string, HalfOpen & { proved: boolean }>();
  /** Strangers in an array, so that one can be picked at random; each knows its place. */
  readonly #strangers: string[] = [];
  readonly #places = new Map<string, number>();

  get size(): number {
    return this.#entries.size;
  }

  /** Whether there is room for one more; `random` is at least 0 and below 1. */
  ask(source: IpAddress, known: boolean, random: number, now: number): Admission {
    const strict = !known && this.#strangers.length >= STRICT_FROM;
    const own = this.#bySource.get(source) ?? [];
    const forMs = strict ? HALF_OPEN_STRICT_MS : HALF_OPEN_MS;
    if (own.length >= (strict ? PER_SOURCE_STRICT : PER_SOURCE)) {
      const unproved = own.filter(id => this.#entries.get(id)?.proved === false);
      const evict = unproved[Math.floor(random * unproved.length)];
      const admit = known && evict !== undefined && this.#takeover.allows(source, now);
      return admit ? { admit, forMs, evict } : { admit: false };
    }
    const full = !known && this.#strangers.length >= STRANGERS_MAX;
    return {
      admit: true,
      forMs,
      evict: full ? this.#strangers[Math.floor(random * this.#strangers.length)] : undefined,
    };
  }

  /** The peer has shown that it hears us: nobody takes its place. */
  prove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.proved = true;
  }

  add(entry: HalfOpen): void {
    this.remove(entry.id);
    this.#entries.set(entry.id, { ...entry, proved: false });
    this.#bySource.set(entry.source, [...(this.#bySource.get(entry.source) ?? []), entry.id]);
    if (entry.known) return;
    this.#places.set(entry.id, this.#strangers.length);
    this.#strangers.push(entry.id);
  }

  /** It went on or ended; safe to call for what is not here. */
  remove(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const left = (this.#bySource.get(entry.source) ?? []).filter(each => each !== id);
    if (left.length === 0) this.#bySource.delete(entry.source);
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
