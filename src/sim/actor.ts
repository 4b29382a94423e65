/**
 * One thread of a member: it does one thing after the other, and nothing while it is stalled. What comes meanwhile
 * waits, up to what its sockets hold; what is over is lost.
 */

/** Why a thread stands still: by itself, or because its whole process does. */
export type Standstill = "stalled" | "paused";

const QUEUE_LIMIT = 500;

export class Actor {
  dead = false;
  readonly #standstills = new Set<Standstill>();
  #waiting: (() => void)[] = [];

  get running(): boolean {
    return !this.dead && this.#standstills.size === 0;
  }

  post(work: () => void): void {
    if (this.dead) return;
    if (this.running) work();
    else if (this.#waiting.length < QUEUE_LIMIT) this.#waiting.push(work);
  }

  stand(why: Standstill): void {
    this.#standstills.add(why);
  }

  go(why: Standstill): void {
    this.#standstills.delete(why);
    while (this.running) {
      const work = this.#waiting.shift();
      if (work === undefined) return;
      work();
    }
  }

  die(): void {
    this.dead = true;
    this.#waiting = [];
  }
}
