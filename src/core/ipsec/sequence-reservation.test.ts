import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Member } from "./iv-layout.ts";
import { type Move, ReservationModel, type Rule } from "./reservation-model.test-support.ts";
import {
  acknowledge,
  askMore,
  capOf,
  isLow,
  newReservation,
  RESERVE_STEP_MIN,
  SEQUENCE_JUMP,
  SEQUENCE_LAST,
  stepFor,
  TAKEOVERS_LIMIT,
  takeOver,
} from "./sequence-reservation.ts";

const STEP = RESERVE_STEP_MIN;
const JUMP = SEQUENCE_JUMP;

describe("the arithmetic", () => {
  test("a step is 4,096 numbers or 100 ms of traffic", () => {
    expect([0, 40_960, 100_000].map(stepFor)).toEqual([4_096, 4_096, 10_000]);
  });

  test("the active may use what no takeover could begin with", () => {
    const reservation = newReservation(false);
    expect(capOf(reservation)).toBe(STEP + JUMP - 1);
    expect(takeOver(STEP, false)?.first).toBe(STEP + JUMP);
  });

  test("more is asked for once half a step is left, and the cap moves only with the answer", () => {
    const fresh = newReservation(false);
    expect(isLow(fresh, STEP / 2)).toBe(false);
    expect(isLow(fresh, STEP / 2 + 1)).toBe(true);
    const asked = askMore(fresh, STEP / 2 + 1);
    expect(asked.asked).toBe(2 * STEP);
    expect(capOf(asked)).toBe(capOf(fresh));
    expect(capOf(acknowledge(asked, 2 * STEP))).toBe(2 * STEP + JUMP - 1);
  });

  test("an answer that comes late or twice moves nothing back, one that was never asked for is a bug", () => {
    const asked = acknowledge(askMore(newReservation(false), 3 * STEP), 4 * STEP);
    expect(acknowledge(asked, STEP)).toEqual(asked);
    expect(() => acknowledge(asked, 5 * STEP)).toThrow("asked for");
  });

  test("a smaller step asks for nothing below what is known to be held", () => {
    const held = acknowledge(askMore({ ...newReservation(false), step: 10 * STEP }, STEP), 11 * STEP);
    expect(askMore({ ...held, step: STEP }, STEP + 1).asked).toBeGreaterThanOrEqual(held.acknowledged + STEP);
  });

  test("numbers without ESN end at 2^32 - 1, and the cap with them", () => {
    const late = { acknowledged: SEQUENCE_LAST.short - 10, esn: false };
    expect(capOf(late)).toBe(SEQUENCE_LAST.short);
    expect(capOf({ ...late, esn: true })).toBe(SEQUENCE_LAST.short - 10 + JUMP - 1);
  });

  test("a key without ESN bears 14 takeovers, and the next is refused", () => {
    let held = STEP;
    let takeovers = 0;
    for (let taken = takeOver(held, false); taken !== undefined; taken = takeOver(held, false)) {
      expect(capOf(taken.reservation)).toBeLessThanOrEqual(SEQUENCE_LAST.short);
      expect(taken.first).toBeGreaterThan(held);
      held = taken.reservation.acknowledged;
      takeovers++;
    }
    expect(takeovers).toBe(TAKEOVERS_LIMIT);
  });
});

const member = fc.constantFrom<Member>(0, 1);
const pick = fc.nat(5);
/** A few, a step's worth, and as many as ever allowed. */
const packets = fc.constantFrom(1, STEP, 2 * JUMP);
const move: fc.Arbitrary<Move> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("send" as const), member, packets }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("ask" as const), member, step: fc.constantFrom(STEP, 64 * STEP) }),
  },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("deliver" as const), pick, again: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("lose" as const), pick }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("take-over" as const), member }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("crash" as const), member }) },
);
const schedule = fc.array(move, { minLength: 4, maxLength: 40 });

function play(moves: readonly Move[], esn: boolean, without?: Rule): ReservationModel {
  const model = new ReservationModel(esn, without);
  for (const each of moves) model.step(each);
  return model;
}

const send = (from: Member, count: number): Move => ({ kind: "send", member: from, packets: count });
const ask = (from: Member, step: number): Move => ({ kind: "ask", member: from, step });
const arrive = (at = 0): Move => ({ kind: "deliver", pick: at, again: false });
const takes = (by: Member): Move => ({ kind: "take-over", member: by });
const crash = (of: Member): Move => ({ kind: "crash", member: of });

/** What goes wrong without each rule; 0 is active at first, 1 its standby. */
const COUNTEREXAMPLES: readonly (readonly [Rule, string, readonly Move[]])[] = [
  ["cap", "the active runs on unheard, into what its successor begins with", [takes(1), send(1, 1), send(0, 2 * JUMP)]],
  ["jump", "what was sent and not yet told is sent again", [send(0, STEP + 1), takes(1), send(1, 1)]],
  [
    "incarnation",
    "an old snapshot reaches a standby that was born after it",
    [
      ...[ask(0, STEP), ask(0, 64 * STEP), arrive(1), arrive(1)],
      ...[crash(1), arrive(0), send(0, 2 * JUMP), takes(1), send(1, 1)],
    ],
  ],
  [
    "floor",
    "a step that shrank puts a snapshot below what the dead standby had acknowledged",
    [
      ...[ask(0, 64 * STEP), arrive(), arrive(), crash(1), arrive(), ask(0, STEP), arrive()],
      ...[send(0, 2 * JUMP), takes(1), send(1, 1)],
    ],
  ],
  [
    "durable-epoch",
    "a standby that took over unheard and died is taken in again, and takes over again",
    [...[takes(1), send(1, 2 * STEP), crash(1), arrive()], ...[ask(0, STEP), arrive(), takes(1), send(1, 1)]],
  ],
];

describe("two members that share an SA", () => {
  test("never use a number or an IV twice, whatever is lost, repeated, late or dead", () => {
    let takeovers = 0;
    fc.assert(
      fc.property(schedule, fc.boolean(), (moves, esn) => {
        const model = play(moves, esn);
        takeovers += model.takeovers;
        expect(model.collision).toBeUndefined();
      }),
      { numRuns: 4_000 },
    );
    expect(takeovers).toBeGreaterThan(1_000);
  });

  test.each(COUNTEREXAMPLES)("%s: %s", (rule, _, moves) => {
    expect(play(moves, false).collision).toBeUndefined();
    expect(play(moves, false, rule).collision).toMatch(/^sequence number \d+$/);
  });

  test("a takeover that the numbers do not allow does not happen", () => {
    const model = new ReservationModel(false);
    for (let at = 0; at < 40; at++) {
      const taker: Member = at % 2 === 0 ? 1 : 0;
      model.step({ kind: "take-over", member: taker });
      model.step({ kind: "send", member: taker, packets: 3 });
      model.step({ kind: "crash", member: taker === 0 ? 1 : 0 });
      model.step({ kind: "deliver", pick: 0, again: false });
      model.step({ kind: "ask", member: taker, step: STEP });
      model.step({ kind: "deliver", pick: 0, again: false });
      model.step({ kind: "deliver", pick: 0, again: false });
    }
    expect(model.takeovers).toBe(TAKEOVERS_LIMIT);
    expect(model.refused).toBeGreaterThan(0);
    expect(model.collision).toBeUndefined();
  });
});
