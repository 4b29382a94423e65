import { defineConfig } from "vitest/config";

/** Every guard of the tables, taken out one at a time: minutes for some, so nothing else runs this. */
export default defineConfig({
  test: {
    include: ["tests/mutation/all.test.ts"],
    // An hour of rows: each verdict when it is there.
    reporters: ["verbose", "./tests/support/closing-line-reporter.ts"],
    testTimeout: 1_200_000,
    pool: "forks",
  },
});
