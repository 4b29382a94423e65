import { describe, expect, test } from "vitest";
import { simulatePair } from "./pair-simulation.ts";
import { countOf, seeds } from "./seeds.test-support.ts";

describe("two members under the gate never both own what they can tell each other about, settle, and stay there", () => {
  const count = countOf("gate");
  for (const seed of seeds()) {
    test(`SEED=${seed}`, () => {
      expect(count(simulatePair(seed, process.env.SEED !== undefined)).events).toBeGreaterThan(0);
    });
  }
});
