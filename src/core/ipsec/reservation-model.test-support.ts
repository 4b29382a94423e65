/**
 * Two members that share one outbound SA, a link that loses, repeats and reorders, crashes that lose memory, and both
 * active at once: the world in which the five rules must hold. Any rule can be left out, to see that it is needed.
 *
 * The numbers are the product's (`sequence-reservation.ts`); what replication and the gate add (incarnations, epochs on
 * disk) is here as small as it can be. Each member sends when it believes to be active; the model remembers every run
 * of numbers and every IV owner that it used.
 */
import { ivOwner, type Member } from "./iv-layout.ts";
import { acknowledge, askMore, capOf, newReservation, type Reservation, takeOver } from "./sequence-reservation.ts";

export type Rule = "cap" | "jump" | "incarnation" | "floor" | "durable-epoch";

export type Move =
  | { readonly kind: "send"; readonly member: Member; readonly packets: number }
  /** The active tells the other what to hold: an increment, or the whole as an answer to a new incarnation. */
  | { readonly kind: "ask"; readonly member: Member; readonly step: number }
  /** The n-th oldest message that is under way arrives; it stays under way when it is to be repeated. */
  | { readonly kind: "deliver"; readonly pick: number; readonly again: boolean }
  | { readonly kind: "lose"; readonly pick: number }
  | { readonly kind: "take-over"; readonly member: Member }
  | { readonly kind: "crash"; readonly member: Member };

type Message = { readonly to: Member; readonly epoch: number } & (
  | { readonly kind: "hold"; readonly incarnation: number; readonly upTo: number }
  | { readonly kind: "held"; readonly upTo: number }
  | { readonly kind: "join"; readonly incarnation: number }
);

interface Side {
  role: "active" | "standby" | "empty";
  epoch: number;
  /** What a crash does not take. */
  diskEpoch: number;
  incarnation: number;
  /** The incarnation of the other that asked for a snapshot. */
  peerIncarnation: number;
  reservation: Reservation;
  held: number;
  next: number;
  /** The next IV's counter; a takeover and a crash begin anew. */
  counter: number;
}

/** Packets sent in a row. */
interface Run {
  readonly first: number;
  readonly packets: number;
}

export class ReservationModel {
  readonly #numbers: Run[] = [];
  readonly #counters = new Map<number, Run[]>();
  takeovers = 0;
  refused = 0;
  readonly #without: Rule | undefined;
  readonly #esn: boolean;
  readonly #sides: readonly [Side, Side];
  readonly #link: Message[] = [];

  constructor(esn: boolean, without?: Rule) {
    this.#without = without;
    this.#esn = esn;
    const active = newReservation(esn);
    const side = {
      epoch: 1,
      diskEpoch: 1,
      incarnation: 1,
      peerIncarnation: 1,
      reservation: active,
      next: 1,
      counter: 1,
    };
    this.#sides = [
      { ...side, role: "active", held: 0 },
      { ...side, role: "standby", held: active.acknowledged },
    ];
  }

  /** What was used twice. */
  get collision(): string | undefined {
    const number = overlap(this.#numbers);
    if (number !== undefined) return `sequence number ${number}`;
    for (const [owner, runs] of this.#counters) {
      const counter = overlap(runs);
      if (counter !== undefined) return `IV ${owner} ${counter}`;
    }
    return undefined;
  }

  step(move: Move): void {
    if (move.kind === "send") this.#send(move.member, move.packets);
    else if (move.kind === "ask") this.#ask(move.member, move.step);
    else if (move.kind === "deliver") this.#deliver(move.pick, move.again);
    else if (move.kind === "lose") this.#link.splice(move.pick % Math.max(1, this.#link.length), 1);
    else if (move.kind === "take-over") this.#takeOver(move.member);
    else if (move.kind === "crash") this.#crash(move.member);
    else move satisfies never;
  }

  #send(member: Member, packets: number): void {
    const side = this.#sides[member];
    if (side.role !== "active") return;
    const cap = this.#without === "cap" ? Number.MAX_SAFE_INTEGER : capOf(side.reservation);
    const last = Math.min(side.next + packets - 1, cap);
    if (last < side.next) return;
    const count = last - side.next + 1;
    const owner = ivOwner(side.epoch, member);
    this.#numbers.push({ first: side.next, packets: count });
    this.#counters.set(owner, [...(this.#counters.get(owner) ?? []), { first: side.counter, packets: count }]);
    side.next += count;
    side.counter += count;
  }

  #ask(member: Member, step: number): void {
    const side = this.#sides[member];
    if (side.role !== "active") return;
    const used = side.next - 1;
    const floor = this.#without === "floor" ? { ...side.reservation, acknowledged: 0, asked: 0 } : side.reservation;
    const asked = askMore({ ...floor, step }, used);
    side.reservation = { ...side.reservation, asked: Math.max(asked.asked, side.reservation.asked) };
    const { epoch, peerIncarnation: incarnation } = side;
    this.#link.push({ to: other(member), kind: "hold", incarnation, upTo: asked.asked, epoch });
  }

  #deliver(pick: number, again: boolean): void {
    const at = pick % Math.max(1, this.#link.length);
    const message = this.#link[at];
    if (message === undefined) return;
    if (!again) this.#link.splice(at, 1);
    const side = this.#sides[message.to];
    if (message.epoch > side.epoch && side.role === "active" && this.#without !== "durable-epoch") side.role = "empty";
    if (message.kind === "hold") this.#hold(side, message);
    else if (message.kind === "join") side.peerIncarnation = Math.max(side.peerIncarnation, message.incarnation);
    else if (side.role === "active" && message.epoch === side.epoch && message.upTo <= side.reservation.asked) {
      side.reservation = acknowledge(side.reservation, message.upTo);
    }
  }

  #hold(side: Side, message: Extract<Message, { kind: "hold" }>): void {
    if (side.role === "active") return;
    if (this.#without !== "incarnation" && message.incarnation !== side.incarnation) return;
    if (this.#without !== "durable-epoch" && message.epoch < side.diskEpoch) return;
    side.role = "standby";
    side.epoch = message.epoch;
    side.held = Math.max(side.held, message.upTo);
    this.#link.push({ to: other(message.to), kind: "held", upTo: side.held, epoch: message.epoch });
  }

  #takeOver(member: Member): void {
    const side = this.#sides[member];
    if (side.role !== "standby") return;
    const taken = takeOver(side.held, this.#esn);
    if (taken === undefined) {
      this.refused++;
      return;
    }
    const first = this.#without === "jump" ? side.held : taken.first;
    this.takeovers++;
    side.role = "active";
    side.epoch++;
    if (this.#without !== "durable-epoch") side.diskEpoch = side.epoch;
    side.reservation = this.#without === "jump" ? { ...taken.reservation, acknowledged: first } : taken.reservation;
    side.next = first;
    side.counter = 1;
  }

  #crash(member: Member): void {
    const side = this.#sides[member];
    side.incarnation++;
    Object.assign(side, { role: "empty", held: 0, next: 0, counter: 1, epoch: side.diskEpoch });
    this.#link.push({ to: other(member), kind: "join", incarnation: side.incarnation, epoch: side.diskEpoch });
  }
}

function other(member: Member): Member {
  return member === 0 ? 1 : 0;
}

function overlap(runs: readonly Run[]): number | undefined {
  const sorted = [...runs].sort((a, b) => a.first - b.first);
  return sorted.find((run, at) => {
    const before = sorted[at - 1];
    return before !== undefined && run.first < before.first + before.packets;
  })?.first;
}
