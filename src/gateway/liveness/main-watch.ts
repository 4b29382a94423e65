/**
 * Whether the main thread is still there. The liveness thread speaks for it only so long: a gateway that forwards
 * nothing new and answers nobody should not keep the address.
 *
 * Only silence while this thread itself was running counts: after a stop of the whole process both have been silent.
 */

/** `main-timeout` of the design. */
const MAIN_TIMEOUT_MS = 2_000;
/** Turns are never further apart than this unless this thread, too, stood still. */
const OWN_GAP_MS = 500;

export class MainWatch {
  readonly #beat: () => number;
  #seen = Number.NaN;
  #silentMs = 0;
  #lookedAt: number | undefined;

  constructor(beat: () => number) {
    this.#beat = beat;
  }

  isSilent(now: number): boolean {
    const beat = this.#beat();
    const sinceMs = now - (this.#lookedAt ?? now);
    this.#lookedAt = now;
    if (beat !== this.#seen) this.#silentMs = 0;
    else this.#silentMs += Math.min(sinceMs, OWN_GAP_MS);
    this.#seen = beat;
    return this.#silentMs > MAIN_TIMEOUT_MS;
  }
}
