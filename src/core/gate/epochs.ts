/**
 * The epoch of a scheme: every takeover raises it above all that either member ever used.
 *
 * The one that a standby would use is on disk before it is hot, so that a takeover writes nothing, and a member
 * that died right after a takeover does not use the same one again.
 */
import type { Emit } from "./role-lease.ts";

/** A disk that did not answer is asked again. */
const RETRY_MS = 5_000;

export class Epochs {
  readonly #scheme: string;
  readonly #emit: Emit;
  #known: number;
  #own = 0;
  #stored: number;
  #wanted = 0;
  #retryAt: number | undefined;

  constructor(scheme: string, storedEpoch: number, emit: Emit) {
    this.#scheme = scheme;
    this.#emit = emit;
    // What is on disk may have been used just before the end of the last life.
    this.#known = storedEpoch;
    this.#stored = storedEpoch;
  }

  /** The highest that any member is known to have used. */
  get known(): number {
    return this.#known;
  }

  /** That of this member's last takeover. */
  get own(): number {
    return this.#own;
  }

  /** This epoch is on disk. */
  holds(epoch: number): boolean {
    return this.#stored >= epoch;
  }

  /** What `reserve` wanted is on disk. */
  get reserved(): boolean {
    return this.#stored >= this.#wanted;
  }

  get next(): number | undefined {
    return this.reserved ? undefined : this.#retryAt;
  }

  learn(epoch: number): void {
    this.#known = Math.max(this.#known, epoch);
  }

  persisted(epoch: number): void {
    this.#stored = Math.max(this.#stored, epoch);
  }

  /** For a takeover now; or, `by` two, above an heir that may take over late with what it was offered. */
  raise(now: number, by: 1 | 2 = 1): number {
    this.#known += by;
    this.#own = this.#known;
    this.reserve(this.#own, now);
    return this.#own;
  }

  /** Sees to it that this epoch gets onto disk: the one in use, or the one that would be next. */
  reserve(wanted: number, now: number): void {
    const again = this.#retryAt === undefined || this.#retryAt <= now;
    if (this.#stored >= wanted || (wanted === this.#wanted && !again)) {
      this.#wanted = wanted;
      return;
    }
    this.#wanted = wanted;
    this.#retryAt = now + RETRY_MS;
    this.#emit({ do: "persist", scheme: this.#scheme, epoch: wanted });
  }
}
