/**
 * The numbers of every Child SA of one scheme, on whichever side this member is: what the standby may begin above, and
 * the inbound edges. `core/ipsec/sequence-reservation.ts` has the arithmetic and the five rules.
 *
 * The active asks for more as numbers are used, by a step that follows the traffic. What the standby is asked to hold
 * is never below what it is known to hold (rule 4), also in a bulk sync, and after a takeover no less than a jump above
 * what this member held as the standby: of every SA, used or not. An SA that no other member was ever told of needs
 * nobody's consent.
 */
import {
  acknowledge,
  askMore,
  newReservation,
  type Reservation,
  SEQUENCE_LAST,
  stepFor,
  takeOver,
} from "../ipsec/sequence-reservation.ts";
import type { ChildNumber, ExactNumbers } from "./replication-port.ts";

interface Line {
  reservation: Reservation;
  /** The highest outbound number known to be used, and when that was said. */
  used: number;
  usedAt: number | undefined;
  inbound: number;
  /** The other member was told of it: what it holds may be begun above. */
  shared: boolean;
  /** An orderly switchover's: whoever begins in this epoch goes on behind this number. */
  exact: { readonly epoch: number; readonly outbound: number } | undefined;
}

export class SequenceBook {
  readonly #lines = new Map<number, Line>();

  has(spi: number): boolean {
    return this.#lines.has(spi);
  }

  /** A new SA, or one that is there already: then nothing changes. */
  open(spi: number, esn: boolean): void {
    if (this.#lines.has(spi)) return;
    const reservation = newReservation(esn);
    const nothing = { used: 0, usedAt: undefined, inbound: 0, shared: false, exact: undefined };
    this.#lines.set(spi, { reservation, ...nothing });
  }

  close(spi: number): void {
    this.#lines.delete(spi);
  }

  /** On the active: so much is used. What the standby is to hold; `undefined` where nobody's consent counts. */
  ask({ spi, sequence }: ChildNumber, now: number): ChildNumber | undefined {
    const line = this.#lines.get(spi);
    if (line === undefined) return undefined;
    const step = stepOf(line, sequence, now);
    line.used = Math.max(line.used, sequence);
    line.usedAt = now;
    line.reservation = askMore({ ...line.reservation, step }, line.used);
    if (line.shared) return { spi, sequence: line.reservation.asked };
    line.reservation = acknowledge(line.reservation, line.reservation.asked);
    return undefined;
  }

  /**
   * What the standby must hold of this SA, for a record that is sent to it now: of one that was sent before, a step
   * more than what is used or known to be held (rule 4).
   */
  share(spi: number): { held: number; inboundEdge: number } {
    const line = this.#lines.get(spi);
    if (line === undefined) return { held: 0, inboundEdge: 0 };
    if (line.shared) line.reservation = askMore(line.reservation, line.used);
    line.shared = true;
    return { held: line.reservation.asked, inboundEdge: line.inbound };
  }

  acknowledgedOf(spi: number): number | undefined {
    return this.#lines.get(spi)?.reservation.acknowledged;
  }

  /** The standby holds these: those that are news. */
  acknowledge(held: readonly ChildNumber[]): ChildNumber[] {
    return held.filter(({ spi, sequence }) => {
      const line = this.#lines.get(spi);
      if (line === undefined || sequence <= line.reservation.acknowledged) return false;
      line.reservation = acknowledge(line.reservation, sequence);
      return true;
    });
  }

  /** Numbers asked for and not acknowledged, of all SAs that are shared. */
  get outstanding(): number {
    let sum = 0;
    for (const { reservation, shared } of this.#lines.values()) {
      if (shared) sum += reservation.asked - reservation.acknowledged;
    }
    return sum;
  }

  edge({ spi, sequence }: ChildNumber): void {
    const line = this.#lines.get(spi);
    if (line !== undefined) line.inbound = Math.max(line.inbound, sequence);
  }

  /** On the standby: what it is asked to hold. Never back. */
  hold(spi: number, held: number): void {
    const line = this.#lines.get(spi);
    if (line === undefined) return;
    const asked = Math.max(line.reservation.asked, Math.min(held, lastOf(line)));
    line.reservation = { ...line.reservation, asked, acknowledged: asked };
    line.shared = true;
  }

  /** On the standby: where an orderly switchover to `epoch` goes on. */
  expect(epoch: number, { spi, outbound }: ExactNumbers): void {
    const line = this.#lines.get(spi);
    if (line !== undefined) line.exact = { epoch, outbound };
  }

  expectNothing(): void {
    for (const line of this.#lines.values()) line.exact = undefined;
  }

  /**
   * This member is active from this epoch on; whether each of its SAs goes on exactly where the other one stopped.
   * `jumps` is at least as many as the data plane makes where they do not.
   */
  takeOver(epoch: number, jumps = 1): boolean {
    let orderly = true;
    for (const line of this.#lines.values()) {
      const exact = line.exact?.epoch === epoch ? line.exact.outbound : undefined;
      if (exact === undefined) {
        orderly = false;
        for (let jumped = 0; jumped < jumps; jumped++) jump(line);
      } else line.used = Math.max(line.used, exact);
      line.exact = undefined;
    }
    return orderly;
  }
}

function jump(line: Line): void {
  const { asked, esn } = line.reservation;
  const last = lastOf(line);
  // Without room for another jump the data plane begins no more, and what is asked for goes to the end.
  line.reservation = takeOver(asked, esn)?.reservation ?? { ...line.reservation, asked: last, acknowledged: last };
  line.usedAt = undefined;
}

/** W for the traffic since it was said last. */
function stepOf({ used, usedAt, reservation }: Line, sequence: number, now: number): number {
  if (usedAt === undefined || sequence <= used) return reservation.step;
  return stepFor(((sequence - used) * 1_000) / Math.max(1, now - usedAt));
}

function lastOf({ reservation }: Line): number {
  return reservation.esn ? SEQUENCE_LAST.extended : SEQUENCE_LAST.short;
}
