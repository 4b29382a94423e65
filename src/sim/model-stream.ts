/**
 * The association's model: one ordered, reliable stream between two mains, which is late, stalls, breaks and comes back
 * as a new session. It is not SCTP, and does not pretend to be. What was under way when a session ended may still come
 * out of somebody's queue, under the name of that session.
 */
import type { Random } from "./random.ts";
import type { VirtualClock } from "./virtual-clock.ts";

export interface StreamEnd {
  connected(session: number): void;
  broken(session: number, because: string, silentMs: number): void;
  /** Nothing has come for so long; something comes again. */
  quiet(session: number, silentMs: number): void;
  heard(session: number): void;
  receive(session: number, octets: Uint8Array, sentAt: number): void;
}

const RECONNECT_MS = { least: 20, most: 200 };
/** As the association has it: said to be quiet, and given up. */
const QUIET_MS = 250;
const SILENT_MS = 1_000;
/** How often a message outlives its session, and for how long. */
const LATE = { chance: 0.2, forMs: 400 };

export class ModelStream {
  delayMs = 0.2;
  /** The longest that a message was on its way, until somebody read it. */
  longestMs = 0;
  /** True for a message that somebody keeps, to let it out when it suits him. */
  keeps: (octets: Uint8Array, letOut: () => void) => boolean = () => false;
  /** What arrives of a message: somebody may have changed it. */
  alters: (octets: Uint8Array) => Uint8Array = octets => octets;
  readonly #clock: VirtualClock;
  readonly #random: Random;
  readonly #ends = new Map<string, StreamEnd>();
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
    this.reset("the peer is gone");
  }

  send(from: string, session: number, octets: Uint8Array): void {
    if (!this.#connected || session !== this.#session) return;
    const sentAt = this.#clock.now;
    const arrive = (): void => {
      for (const [name, end] of this.#ends) if (name !== from) end.receive(session, this.alters(octets), sentAt);
    };
    if (this.keeps(octets, arrive)) return;
    // In order: nothing overtakes what was sent before.
    this.#lastArrival = Math.max(this.#lastArrival, this.#clock.now + this.delayMs, this.#stalledUntil);
    this.#clock.at(this.#lastArrival, () => {
      if (this.#connected && session === this.#session) arrive();
      else if (this.#random.chance(LATE.chance)) {
        this.#clock.after(this.#random.between(0, LATE.forMs), arrive);
      }
    });
  }

  stall(forMs: number): void {
    const stalls = this.#stalledUntil > this.#clock.now;
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#clock.now + forMs);
    if (!stalls) this.#clock.after(QUIET_MS, () => this.#doubt(this.#session));
  }

  /** Both ends hear nothing of each other for as long as the stall lasts. */
  #doubt(session: number): void {
    if (!this.#isMute(session)) return;
    for (const end of this.#ends.values()) end.quiet(session, QUIET_MS);
    this.#clock.after(Math.min(SILENT_MS - QUIET_MS, this.#stalledUntil - this.#clock.now), () => {
      if (this.#isMute(session)) this.reset(`nothing was heard for ${SILENT_MS} ms`, SILENT_MS);
      else if (this.#connected && session === this.#session) for (const end of this.#ends.values()) end.heard(session);
    });
  }

  #isMute(session: number): boolean {
    return this.#connected && session === this.#session && this.#clock.now < this.#stalledUntil;
  }

  reset(because: string, silentMs = 0): void {
    if (!this.#connected) return;
    this.#connected = false;
    for (const end of this.#ends.values()) end.broken(this.#session, because, silentMs);
    this.#reconnect();
  }

  heal(): void {
    this.#stalledUntil = 0;
    this.delayMs = 0.2;
  }

  #reconnect(): void {
    this.#clock.after(this.#random.between(RECONNECT_MS.least, RECONNECT_MS.most), () => {
      if (this.#connected || this.#ends.size < 2) return;
      if (this.#clock.now < this.#stalledUntil) {
        this.#clock.at(this.#stalledUntil, () => this.#reconnect());
        return;
      }
      this.#connected = true;
      this.#session += 1;
      this.#lastArrival = this.#clock.now;
      for (const end of this.#ends.values()) end.connected(this.#session);
    });
  }
}
