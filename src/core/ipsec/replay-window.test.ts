import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  inferSequence,
  isReplayWindow,
  REPLAY_WINDOWS,
  ReplayWindow,
  type ReplayWindowPackets,
} from "./replay-window.ts";

/** What a window is, without a bitmap: a number is taken once, and only within `packets` of the highest. */
class Remembered {
  readonly #seen = new Set<number>();
  readonly #packets: number;
  #edge: number;
  #floor: number;

  constructor(packets: number, edge: number) {
    this.#packets = packets;
    this.#edge = edge;
    this.#floor = edge;
  }

  accept(sequence: number): boolean {
    if (sequence <= this.#floor || sequence <= this.#edge - this.#packets || this.#seen.has(sequence)) return false;
    this.#seen.add(sequence);
    this.#edge = Math.max(this.#edge, sequence);
    return true;
  }

  advance(edge: number): void {
    if (edge <= this.#edge) return;
    this.#floor = edge;
    this.#edge = edge;
  }
}

const window = fc.constantFrom(...REPLAY_WINDOWS);

test("32 to 4,096 packets, powers of two", () => {
  expect([32, 64, 1024, 4096].every(isReplayWindow)).toBe(true);
  expect([0, 31, 48, 8192].some(isReplayWindow)).toBe(false);
});

test("behaves as one that remembers every number", () => {
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ by: fc.integer({ min: -5_000, max: 200 }) }) },
    { weight: 1, arbitrary: fc.record({ by: fc.integer({ min: 201, max: 2 ** 31 }) }) },
    { weight: 1, arbitrary: fc.record({ advanceBy: fc.integer({ min: -40, max: 6_000 }) }) },
  );
  const start = fc.oneof(fc.constant(0), fc.nat(10_000), fc.integer({ min: 2 ** 32 - 5_000, max: 2 ** 32 + 5_000 }));
  fc.assert(
    fc.property(window, start, fc.array(step, { maxLength: 200 }), (packets, edge, steps) => {
      const real = new ReplayWindow(packets, edge);
      const model = new Remembered(packets, edge);
      for (const each of steps) {
        if ("advanceBy" in each) {
          const to = Math.max(0, real.edge + each.advanceBy);
          real.advance(to);
          model.advance(to);
          continue;
        }
        const sequence = Math.max(0, real.edge + each.by);
        const asked = real.check(sequence);
        const taken = real.accept(sequence);
        expect(taken).toBe(model.accept(sequence));
        expect(asked === "new").toBe(taken);
      }
    }),
    { numRuns: 300 },
  );
});

describe.each(REPLAY_WINDOWS.map(packets => [packets]))("a window of %i", packets => {
  const filled = (): ReplayWindow => {
    const made = new ReplayWindow(packets);
    for (let sequence = 1; sequence <= packets + 10; sequence++) made.accept(sequence);
    return made;
  };

  test("takes each number once, the oldest in the window included, and none older", () => {
    const made = new ReplayWindow(packets);
    expect(made.accept(packets + 10)).toBe(true);
    expect(made.accept(11)).toBe(true);
    expect(made.check(10)).toBe("too-old");
    expect(made.check(11)).toBe("seen");
    expect(filled().check(packets + 10)).toBe("seen");
  });

  test("zero is never taken", () => {
    expect(new ReplayWindow(packets).check(0)).toBe("zero");
  });

  test("asking moves nothing", () => {
    const made = filled();
    expect(made.check(2 ** 31)).toBe("new");
    expect(made.edge).toBe(packets + 10);
  });

  test("after a leap the numbers just below it are new, those before are too old", () => {
    const made = filled();
    expect(made.accept(2 ** 32 - 1)).toBe(true);
    expect(made.check(2 ** 32 - 2)).toBe("new");
    expect(made.check(packets)).toBe("too-old");
  });

  test("told of an edge, it has seen everything up to it", () => {
    const made = filled();
    made.advance(1_000_000);
    expect(made.check(1_000_000)).toBe("seen");
    expect(made.check(1_000_000 - packets + 1)).toBe("seen");
    expect(made.check(1_000_001)).toBe("new");
    made.advance(5);
    expect(made.edge).toBe(1_000_000);
  });

  test("one that begins at an edge takes nothing up to it", () => {
    const made = new ReplayWindow(packets, 1_000_001);
    expect(made.check(1_000_001)).toBe("seen");
    expect(made.check(1_000_001 - packets + 1)).toBe("seen");
    expect(made.check(1_000_002)).toBe("new");
  });
});

describe("the high half with ESN (RFC 4303 appendix A2.1)", () => {
  const TOP = 2 ** 32;
  test.each<[string, number, number, number | undefined]>([
    ["case A, in the window", 5_000, 4_990, 4_990],
    ["case A, ahead", 5_000, 9_000, 9_000],
    ["case A, below the window: the next space", 5_000, 10, TOP + 10],
    ["case B, ahead", TOP + 10, 20, TOP + 20],
    ["case B, in the window, before the wrap", TOP + 10, TOP - 5, TOP - 5],
    ["case B, below the window: this space, far ahead", TOP + 10, TOP - 60, 2 * TOP - 60],
    ["the wrap itself", TOP - 1, 0, TOP],
    ["case B in the first space, before the first number", 10, TOP - 5, undefined],
  ])("%s", (_, edge, low, expected) => {
    expect(inferSequence(low, edge, 64)).toBe(expected);
  });

  test("finds every number from the bottom of the window to 2^32 above it", () => {
    const reach = fc.integer({ min: 0, max: TOP - 1 });
    fc.assert(
      fc.property(window, fc.integer({ min: 4_096, max: 2 ** 44 }), reach, (packets: ReplayWindowPackets, edge, up) => {
        const sequence = edge - packets + 1 + up;
        expect(inferSequence(sequence % TOP, edge, packets)).toBe(sequence);
      }),
    );
  });
});
