/**
 * How often something may be said. Each key has its own time; of keys that come from the network there are never
 * more than `keysMax`: the one that spoke first is forgotten, so that a flood costs no memory.
 */
export class RateLimit {
  readonly #everyMs: number;
  readonly #keysMax: number;
  readonly #last = new Map<string, number>();

  constructor(everyMs: number, keysMax = 64) {
    this.#everyMs = everyMs;
    this.#keysMax = keysMax;
  }

  allows(key: string, now: number): boolean {
    const last = this.#last.get(key);
    if (last !== undefined && now - last < this.#everyMs) return false;
    this.#last.delete(key);
    if (this.#last.size >= this.#keysMax) this.#forgetOldest();
    this.#last.set(key, now);
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#last.keys();
    if (oldest !== undefined) this.#last.delete(oldest);
  }
}
