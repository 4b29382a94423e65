/** Virtual time: it jumps from one event to the next, so that quiet minutes cost nothing. */
import { invariant } from "../core/errors.ts";
import { type TimerHandle, TimerHeap, timerHandle } from "../core/wire/timers.ts";

/** More events than this at one moment are a loop: somebody is called for a deadline and does not move it. */
const EVENTS_AT_ONCE = 20_000;

export type Scheduled = TimerHandle<() => void>;

export class VirtualClock {
  now = 0;
  /** How many events there were. */
  events = 0;
  readonly #heap = new TimerHeap<() => void>();

  /** A moment that has passed is now. */
  at(time: number, run: () => void): Scheduled {
    const scheduled = timerHandle(run);
    this.#heap.set(scheduled, Math.max(time, this.now));
    return scheduled;
  }

  after(delayMs: number, run: () => void): Scheduled {
    return this.at(this.now + delayMs, run);
  }

  cancel(scheduled: Scheduled): void {
    if (scheduled.slot !== -1) this.#heap.clear(scheduled);
  }

  /** Everything up to `end`, with a look at the whole after each event. */
  runUntil(end: number, afterEach: () => void): void {
    invariant(end >= this.now, `time ${end} has passed`);
    let atOnce = 0;
    for (let first = this.#heap.take(end); first !== undefined; first = this.#heap.take(end)) {
      atOnce = first.at > this.now ? 0 : atOnce + 1;
      invariant(atOnce < EVENTS_AT_ONCE, `time stands still at ${this.now} ms`);
      this.now = first.at;
      this.events += 1;
      first.owner();
      afterEach();
    }
    this.now = end;
  }
}
