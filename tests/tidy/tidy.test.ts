/** Style is a test: it starts green and stays green. Each rule is shown a small tree that breaks it first. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { place } from "./rule.ts";
import { rules } from "./rules.ts";
import { sourceTree } from "./source-tree.ts";

const folder = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

describe("finds what its fixture has, and no more", () => {
  test.each(rules)("$name", rule => {
    const root = folder(`./fixtures/${rule.name}`);
    const wanted = readFileSync(`${root}/found.txt`, "utf8").trim().split("\n");
    const found = rule.check(sourceTree(root).filter(({ path }) => path !== "found.txt")).map(place);
    expect(wanted.length).toBeGreaterThan(0);
    expect(found.sort()).toEqual(wanted.sort());
  });
});

describe("the repository keeps", () => {
  const files = sourceTree(folder("../.."));

  test("files that the walk reaches", () => {
    const paths = new Set(files.map(({ path }) => path));
    for (const known of ["src/main.ts", "package-lock.json", "scripts/install", ".ci/run", "CONTRIBUTING.md"]) {
      expect(paths, known).toContain(known);
    }
    expect(existsSync(folder("./fixtures"))).toBe(true);
    expect(files.filter(({ path }) => path.includes("node_modules/") || path.includes("/fixtures/"))).toEqual([]);
  });

  test.each(rules)("$name", rule => {
    const findings = rule.check(files).map(finding => `${place(finding)}: ${finding.what}`);
    expect(findings).toEqual([]);
  });
});
