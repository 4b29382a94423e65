import { describe, expect, test } from "vitest";
import { simulatePair } from "./pair-simulation.ts";
import { PATIENCE_HOLDS, PATIENCE_MS, seeds, Tally } from "./seeds.test-support.ts";

describe("two members under the gate never both own what they can talk about, settle, and stay there", () => {
  const tally = new Tally("gate, even");
  test.each(seeds("even"))("SEED=%i", { timeout: PATIENCE_MS }, seed => {
    const report = simulatePair(seed, process.env.SEED !== undefined, PATIENCE_HOLDS);
    expect(tally.add(report).events).toBeGreaterThan(0);
  });

  test("and these were the runs that were asked for", () => {
    expect({ runs: tally.runs, long: tally.averages(7_000) }).toEqual({ runs: seeds("even").length, long: true });
  });
});
