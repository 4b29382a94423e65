import { defineConfig } from "vitest/config";

/** What has threads, sockets, addons or parsers of its own, and what is long: a process for each file. */
const APART = ["sim", "linux", "gateway/association", "gateway/crypto-pool"].map(room => `src/${room}/**/*.test.ts`);

const quick = { testTimeout: 120_000, pool: "forks" as const };

/**
 * The quick loop: every unit and property test, no root, no network. Other suites have a configuration of their own.
 * Half of its time went into loading the same modules once a file. The product keeps nothing in modules, so most files
 * share a process for each processor; a project's name says when it runs, and what is long runs first.
 */
export default defineConfig({
  test: {
    reporters: ["default", "./tests/support/closing-line-reporter.ts"],
    // By default one processor is left idle.
    maxWorkers: "100%",
    projects: [
      { test: { ...quick, name: "apart", include: [...APART, "tests/tidy/*.test.ts"] } },
      { test: { ...quick, name: "shared", isolate: false, include: ["src/**/*.test.ts"], exclude: APART } },
    ],
  },
});
