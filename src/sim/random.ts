/**
 * The dice of a simulation: the same seed gives the same run on every machine. Never for keys.
 *
 * A run forks one generator for each purpose, so that what one part draws moves nothing of another: the faults of a
 * seed stay the same when the product sends one packet more.
 */
import { invariant } from "../core/errors.ts";

export class Random {
  #state: number;

  constructor(seed: number) {
    // Neighbouring seeds must not begin alike, and zero would stay zero.
    this.#state = mixed(seed) || 1;
  }

  /** 0 to 1, without 1. xorshift32. */
  next(): number {
    let x = this.#state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.#state = x;
    return (x >>> 0) / 2 ** 32;
  }

  fork(): Random {
    return new Random(this.integer(1, 2 ** 31));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + this.next() * (high - low);
  }

  /** Both ends included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  pick<T>(list: readonly T[]): T {
    const picked = list[this.integer(0, list.length - 1)];
    invariant(picked !== undefined, "a pick from an empty list");
    return picked;
  }

  octets(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.integer(0, 255));
  }
}

/** The finalizer of MurmurHash3, which lets every bit reach every other. */
function mixed(seed: number): number {
  let x = Math.imul(seed ^ (seed >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return x ^ (x >>> 16);
}
