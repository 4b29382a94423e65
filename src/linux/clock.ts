/** The monotonic clock in core's milliseconds, the blocking wait, and timers as descriptors. */
import { loadAddon } from "./addon.ts";
import { Descriptor } from "./descriptor.ts";
import { attempt } from "./system-call.ts";

const NS_PER_MS = 1e6;

/** Milliseconds of CLOCK_MONOTONIC, with fractions. The same in all threads and processes of this boot. */
export function monotonicMs(): number {
  return loadAddon().monotonicMs();
}

/**
 * Blocks this thread until one of `fds` can be read or has failed, or the deadline has passed; never for the main
 * thread.
 * Answers which; none at the deadline. `undefined` waits for ever.
 */
export function waitUntil(fds: Int32Array, deadlineMs: number | undefined): number[] {
  const addon = loadAddon();
  return attempt("wait", { descriptors: fds.length }, () => addon.wait(fds, nanoseconds(deadlineMs)));
}

/** A timer that `waitUntil` can wait for. */
export class TimerDescriptor extends Descriptor {
  constructor() {
    super(addon => attempt("make a timer", {}, () => addon.timerfdOpen()));
  }

  /** Fires at an absolute time, then every `intervalMs` if given; `undefined` stops it. */
  set(deadlineMs: number | undefined, intervalMs?: number): void {
    this.addon.timerfdSet(this.fd, nanoseconds(deadlineMs), nanoseconds(intervalMs));
  }

  /** How often it fired since the last time. */
  drain(): number {
    return this.addon.timerfdDrain(this.fd);
  }
}

/** Rounded up: who is woken at a deadline must find that it has passed. */
function nanoseconds(ms: number | undefined): bigint | null {
  if (ms === undefined || ms === Number.POSITIVE_INFINITY) return null;
  const whole = Math.floor(Math.max(0, ms));
  return BigInt(whole) * 1_000_000n + BigInt(Math.ceil((Math.max(0, ms) - whole) * NS_PER_MS));
}
