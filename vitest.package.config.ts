import { defineConfig } from "vitest/config";

/** The Debian package, judged and lived with: two Debians with systemd. It needs root, scripts/install package, a build. */
export default defineConfig({
  test: {
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    include: ["tests/package/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    // A machine's life goes on from what came before.
    bail: 1,
    maxWorkers: 1,
  },
});
