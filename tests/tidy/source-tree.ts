/**
 * The files that the tidy rules look at: everything a person wrote under a root, as text. What is installed, built,
 * generated (`_pb.ts`), or kept as data in a folder `fixtures` is left out. A root is the repository, or one of the
 * small trees in which each rule must find its fault.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface SourceFile {
  /** Relative to the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const LEFT_OUT = new Set(["node_modules", "dist", "build", ".git", "fixtures", "coverage"]);

export function sourceTree(root: string, folder = ""): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap(entry => {
    const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
    if (LEFT_OUT.has(entry.name) || entry.name.endsWith("_pb.ts")) return [];
    if (entry.isDirectory()) return sourceTree(root, path);
    if (!entry.isFile()) return [];
    const text = readFileSync(join(root, path), "utf8");
    return text.includes("\0") ? [] : [{ path, text, lines: text.replace(/\n$/, "").split("\n") }];
  });
}

/** Files under `folder` whose name ends as one of `endings` does. */
export function within(files: readonly SourceFile[], folder: string, ...endings: readonly string[]): SourceFile[] {
  return files.filter(({ path }) => path.startsWith(folder) && endings.some(ending => path.endsWith(ending)));
}

/** Where code is written by hand. */
const CODE_FOLDERS = ["src/", "tests/", "bench/", "native/", "scripts/"];

export function handwritten(files: readonly SourceFile[]): SourceFile[] {
  return files.filter(({ path }) => CODE_FOLDERS.some(folder => path.startsWith(folder)));
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts") || path.endsWith(".test-support.ts");
}
