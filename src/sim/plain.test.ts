import { describe, expect, test } from "vitest";
import { simulatePlain } from "./plain-simulation.ts";
import { countOf, PATIENCE_MS, seeds } from "./seeds.test-support.ts";

describe("two to four members of plain HSRP survive their faults, settle on one active and stay there", () => {
  const count = countOf("plain");
  for (const seed of seeds()) {
    test(`SEED=${seed}`, { timeout: PATIENCE_MS }, () => {
      expect(count(simulatePlain(seed, process.env.SEED !== undefined)).events).toBeGreaterThan(0);
    });
  }
});
