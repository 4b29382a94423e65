/**
 * The outbound numbers of one SA in one member's data plane, as the fast path gives them out
 * (`native/fastpath/outbound_sequence.h`): cap, jump, exact continuation, and the end that a handover names.
 */
import { SEQUENCE_JUMP } from "../ipsec/sequence-reservation.ts";

export class SequencePlane {
  #next: number;
  #epoch: number;
  #reserved: number;
  #before = 0;
  #beforeEpoch = 0;
  #current: number;
  #currentEpoch: number;
  #continue: { readonly at: number; readonly epoch: number } | undefined;
  #end: { readonly at: number; readonly epoch: number } | undefined;
  readonly #jump: number;
  readonly #capped: boolean;

  constructor(epoch: number, acknowledged: number, without?: "cap" | "jump") {
    this.#next = 1;
    this.#epoch = epoch;
    this.#reserved = acknowledged;
    this.#current = acknowledged;
    this.#currentEpoch = epoch;
    this.#jump = without === "jump" ? 0 : SEQUENCE_JUMP;
    this.#capped = without !== "cap";
  }

  get used(): number {
    return this.#next - 1;
  }

  /** The run of numbers that so many packets get; fewer than asked for past the cap. */
  give(epoch: number, packets: number): { readonly first: number; readonly packets: number } {
    this.#enter(epoch);
    if (this.#currentEpoch === this.#epoch) this.#reserved = Math.max(this.#reserved, this.#current);
    const ceiling = this.#end?.epoch === epoch ? this.#end.at : Number.MAX_SAFE_INTEGER;
    const cap = this.#capped ? this.#reserved + SEQUENCE_JUMP - 1 : Number.MAX_SAFE_INTEGER;
    const count = Math.max(0, Math.min(packets, Math.min(cap, ceiling) - this.#next + 1));
    const run = { first: this.#next, packets: count };
    this.#next += count;
    return run;
  }

  acknowledge(sequence: number, epoch: number): void {
    if (epoch > this.#currentEpoch) {
      this.#before = Math.max(this.#before, this.#current);
      this.#beforeEpoch = this.#currentEpoch;
      this.#currentEpoch = epoch;
    }
    if (epoch === this.#currentEpoch) this.#current = Math.max(this.#current, sequence);
    else {
      this.#before = Math.max(this.#before, sequence);
      this.#beforeEpoch = Math.max(this.#beforeEpoch, epoch);
    }
  }

  continueAt(at: number, epoch: number): void {
    this.#continue = { at, epoch };
  }

  forget(): void {
    this.#continue = undefined;
  }

  endAt(at: number, epoch: number): void {
    this.#end = { at, epoch };
  }

  #enter(epoch: number): void {
    if (epoch === this.#epoch) return;
    const late = this.#currentEpoch === epoch;
    const held = late ? this.#before : this.#current;
    const since = Math.max(this.#epoch, late ? this.#beforeEpoch : this.#currentEpoch);
    const passed = epoch > since ? epoch - since : 1;
    const base = Math.max(held, passed > 1 ? this.used : 0);
    const jumped = base + this.#jump * (2 * passed - 1);
    const exact = this.#continue?.epoch === epoch ? this.#continue.at : undefined;
    this.#next = Math.max(this.#next, exact ?? jumped);
    this.#reserved = exact === undefined ? Math.max(this.#next, held) : held;
    this.#epoch = epoch;
  }
}
