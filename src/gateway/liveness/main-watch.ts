/**
 * Whether the main thread is still there. The liveness thread speaks for it only so long: a gateway that forwards
 * nothing new and answers nobody should not keep the address.
 *
 * A main thread that gets no processor looks the same for a while, and what it has set up goes on working. So a short
 * silence ends the gateway only where that costs nobody anything: where it is active and every group has somebody ready
 * to take it over. Without, only a silence that no load explains does.
 *
 * Only silence while this thread itself was running counts: after a stop of the whole process both have been silent.
 */
import type { GroupSnapshot, LivenessSnapshot } from "../../core/gate/liveness-port.ts";

/** `main-timeout` of the design. */
const MAIN_TIMEOUT_MS = 2_000;
/** With nobody to take over: starting again costs seconds without service. */
const ALONE_TIMEOUT_MS = 30_000;
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

  /** `canHandOver` is asked only when it matters. */
  isLost(now: number, canHandOver: () => boolean): boolean {
    const beat = this.#beat();
    const sinceMs = now - (this.#lookedAt ?? now);
    this.#lookedAt = now;
    if (beat !== this.#seen) this.#silentMs = 0;
    else this.#silentMs += Math.min(sinceMs, OWN_GAP_MS);
    this.#seen = beat;
    if (this.#silentMs <= MAIN_TIMEOUT_MS) return false;
    return this.#silentMs > ALONE_TIMEOUT_MS || canHandOver();
  }
}

/** This member is active for something, and all that it is active for has somebody who would go on with it at once. */
export function canHandOver({ groups, schemes }: Pick<LivenessSnapshot, "groups" | "schemes">): boolean {
  // Those that follow go where their leader goes.
  const active = groups.filter(({ state, leader }) => state === "active" && leader === undefined);
  const hasHeir = ({ group, standby }: GroupSnapshot): boolean => {
    const scheme = schemes.find(({ name, plainBecause }) => name === group.name && plainBecause === undefined);
    return scheme === undefined ? standby !== undefined : scheme.peer?.hot === true;
  };
  return active.length > 0 && active.every(hasHeir);
}
