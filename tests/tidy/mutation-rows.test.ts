/** `npm test`: every guard that `npm run test:mutation` takes out is still there to be taken out. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { guards, rowsOf, tables } from "../mutation/mutations.ts";
import { replicationGuards } from "../mutation/replication-mutations.ts";
import { counterRules } from "../mutation/rule-mutations.ts";

const single = [...counterRules, ...guards, ...replicationGuards];

test.each(single)("$name", ({ file, text, also }) => {
  for (const edit of [{ file, text }, ...(also === undefined ? [] : [also])]) {
    expect(readFileSync(edit.file, "utf8").split(edit.text)).toHaveLength(2);
  }
});

test.each(tables)("%s has its rows, each once", file => {
  const texts = rowsOf(file).map(({ text }) => text);
  expect(texts.length).toBeGreaterThanOrEqual(8);
  expect(new Set(texts).size).toBe(texts.length);
});

test("no two guards have one name", () => {
  const names = single.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
