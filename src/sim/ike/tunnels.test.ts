import { describe, expect, test } from "vitest";
import { PATIENCE_MS, Tally, tunnelSeeds } from "../seeds.test-support.ts";
import { simulateTunnels } from "./tunnel-simulation.ts";

describe("three tunnels outlive the faults of the pair that carries them", () => {
  const tally = new Tally("tunnels");
  test.each(tunnelSeeds())("SEED=%i", { timeout: PATIENCE_MS }, seed => {
    expect(tally.add(simulateTunnels(seed, process.env.SEED !== undefined)).events).toBeGreaterThan(0);
  });

  test("and these were the runs that were asked for", () => {
    expect(tally.runs).toBe(tunnelSeeds().length);
  });
});
