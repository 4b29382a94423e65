/** What everything in one run shares: its time, its dice, who watches, and the account of what happened. */
import type { Ledger } from "./ledger.ts";
import type { Observer } from "./observer.ts";
import type { Random } from "./random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface World {
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly observer: Observer;
  /** How new each record is. */
  readonly ledger: Ledger;
  /** Only written while somebody reads it: making the text costs more than most events. */
  readonly trace: Trace | undefined;
}

export class Trace {
  readonly lines: string[] = [];
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  say(who: string, what: string): void {
    this.lines.push(`${this.#clock.now.toFixed(2).padStart(12)}  ${who.padEnd(4)} ${what}`);
  }
}
