/** Every rule of style that a machine holds. No exceptions list: what a rule cannot say, it does not say. */
import type { Rule } from "./rule.ts";
import { bannedInCore, octetSlice } from "./rules/core-rules.ts";
import { asAny, emptyErrors, leftoverNotes, machinePaths } from "./rules/leftover-rules.ts";
import { fileLength, functionLength, lineLength } from "./rules/length-rules.ts";
import { codecTests, onlyAndSkip, tableTests, testsAssert } from "./rules/test-rules.ts";
import { lockFile, unusedFiles } from "./rules/tree-rules.ts";

export const rules: readonly Rule[] = [
  fileLength,
  functionLength,
  lineLength,
  bannedInCore,
  octetSlice,
  leftoverNotes,
  machinePaths,
  emptyErrors,
  asAny,
  codecTests,
  tableTests,
  onlyAndSkip,
  testsAssert,
  unusedFiles,
  lockFile,
];
