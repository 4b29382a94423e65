import { defineConfig } from "vitest/config";

/**
 * Real gateways in network namespaces. It needs root, iproute2 and a build; one file at a time, because they share the
 * machine.
 */
export default defineConfig({
  test: {
    include: ["tests/lab/**/*.test.ts"],
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    fileParallelism: false,
  },
});
