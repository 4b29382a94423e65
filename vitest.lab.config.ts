import { defineConfig } from "vitest/config";
import { LongestFirst } from "./tests/support/longest-first.ts";

/** What loads the machine, or counts what is on it, has it to itself. */
const ALONE = ["tests/lab/hsrp-load.test.ts", "tests/lab/lab.test.ts"];

/** A shared machine may stand still in the middle of a second: a test has a second try, which the reporter names. */
const shared = { testTimeout: 120_000, hookTimeout: 120_000, retry: 1, pool: "forks" as const };

/**
 * Real gateways in network namespaces. It needs root, iproute2 and a build. Tests mostly wait for timers of protocols,
 * so that three files at a time take less than half as long; then comes what must be alone.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          ...shared,
          name: "together",
          include: ["tests/lab/**/*.test.ts"],
          exclude: ALONE,
          maxWorkers: 3,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...shared,
          name: "alone",
          include: ALONE,
          maxWorkers: 1,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
