import { defineConfig } from "vitest/config";

/** Daemons that are not ours at the far end, in network namespaces. It needs root, strongSwan, FRR and a build. */
export default defineConfig({
  test: {
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    include: ["tests/interop/**/*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: "forks",
    maxWorkers: 2,
  },
});
