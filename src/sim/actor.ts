/**
 * One thread of a member: it does one thing after the other, and nothing while it stands still. What comes meanwhile
 * waits; of what comes by a socket only as much as the socket holds.
 */

/** Why a thread stands still: by itself, or because its whole process does. */
export type Standstill = "stalled" | "paused";

const SOCKET_HOLDS = 500;

export class Actor {
  dead = false;
  /** While it stalls by itself: since when, and until when at least. */
  stall: { readonly since: number; readonly until: number } | undefined;
  /** Called when the thread goes on, after all that waited. */
  readonly #caughtUp: () => void;
  readonly #standstills = new Set<Standstill>();
  #waiting: (() => void)[] = [];

  constructor(caughtUp: () => void = () => {}) {
    this.#caughtUp = caughtUp;
  }

  get running(): boolean {
    return !this.dead && this.#standstills.size === 0;
  }

  post(work: () => void): void {
    if (this.running) work();
    else if (!this.dead) this.#waiting.push(work);
  }

  /** The same, of what a full socket drops. */
  offer(work: () => void): void {
    if (this.running || this.#waiting.length < SOCKET_HOLDS) this.post(work);
  }

  stand(why: Standstill): void {
    this.#standstills.add(why);
  }

  go(why: Standstill): void {
    if (!this.#standstills.delete(why) || !this.running) return;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) work();
    this.#caughtUp();
  }

  die(): void {
    this.dead = true;
    this.#waiting = [];
  }
}
