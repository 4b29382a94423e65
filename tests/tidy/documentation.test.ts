/** What the manual tells people to type is taken: configurations as they stand, exec commands behind a prompt. */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { execCommands } from "../../src/cli/exec-commands.ts";
import { match } from "../../src/core/command/match.ts";
import { loadConfig } from "../../src/core/config/config-document.ts";

const FOLDER = new URL("../../docs/", import.meta.url);
/** Generated, and held by tests of their own. */
const GENERATED = ["commands.md", "exec-commands.md"];
const PAGES = readdirSync(FOLDER).filter(each => each.endsWith(".md") && !GENERATED.includes(each));

interface Block {
  readonly kind: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  const text = readFileSync(new URL(page, FOLDER), "utf8");
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind = "", body = ""]) => ({ kind, text: body }));
}

/** Lines behind an exec prompt, with what a table or a sentence says to type. */
function typedOn(page: string): string[] {
  const text = readFileSync(new URL(page, FOLDER), "utf8");
  const prompted = blocksOf(page).flatMap(({ text: body }) =>
    [...body.matchAll(/^\w+#(\S.*)$/gm)].map(([, line = ""]) => line),
  );
  const named = [...text.matchAll(/`((?:show|debug|redundancy force|clear|write) [^`]+)`/g)].map(
    ([, line = ""]) => line,
  );
  return [...prompted, ...named].map(line => line.replace(/ *\\?\|.*$/, ""));
}

test.each(PAGES)("%s: every configuration in it is taken without an error", page => {
  const refused = blocksOf(page)
    .filter(({ kind }) => kind === "ios")
    .flatMap(({ text }) => loadConfig(text).problems)
    .filter(({ severity, lineNumber }) => severity === "error" && lineNumber > 0);
  expect(refused).toEqual([]);
});

test.each(PAGES)("%s: every exec command in it is one", page => {
  const unknown = typedOn(page).filter(line => !/[A-Z]{4}/.test(line) && match(execCommands, line).kind !== "matched");
  expect(unknown).toEqual([]);
});

test("the manual has configurations and commands to hold", () => {
  expect(PAGES.flatMap(blocksOf).filter(({ kind }) => kind === "ios").length).toBeGreaterThanOrEqual(3);
  expect(PAGES.flatMap(typedOn).length).toBeGreaterThan(60);
});
