/** Counts numbered probes as they arrive: which came, twice, late, and how long nothing came. */

export interface Arrivals {
  /** Different numbers. */
  readonly received: number;
  readonly duplicated: number;
  /** Arrived after a higher number. */
  readonly reordered: number;
  /** The highest number that arrived, plus one. */
  readonly reached: number;
  /** The longest silence, from the first probe sent to the last one that could have arrived, milliseconds. */
  readonly gapMs: number;
  /** When that silence began, CLOCK_MONOTONIC. */
  readonly gapAtMs: number;
}

const FIRST_ROOM = 65_536;

export class ArrivalTally {
  #seen = new Uint8Array(FIRST_ROOM);
  #highest = -1;
  #received = 0;
  #duplicated = 0;
  #reordered = 0;
  #last: number;
  #gapMs = 0;
  #gapAtMs: number;

  /** Silence counts from `beganMs` on. */
  constructor(beganMs: number) {
    this.#last = beganMs;
    this.#gapAtMs = beganMs;
  }

  arrived(number: number, atMs: number): void {
    this.#silence(atMs);
    this.#last = Math.max(this.#last, atMs);
    if (number >= this.#seen.length) this.#grow(number);
    if (this.#seen[number] === 1) {
      this.#duplicated += 1;
      return;
    }
    this.#seen[number] = 1;
    this.#received += 1;
    if (number < this.#highest) this.#reordered += 1;
    this.#highest = Math.max(this.#highest, number);
  }

  /** `endedMs` is when the last probe was sent: silence up to there counts as well. */
  result(endedMs: number): Arrivals {
    this.#silence(endedMs);
    return {
      received: this.#received,
      duplicated: this.#duplicated,
      reordered: this.#reordered,
      reached: this.#highest + 1,
      gapMs: this.#gapMs,
      gapAtMs: this.#gapAtMs,
    };
  }

  #silence(untilMs: number): void {
    if (untilMs - this.#last <= this.#gapMs) return;
    this.#gapMs = untilMs - this.#last;
    this.#gapAtMs = this.#last;
  }

  #grow(number: number): void {
    const wider = new Uint8Array(Math.max(number + 1, this.#seen.length * 2));
    wider.set(this.#seen);
    this.#seen = wider;
  }
}
