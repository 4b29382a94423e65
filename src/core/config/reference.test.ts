import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { inertCommands, referenceFaults } from "../command/reference.ts";
import { commandReference } from "./command-reference.ts";
import { configMode } from "./modes.ts";

test("every command's documentation agrees with its grammar, and every example parses", () => {
  expect(referenceFaults(configMode)).toEqual([]);
});

/** Lines that act less than they do on IOS. Nothing joins this list unnoticed. */
test("the list of what does not act as on IOS", () => {
  const listed = readFileSync(new URL("./fixtures/inert-commands.txt", import.meta.url), "utf8")
    .trim()
    .split("\n");
  expect(inertCommands(configMode).map(({ syntax, because }) => `${syntax} : ${because}`)).toEqual(listed);
});

test("docs/commands.md is current: 'npm run reference' writes it", () => {
  expect(readFileSync(new URL("../../../docs/commands.md", import.meta.url), "utf8")).toBe(commandReference());
});
