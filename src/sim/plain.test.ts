import { describe, expect, test } from "vitest";
import { simulatePlain } from "./plain-simulation.ts";
import { PATIENCE_HOLDS, PATIENCE_MS, seeds, Tally } from "./seeds.test-support.ts";

describe("two to four members of plain HSRP survive their faults, settle on one active and stay there", () => {
  const tally = new Tally("plain");
  test.each(seeds())("SEED=%i", { timeout: PATIENCE_MS }, seed => {
    const report = simulatePlain(seed, process.env.SEED !== undefined, PATIENCE_HOLDS);
    expect(tally.add(report).events).toBeGreaterThan(0);
  });

  test("and these were the runs that were asked for", () => {
    expect({ runs: tally.runs, long: tally.averages(1_500) }).toEqual({ runs: seeds().length, long: true });
  });
});
