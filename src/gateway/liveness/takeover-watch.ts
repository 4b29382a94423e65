/**
 * Times the steps of a takeover as the liveness thread takes them, so that `show redundancy gate` says where the time
 * went. Only what the thread does itself: how long it took to notice and to wake is not in it.
 */
import type { TakeoverStep } from "../../cli/gateway-port.ts";
import type { LivenessEffect } from "../../core/gate/liveness-port.ts";

/** Milliseconds from the thread's wake to the end of the step; of several groups the last. */
export type TakeoverTimes = Readonly<Partial<Record<TakeoverStep, number>>>;

const STEP_OF: Readonly<Partial<Record<LivenessEffect["do"], TakeoverStep>>> = {
  "take-address": "address",
  announce: "announce",
  hsrp: "hello",
  beacons: "beacons",
};

export class TakeoverWatch {
  readonly #clock: () => number;
  #owner: string | undefined;
  #times: Partial<Record<TakeoverStep, number>> = {};
  #beganMs = 0;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  /** What is done from here on belongs to what the thread woke for at `nowMs`. */
  begin(nowMs: number): void {
    this.#beganMs = nowMs;
    this.#owner = undefined;
    this.#times = {};
  }

  /** An owner has become active. The first one counts where several do at once. */
  took(owner: string): void {
    if (this.#owner !== undefined) return;
    this.#owner = owner;
    this.mark("role");
  }

  /** This effect is done. */
  did(effect: LivenessEffect): void {
    const step = STEP_OF[effect.do];
    if (step !== undefined) this.mark(step);
  }

  mark(step: TakeoverStep): void {
    if (this.#owner !== undefined) this.#times[step] = this.#clock() - this.#beganMs;
  }

  /** What was timed, where somebody took over since `begin`. */
  end(): { readonly owner: string; readonly beganMs: number; readonly times: TakeoverTimes } | undefined {
    if (this.#owner === undefined) return undefined;
    return { owner: this.#owner, beganMs: this.#beganMs, times: this.#times };
  }
}
