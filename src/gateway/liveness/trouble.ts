/**
 * What the system refuses concerns one thing alone: it is told, and the rest goes on. A refusal that comes again and
 * again is told once in a while.
 */
import { SystemError } from "../../core/errors.ts";

const AGAIN_MS = 10_000;
/** Of different refusals; beyond it the oldest are forgotten. */
const MOST = 100;

export class Trouble {
  readonly #tell: (text: string) => void;
  readonly #now: () => number;
  readonly #told = new Map<string, number>();

  constructor(tell: (text: string) => void, now: () => number) {
    this.#tell = tell;
    this.#now = now;
  }

  /** Our own mistakes go through. */
  guard(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#take(error.message);
    }
  }

  #take(text: string): void {
    const now = this.#now();
    if (now - (this.#told.get(text) ?? Number.NEGATIVE_INFINITY) < AGAIN_MS) return;
    this.#told.delete(text);
    this.#told.set(text, now);
    const [oldest] = this.#told.keys();
    if (this.#told.size > MOST && oldest !== undefined) this.#told.delete(oldest);
    this.#tell(text);
  }
}
