/**
 * The association's model: one ordered, reliable stream between two mains, which is late, stalls, breaks and comes back
 * as a new session. It is not SCTP, and does not pretend to be.
 */
import type { Random } from "./random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export type LogMessage =
  /** Everything that the active holds, up to this position. */
  | { readonly kind: "bulk"; readonly position: number }
  | { readonly kind: "transaction"; readonly position: number }
  | { readonly kind: "applied"; readonly position: number }
  /** The active, which is so with this epoch, waits for the receiver's acknowledgements from now on. */
  | { readonly kind: "hot"; readonly epoch: number };

export interface StreamEnd {
  connected(session: number): void;
  broken(): void;
  receive(message: LogMessage): void;
}

const RECONNECT_MS = { least: 20, most: 200 };

export class ModelStream {
  delayMs = 0.2;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #ends = new Map<string, StreamEnd>();
  /** Of each session: how far the receiver has applied what it was sent. */
  readonly #applied = new Map<number, number>();
  #session = 0;
  #connected = false;
  #stalledUntil = 0;
  #lastArrival = 0;

  constructor(clock: VirtualClock, random: Random) {
    this.#clock = clock;
    this.#random = random;
  }

  attach(name: string, end: StreamEnd): void {
    this.#ends.set(name, end);
    this.#reconnect();
  }

  detach(name: string): void {
    this.#ends.delete(name);
    this.reset();
  }

  send(from: string, session: number, message: LogMessage): void {
    if (!this.#connected || session !== this.#session) return;
    // In order: nothing overtakes what was sent before.
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.now + this.delayMs, this.#stalledUntil);
    this.#clock.at(this.#lastArrival, () => {
      if (!this.#connected || session !== this.#session) return;
      for (const [name, end] of this.#ends) if (name !== from) end.receive(message);
    });
  }

  stall(forMs: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#clock.now + forMs);
  }

  reset(): void {
    if (!this.#connected) return;
    this.#connected = false;
    for (const end of this.#ends.values()) end.broken();
    this.#reconnect();
  }

  heal(): void {
    this.#stalledUntil = 0;
    this.delayMs = 0.2;
  }

  /** The receiver's own account, for those who check the sender's. */
  apply(session: number, position: number): void {
    this.#applied.set(session, position);
  }

  appliedIn(session: number): number {
    return this.#applied.get(session) ?? 0;
  }

  #reconnect(): void {
    this.#clock.after(this.#random.between(RECONNECT_MS.least, RECONNECT_MS.most), () => {
      if (this.#connected || this.#ends.size < 2) return;
      this.#connected = true;
      this.#session += 1;
      this.#lastArrival = this.#clock.now;
      for (const end of this.#ends.values()) end.connected(this.#session);
    });
  }
}
