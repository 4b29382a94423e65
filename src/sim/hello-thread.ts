/**
 * The native thread's model: it goes on sending the standing hello of each group and the prepared beacons of each
 * scheme while the liveness thread is late, and looks at the lease before each. It decides nothing.
 */
import { Actor } from "./actor.ts";
import type { RoleWords } from "./role-words.ts";
import type { Scheduled, VirtualClock } from "./virtual-clock.ts";

interface Repetition {
  readonly everyMs: number;
  readonly lease: string | undefined;
  /** Returns false when there is nothing left to send. */
  readonly send: () => boolean;
  scheduled: Scheduled | undefined;
}

export class HelloThread {
  readonly actor = new Actor();
  readonly #clock: VirtualClock;
  readonly #words: RoleWords;
  readonly #repetitions = new Map<string, Repetition>();

  constructor(clock: VirtualClock, words: RoleWords) {
    this.#clock = clock;
    this.#words = words;
  }

  hello(group: string, everyMs: number, lease: string | undefined, send: () => void): void {
    this.#repeat(`hello ${group}`, everyMs, lease, () => {
      send();
      return true;
    });
  }

  quiet(group: string): void {
    this.#end(`hello ${group}`);
  }

  /** The first of them leaves at once. */
  beacons(scheme: string, everyMs: number, lease: string | undefined, sends: readonly (() => void)[]): void {
    let sent = 0;
    const send = (): boolean => {
      sends[sent]?.();
      sent += 1;
      return sent < sends.length;
    };
    this.#end(`beacons ${scheme}`);
    if (sends.length === 0) return;
    if (!this.#words.fresh(lease, this.#clock.now)) sent += 1;
    else send();
    if (sent < sends.length) this.#repeat(`beacons ${scheme}`, everyMs, lease, send);
  }

  #repeat(name: string, everyMs: number, lease: string | undefined, send: () => boolean): void {
    this.#end(name);
    const repetition: Repetition = { everyMs, lease, send, scheduled: undefined };
    this.#repetitions.set(name, repetition);
    this.#schedule(name, repetition);
  }

  /** However many moments a paused thread has slept through, it wakes to one. */
  #schedule(name: string, repetition: Repetition): void {
    repetition.scheduled = this.#clock.after(repetition.everyMs, () => {
      this.actor.post(() => {
        if (this.#repetitions.get(name) !== repetition) return;
        const more = !this.#words.fresh(repetition.lease, this.#clock.now) || repetition.send();
        if (more) this.#schedule(name, repetition);
        else this.#repetitions.delete(name);
      });
    });
  }

  #end(name: string): void {
    const repetition = this.#repetitions.get(name);
    if (repetition?.scheduled !== undefined) this.#clock.cancel(repetition.scheduled);
    this.#repetitions.delete(name);
  }
}
