import { describe, expect, test } from "vitest";
import { simulatePair } from "./pair-simulation.ts";
import { countOf, PATIENCE_MS, seeds } from "./seeds.test-support.ts";

describe("two members under the gate never both own what they can talk about, settle, and stay there", () => {
  const count = countOf("gate");
  for (const seed of seeds()) {
    test(`SEED=${seed}`, { timeout: PATIENCE_MS }, () => {
      expect(count(simulatePair(seed, process.env.SEED !== undefined)).events).toBeGreaterThan(0);
    });
  }
});
