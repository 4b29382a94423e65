import { defineConfig } from "vitest/config";

/**
 * The addon and everything on it against the real kernel. `scripts/test-native` gives it a network namespace of its
 * own.
 */
export default defineConfig({
  test: {
    include: ["tests/native/**/*.test.ts"],
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    testTimeout: 30_000,
    // A process of its own for each file: what one does to its thread or its environment stays there. One at a time:
    // they share the namespace.
    pool: "forks",
    fileParallelism: false,
  },
});
