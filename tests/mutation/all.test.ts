/** `npm run test:mutation`: every guard is missed by somebody when it is gone. */
import { afterAll, expect, test } from "vitest";
import { MutatedCopy } from "./mutated-copy.ts";
import { guards, rowsOf, tables } from "./mutations.ts";
import { replicationGuards } from "./replication-mutations.ts";
import { counterRules } from "./rule-mutations.ts";
import { tunnelGuards } from "./tunnel-mutations.ts";

const SEEDS = 2_000;
const copy = new MutatedCopy();
afterAll(() => copy.remove());

test.each(tables)("%s as it stands passes its examples", table => {
  const [row] = rowsOf(table);
  expect(row).toBeDefined();
  expect(copy.run(row?.caughtBy ?? [], 1)).toEqual([]);
});

test.each(tables.flatMap(rowsOf))("without $name", row => {
  expect(copy.run(row.caughtBy, 1, row)).not.toEqual([]);
});

test.each([...counterRules, ...guards, ...replicationGuards, ...tunnelGuards])("$name", guard => {
  expect(copy.run(guard.caughtBy, SEEDS, guard)).not.toEqual([]);
});
