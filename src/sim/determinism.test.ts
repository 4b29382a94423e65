import { expect, test, vi } from "vitest";
import { simulatePair } from "./pair-simulation.ts";
import { simulatePlain } from "./plain-simulation.ts";
import { Random } from "./random.ts";
import { PATIENCE_MS } from "./seeds.test-support.ts";

vi.setConfig({ testTimeout: PATIENCE_MS });

test.each([
  ["plain HSRP", simulatePlain],
  ["the gate", simulatePair],
])("a seed of %s gives the same run every time", (_name, simulate) => {
  const [once, again] = [simulate(3, true), simulate(3, true)];
  expect(once.trace.length).toBeGreaterThan(100);
  expect(again).toEqual(once);
});

test("taking notes changes nothing of what they are about", () => {
  expect(simulatePair(5, true).events).toBe(simulatePair(5).events);
});

test("neighbouring seeds throw different dice, and a fork throws its own", () => {
  const throws = (dice: Random) => Array.from({ length: 5 }, () => dice.integer(1, 1_000_000));
  const all = [1, 2, 3].flatMap(seed => [throws(new Random(seed)), throws(new Random(seed).fork())]);
  expect(new Set(all.flat()).size).toBe(all.flat().length);
  expect(throws(new Random(1))).toEqual(all[0]);
});
