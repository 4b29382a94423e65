/** Three guards of `mutations.ts`, in every run of the simulation; `npm run test:mutation` takes them all. */
import { afterAll, expect, test } from "vitest";
import { MutatedCopy } from "./mutated-copy.ts";
import { guards } from "./mutations.ts";

const FEW = [
  "priority before epoch",
  "a lease twice as long as the hold time",
  "a standing standby does not re-arm its wait for the active",
];
const SEEDS = 2_000;
const copy = new MutatedCopy();
afterAll(() => copy.remove());

test("unchanged, the copy passes", () => {
  expect(copy.run(["src/sim/plain.test.ts", "src/sim/pair-odd.test.ts"], 2)).toBe("passed");
});

test.each(guards.filter(({ name }) => FEW.includes(name)))("$name", guard => {
  expect(copy.run(guard.caughtBy, SEEDS, guard)).toBe("failed");
});

test("there are as many as are named", () => {
  expect(guards.filter(({ name }) => FEW.includes(name))).toHaveLength(FEW.length);
});
