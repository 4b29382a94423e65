/**
 * How often something may be said: `burst` times from the first one on, then not before that time is over. Each key has
 * its own time; of keys that come from the network there are never more than `keysMax`: the one that spoke first is
 * forgotten, so that a flood costs no memory.
 */
export class RateLimit {
  readonly #everyMs: number;
  readonly #keysMax: number;
  readonly #burst: number;
  readonly #spoken = new Map<string, { readonly since: number; readonly times: number }>();

  constructor(everyMs: number, keysMax = 64, burst = 1) {
    this.#everyMs = everyMs;
    this.#keysMax = keysMax;
    this.#burst = burst;
  }

  allows(key: string, now: number): boolean {
    const { since, times } = this.#spoken.get(key) ?? { since: 0, times: 0 };
    const within = times > 0 && now - since < this.#everyMs;
    if (within && times >= this.#burst) return false;
    this.#spoken.delete(key);
    if (this.#spoken.size >= this.#keysMax) this.#forgetOldest();
    this.#spoken.set(key, within ? { since, times: times + 1 } : { since: now, times: 1 });
    return true;
  }

  #forgetOldest(): void {
    const [oldest] = this.#spoken.keys();
    if (oldest !== undefined) this.#spoken.delete(oldest);
  }
}
