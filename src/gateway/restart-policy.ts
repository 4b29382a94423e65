/**
 * When a gateway that died is started again.
 *
 * A first death is answered at once, because traffic waits; a gateway that keeps dying young is started less and less
 * often, so that a broken
 * configuration or a full disk does not become a busy loop. A long life forgives what was before it.
 */

const FIRST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 10_000;
/** A gateway that lived this long has proved itself. */
const PROVED_AFTER_MS = 30_000;

export class RestartPolicy {
  #nextMs = FIRST_DELAY_MS;

  /** Milliseconds to wait before the next start, given how long the last one lived. */
  delayAfter(livedMs: number): number {
    if (livedMs >= PROVED_AFTER_MS) this.#nextMs = FIRST_DELAY_MS;
    const delay = this.#nextMs;
    this.#nextMs = Math.min(this.#nextMs * 2, LONGEST_DELAY_MS);
    return delay;
  }
}
