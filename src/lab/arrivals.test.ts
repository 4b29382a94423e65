import { describe, expect, test } from "vitest";
import { ArrivalTally } from "./arrivals.ts";

function tally(beganMs: number, arrivals: readonly (readonly [number: number, atMs: number])[]): ArrivalTally {
  const counted = new ArrivalTally(beganMs);
  for (const [number, atMs] of arrivals) counted.arrived(number, atMs);
  return counted;
}

describe("arrivals of numbered probes", () => {
  test("a stream without fault has no gap but its interval", () => {
    const stream = Array.from({ length: 100 }, (_, n) => [n, 1000 + n] as const);
    expect(tally(1000, stream).result(1099)).toEqual({
      received: 100,
      duplicated: 0,
      reordered: 0,
      reached: 100,
      gapMs: 1,
      gapAtMs: 1000,
    });
  });

  test("the longest silence counts, and when it began", () => {
    const counted = tally(0, [
      [0, 1],
      [1, 5],
      [9, 45],
      [10, 50],
    ]);
    expect(counted.result(60)).toMatchObject({ received: 4, gapMs: 40, gapAtMs: 5 });
  });

  test("silence at the beginning and at the end is silence", () => {
    expect(tally(100, [[7, 130]]).result(135)).toMatchObject({ gapMs: 30, gapAtMs: 100 });
    expect(tally(100, [[0, 101]]).result(190)).toMatchObject({ gapMs: 89, gapAtMs: 101 });
    expect(tally(100, []).result(400)).toMatchObject({ received: 0, gapMs: 300, gapAtMs: 100 });
  });

  test("a probe that comes twice is received once, in whatever order", () => {
    const counted = tally(0, [
      [0, 0],
      [2, 1],
      [1, 2],
      [2, 3],
      [1, 4],
      [3, 5],
    ]);
    expect(counted.result(5)).toMatchObject({ received: 4, duplicated: 2, reordered: 1 });
  });

  test("numbers beyond the first room are told apart", () => {
    const counted = tally(0, [
      [65_535, 0],
      [65_536, 1],
      [1_000_000, 2],
      [65_536, 3],
    ]);
    expect(counted.result(3)).toMatchObject({ received: 3, duplicated: 1, reordered: 0 });
  });

  test("what arrived before the beginning has arrived, and silence before it is none", () => {
    const early = tally(0, [
      [0, 40],
      [1, 41],
    ]);
    early.begin(42);
    early.arrived(2, 43);
    expect(early.result(43)).toMatchObject({ received: 3, gapMs: 2, gapAtMs: 41 });
    const late = tally(0, []);
    late.begin(42);
    late.arrived(0, 43);
    expect(late.result(43)).toMatchObject({ received: 1, gapMs: 1, gapAtMs: 42 });
  });

  test("when each number arrived first, as far as the highest", () => {
    const counted = tally(0, [
      [0, 4],
      [3, 5],
      [1, 6],
      [0, 7],
    ]);
    expect([...counted.arrivedAtMs]).toEqual([4, 6, Number.NaN, 5]);
  });
});
