/** What concerns the tree as a whole: files that nobody uses, and what a lock file may say. */
import { posix } from "node:path";
import type { Rule } from "../rule.ts";
import { isTest, type SourceFile, within } from "../source-tree.ts";
import { syntaxOf } from "../syntax.ts";

/** Started, not imported. A worker or a child process counts as used by the file that names it. */
const ENTRY_POINTS = new Set(["src/main.ts"]);

export const unusedFiles: Rule = {
  name: "unused-files",
  check: files => {
    const used = new Set(within(files, "", ".ts").flatMap(filesNamedBy));
    return within(files, "src/", ".ts")
      .filter(({ path }) => !path.endsWith(".test.ts") && !ENTRY_POINTS.has(path) && !used.has(path))
      .map(({ path }) => ({ path, what: `no file imports this ${isTest(path) ? "help of tests" : "module"}` }));
  },
};

/** What it imports or exports from, and other modules that it names (`new URL("./worker.js", import.meta.url)`). */
function filesNamedBy(file: SourceFile): string[] {
  return syntaxOf(file).nodes.flatMap(({ node }) => {
    const name = node.type === "StringLiteral" ? String(node.value) : "";
    if (!/^\.\.?\/.*\.[jt]s$/.test(name)) return [];
    return [posix.join(posix.dirname(file.path), name.replace(/\.js$/, ".ts"))];
  });
}

/** A lock file names versions and checksums; the registry is the machine's own business. */
export const lockFile: Rule = {
  name: "lock-file",
  check: files =>
    files
      .filter(({ path }) => path === "package-lock.json")
      .flatMap(({ path, lines }) =>
        lines.flatMap((text, index) =>
          /"resolved": *"https?:/.test(text) ? [{ path, line: index + 1, what: "names a registry host" }] : [],
        ),
      ),
};
