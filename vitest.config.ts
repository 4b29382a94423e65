import { defineConfig } from "vitest/config";

/**
 * The quick loop: every unit and property test, no root, no network. Other suites have a configuration of their own.
 */
export default defineConfig({
  test: {
    include: ["src/**/*.test.ts", "tests/tidy/*.test.ts"],
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    testTimeout: 30_000,
    pool: "forks",
  },
});
