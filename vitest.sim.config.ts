import { defineConfig } from "vitest/config";

/**
 * The simulation at length: 1,000 seeds of each kind (SIM_SEEDS for more), or SEED=n alone, and proof that it would
 * notice: guards taken out of a copy of the product must make it fail.
 */
export default defineConfig({
  test: {
    include: ["src/sim/**/*.test.ts", "tests/mutation/few.test.ts"],
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    env: { SIM_SEEDS: process.env.SIM_SEEDS ?? "1000" },
    testTimeout: 1_200_000,
    pool: "forks",
    // By default one processor is left idle.
    maxWorkers: "100%",
  },
});
