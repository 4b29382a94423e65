/** When a stream that broke is opened again: at once for a peer that comes back, seldom for one that stays away. */

const FIRST_MS = 20;
const MOST_MS = 1_000;

export class Retries {
  readonly #delays = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();

  /** Calls back after a delay that doubles with every failure of this name. */
  later(name: string, open: () => void): void {
    const delay = this.#delays.get(name) ?? FIRST_MS;
    this.#delays.set(name, Math.min(2 * delay, MOST_MS));
    clearTimeout(this.#timers.get(name));
    this.#timers.set(name, setTimeout(open, delay));
  }

  /** It works: the next failure is the first. */
  succeeded(name: string): void {
    this.#delays.delete(name);
  }

  forget(name: string): void {
    clearTimeout(this.#timers.get(name));
    this.#timers.delete(name);
    this.#delays.delete(name);
  }

  clear(): void {
    for (const name of [...this.#timers.keys()]) this.forget(name);
  }
}
