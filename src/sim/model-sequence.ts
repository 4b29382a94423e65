/**
 * The numbers of one outbound SA as the native fast path gives them out, on core's arithmetic: nothing above the cap,
 * and a jump where an epoch is entered that it did not see, unless the last active said where to go on. Numbers are
 * given in runs, so that a simulated minute can use up what an hour of real traffic would.
 */
import { capOf, RESERVE_STEP_MIN, takeOver } from "../core/ipsec/sequence-reservation.ts";

export interface Run {
  readonly first: number;
  readonly last: number;
}

interface Held {
  readonly epoch: number;
  readonly sequence: number;
}

export class ModelSequence {
  #next = 1;
  #epoch: number;
  #reserved: number;
  /** The newest that was acknowledged, and the highest of all epochs before it. */
  #held: Held;
  #heldBefore: Held;
  #goOn: Held | undefined;
  #ceiling: Held | undefined;
  /** No number of this epoch any more: its successor has been told so. */
  #concluded: number | undefined;
  #over = false;

  constructor(epoch: number, acknowledged: number) {
    this.#epoch = epoch;
    this.#reserved = acknowledged;
    this.#held = { epoch, sequence: acknowledged };
    this.#heldBefore = { epoch, sequence: acknowledged };
  }

  get used(): number {
    return this.#next - 1;
  }

  /** The last number that is used in this epoch, entered or not: a successor begins behind it. */
  usedIn(epoch: number): number {
    return epoch === this.#epoch ? this.used : (this.#startIn(epoch) ?? this.#next) - 1;
  }

  /** More should be acknowledged: said once for as much as was asked for. */
  get low(): boolean {
    return this.used + RESERVE_STEP_MIN / 2 > Math.max(this.#reserved, this.#held.sequence);
  }

  /** Up to `count` numbers; none where the cap, the ceiling or the end of the space is reached. */
  give(epoch: number, count: number): Run | "cap" | "ceiling" {
    if (epoch !== this.#epoch) this.#enter(epoch);
    if (this.#over) return "cap";
    if (this.#concluded === epoch) return "ceiling";
    if (this.#held.epoch === epoch) this.#reserved = Math.max(this.#reserved, this.#held.sequence);
    const ceiling = this.#ceiling?.epoch === epoch ? this.#ceiling.sequence : Number.POSITIVE_INFINITY;
    if (this.#next > ceiling) return "ceiling";
    const last = Math.min(this.#next + count - 1, ceiling, capOf({ acknowledged: this.#reserved, esn: false }));
    if (last < this.#next) return "cap";
    const run = { first: this.#next, last };
    this.#next = last + 1;
    return run;
  }

  acknowledge(sequence: number, epoch: number): void {
    if (epoch > this.#held.epoch) {
      this.#heldBefore = higher(this.#heldBefore, this.#held);
      this.#held = higher(this.#held, { epoch, sequence });
    } else if (epoch === this.#held.epoch) this.#held = higher(this.#held, { epoch, sequence });
    // Late, but acknowledged all the same: the other may rely on it.
    else this.#heldBefore = higher(this.#heldBefore, { epoch, sequence });
  }

  goOnBehind(sequence: number, epoch: number): void {
    this.#goOn = { epoch, sequence };
  }

  forgetWhereToGoOn(): void {
    this.#goOn = undefined;
  }

  /** The last number of this epoch, whatever is acknowledged. */
  endAt(sequence: number, epoch: number): void {
    this.#ceiling = { epoch, sequence };
  }

  conclude(epoch: number): void {
    this.#concluded = epoch;
  }

  /** Where it enters this epoch; `undefined` beyond the end of the space. */
  #startIn(epoch: number): number | undefined {
    if (this.#goOn?.epoch === epoch) return Math.max(this.#next, this.#goOn.sequence + 1);
    const held = this.#heldIn(epoch);
    // In an epoch between, somebody unheard may have begun a jump above what it held and used a jump from there.
    const passed = Math.max(1, epoch - Math.max(this.#epoch, held.epoch));
    let start: number | undefined = passed > 1 ? Math.max(held.sequence, this.used) : held.sequence;
    for (let jump = 1; start !== undefined && jump < 2 * passed; jump++) start = takeOver(start, false)?.first;
    return start === undefined ? undefined : Math.max(this.#next, start);
  }

  #heldIn(epoch: number): Held {
    return this.#held.epoch === epoch ? this.#heldBefore : this.#held;
  }

  #enter(epoch: number): void {
    const start = this.#startIn(epoch);
    const goesOn = this.#goOn?.epoch === epoch;
    this.#over = start === undefined;
    this.#next = start ?? this.#next;
    this.#reserved = goesOn ? this.#heldIn(epoch).sequence : this.#next;
    this.#epoch = epoch;
  }
}

function higher(a: Held, b: Held): Held {
  return { epoch: Math.max(a.epoch, b.epoch), sequence: Math.max(a.sequence, b.sequence) };
}
