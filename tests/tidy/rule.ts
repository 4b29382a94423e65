/**
 * A rule of style that a machine can hold. Each has a small tree in `fixtures/NAME` that breaks it, with what must be
 * found in
 * `fixtures/NAME/found.txt`: a rule that finds nothing there is a defect, and so is one that finds more.
 */
import type { SourceFile } from "./source-tree.ts";

export interface Rule {
  /** Also the name of its folder of fixtures. */
  readonly name: string;
  check(files: readonly SourceFile[]): Finding[];
}

export interface Finding {
  readonly path: string;
  /** Absent where the whole file is meant. */
  readonly line?: number;
  /** What was found and what is wanted instead. */
  readonly what: string;
}

export function place({ path, line }: Finding): string {
  return line === undefined ? path : `${path}:${line}`;
}
