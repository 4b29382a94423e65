/**
 * A few guards, in every run of the simulation, among them three rules of the counters; `npm run test:mutation` takes
 * them all.
 */
import { afterAll, expect, test } from "vitest";
import { MutatedCopy } from "./mutated-copy.ts";
import { guards } from "./mutations.ts";
import { counterRules } from "./rule-mutations.ts";

const FEW = [
  "priority before epoch",
  "a lease twice as long as the hold time",
  "a standing standby does not re-arm its wait for the active",
  "rule 1: no cap",
  "rule 3: a snapshot is anybody's",
  "rule 5: the epoch on disk is not looked at",
];
const taken = [...guards, ...counterRules].filter(({ name }) => FEW.includes(name));
const SEEDS = 2_000;
const copy = new MutatedCopy();
afterAll(() => copy.remove());

test("unchanged, the copy passes", () => {
  expect(copy.run(["src/sim/plain.test.ts", "src/sim/pair-odd.test.ts", "src/sim/counter-rules.test.ts"], 2)).toEqual(
    [],
  );
});

test.each(taken)("$name", guard => {
  expect(copy.run(guard.caughtBy, SEEDS, guard)).not.toEqual([]);
});

test("there are as many as are named", () => {
  expect(taken).toHaveLength(FEW.length);
});
