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
  /** By number; NaN for those that have not arrived. */
  #arrivedAt = new Float64Array(FIRST_ROOM).fill(Number.NaN);
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

  /** Silence counts from here on, and what has come before counts as come: a sender may be told to start sooner. */
  begin(atMs: number): void {
    if (this.#received === 0) this.#last = atMs;
    this.#gapMs = 0;
    this.#gapAtMs = this.#last;
  }

  arrived(number: number, atMs: number): void {
    this.#silence(atMs);
    this.#last = Math.max(this.#last, atMs);
    if (number >= this.#arrivedAt.length) this.#grow(number);
    if (!Number.isNaN(this.#arrivedAt[number])) {
      this.#duplicated += 1;
      return;
    }
    this.#arrivedAt[number] = atMs;
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

  /** When each number arrived first, CLOCK_MONOTONIC, up to the highest; NaN where it did not. */
  get arrivedAtMs(): Float64Array {
    return this.#arrivedAt.subarray(0, this.#highest + 1);
  }

  #silence(untilMs: number): void {
    if (untilMs - this.#last <= this.#gapMs) return;
    this.#gapMs = untilMs - this.#last;
    this.#gapAtMs = this.#last;
  }

  #grow(number: number): void {
    const wider = new Float64Array(Math.max(number + 1, this.#arrivedAt.length * 2)).fill(Number.NaN);
    wider.set(this.#arrivedAt);
    this.#arrivedAt = wider;
  }
}
