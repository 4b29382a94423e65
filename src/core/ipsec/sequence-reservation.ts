/**
 * Which sequence numbers an outbound SA may use, so that no number is ever sent twice by anyone under one key: not over
 * a failover, not by two members that both believe to be active.
 *
 * Reserve, acknowledge, jump. The active tells the standby a number somewhat ahead of its own; the standby that takes
 * over starts a jump above the highest that it acknowledged, and the active never uses a number that such a start could
 * reach. Five rules make that hold (an explicit-state model finds a collision without each of them); here is the
 * arithmetic of the first, second and fourth. The third (a snapshot is for the incarnation that asked) and the fifth
 * (the epoch is on disk before its first packet) belong to replication and to the gate.
 */
import { invariant } from "../errors.ts";

/** J. Of 2^32 numbers it leaves room for `TAKEOVERS_LIMIT` takeovers; far below 2^32, so an ESN receiver follows. */
export const SEQUENCE_JUMP = 2 ** 28;
/** W is at least this, and 100 ms of traffic. */
export const RESERVE_STEP_MIN = 4_096;
const RESERVE_MS = 100;
/** Where numbers end: without ESN they never wrap; with it they stay exact, and an IV counter has 48 bits. */
export const SEQUENCE_LAST = { short: 2 ** 32 - 1, extended: 2 ** 48 - 1 } as const;
/** Without ESN a rekey is due when only so many are left. */
export const SEQUENCE_ENDING = 2 ** 24;
/** Of one key without ESN, when each member's own traffic is small beside the jump. */
export const TAKEOVERS_LIMIT = 14;

/** One outbound SA on the member that is active. */
export interface Reservation {
  /** R: the highest number that the standby is known to hold. */
  readonly acknowledged: number;
  /** The highest that it was asked to hold, acknowledged or not. */
  readonly asked: number;
  /** W of the next request. */
  readonly step: number;
  readonly esn: boolean;
}

/** A new SA: the standby installs it with the first step already held. */
export function newReservation(esn: boolean): Reservation {
  return { acknowledged: RESERVE_STEP_MIN, asked: RESERVE_STEP_MIN, step: RESERVE_STEP_MIN, esn };
}

/** W for this much traffic. */
export function stepFor(packetsPerSecond: number): number {
  return Math.max(RESERVE_STEP_MIN, Math.ceil((packetsPerSecond * RESERVE_MS) / 1000));
}

/** Rule 1: the last number that may be used. Beyond it the SA must be rekeyed. */
export function capOf({ acknowledged, esn }: Pick<Reservation, "acknowledged" | "esn">): number {
  return Math.min(acknowledged + SEQUENCE_JUMP - 1, lastOf(esn));
}

/** Whether the standby is to be asked for more, once `used` is the last number used. */
export function isLow({ asked, step }: Reservation, used: number): boolean {
  return used + Math.ceil(step / 2) > asked;
}

/**
 * Asks for a step more. Rule 4: what is asked for, and what a snapshot says, is never below what the standby is known
 * to hold, even where the step has shrunk meanwhile.
 */
export function askMore(reservation: Reservation, used: number): Reservation {
  const asked = Math.min(Math.max(reservation.acknowledged, used) + reservation.step, lastOf(reservation.esn));
  return { ...reservation, asked: Math.max(asked, reservation.asked) };
}

/** The standby holds numbers up to `held`. Late and repeated answers change nothing. */
export function acknowledge(reservation: Reservation, held: number): Reservation {
  invariant(held <= reservation.asked, `${held} acknowledged, ${reservation.asked} asked for`);
  return held > reservation.acknowledged ? { ...reservation, acknowledged: held } : reservation;
}

/**
 * Rule 2: the standby that holds `held` takes over. `first` is the number that it starts with; what it holds is its own
 * from now on. `undefined` when the numbers that another takeover needs do not fit any more: the SA is over.
 */
export function takeOver(held: number, esn: boolean): { first: number; reservation: Reservation } | undefined {
  const first = held + SEQUENCE_JUMP;
  if (first + SEQUENCE_JUMP - 1 > lastOf(esn)) return undefined;
  return { first, reservation: { acknowledged: first, asked: first, step: RESERVE_STEP_MIN, esn } };
}

function lastOf(esn: boolean): number {
  return esn ? SEQUENCE_LAST.extended : SEQUENCE_LAST.short;
}
