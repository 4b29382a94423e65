import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { execReference } from "./exec-reference.ts";

test("docs/exec-commands.md is current: 'npm run reference' writes it", () => {
  expect(readFileSync(new URL("../../docs/exec-commands.md", import.meta.url), "utf8")).toBe(execReference());
});
