/**
 * The data plane's model: numbered packets every few milliseconds for each owner whose role word says active or
 * draining, as long as the lease beside it is fresh. It asks nobody.
 */
import { Actor } from "./actor.ts";
import type { RoleWords } from "./role-words.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export class FastPath {
  readonly actor = new Actor();
  readonly #clock: VirtualClock;
  readonly #words: RoleWords;
  readonly #everyMs: number;
  readonly #sent: (owner: string, epoch: number) => void;
  readonly #busy = new Set<string>();

  constructor(clock: VirtualClock, words: RoleWords, everyMs: number, sent: (owner: string, epoch: number) => void) {
    this.#clock = clock;
    this.#words = words;
    this.#everyMs = everyMs;
    this.#sent = sent;
  }

  /** There is traffic whenever this owner is active: begin to look at its word. */
  serve(owner: string): void {
    if (this.#busy.has(owner)) return;
    this.#busy.add(owner);
    this.#tick(owner);
  }

  #tick(owner: string): void {
    this.#clock.after(this.#everyMs, () => {
      this.actor.post(() => {
        const word = this.#words.of(owner);
        if (word?.role !== "active" && word?.role !== "draining") {
          this.#busy.delete(owner);
          return;
        }
        if (this.#words.fresh(owner, this.#clock.now)) this.#sent(owner, word.epoch);
        this.#tick(owner);
      });
    });
  }
}
