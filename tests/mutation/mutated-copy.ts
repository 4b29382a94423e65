/** A copy of the sources in which one guard at a time is gone, and the tests that are run in it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Mutation } from "./mutations.ts";

/** Most guards are missed by one of these: a minute saved for each. */
const FEW_SEEDS = 100;
/** Of standard output, in octets: a failed run may tell its trace. */
const MOST_OUTPUT = 2 ** 26;
const COPIED = ["src", "tests", "package.json", "vitest.config.ts", "tsconfig.json"];

export class MutatedCopy {
  readonly #root = mkdtempSync(join(tmpdir(), "understudy-mutation-"));

  constructor() {
    for (const name of COPIED) cpSync(name, join(this.#root, name), { recursive: true });
    symlinkSync(resolve("node_modules"), join(this.#root, "node_modules"));
  }

  /** The tests that fail when nothing is changed, or when this is: at most a few, since the first ends the run. */
  run(tests: readonly string[], seeds: number, mutation?: Mutation): readonly string[] {
    if (mutation === undefined) return this.#vitest(tests, seeds);
    const before = new Map<string, string>();
    try {
      for (const { file, text, replacement } of [mutation, ...(mutation.also === undefined ? [] : [mutation.also])]) {
        const path = join(this.#root, file);
        const whole = readFileSync(path, "utf8");
        const parts = whole.split(text);
        if (parts.length !== 2) throw new Error(`${file} has "${text}" ${parts.length - 1} times`);
        before.set(path, whole);
        writeFileSync(path, parts.join(replacement));
      }
      const failures = seeds > FEW_SEEDS ? this.#vitest(tests, undefined) : [];
      return failures.length > 0 ? failures : this.#vitest(tests, seeds);
    } finally {
      for (const [path, whole] of before) writeFileSync(path, whole);
    }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }

  /**
   * Without a number of seeds as in the quick loop. Where the first failure ends the run, which one it was can be lost
   * with it: such a run is repeated to its end. One that names no test even so throws all that it said.
   */
  #vitest(tests: readonly string[], seeds: number | undefined, bail = true): readonly string[] {
    const { SEED: _, SIM_SEEDS: __, ...environment } = process.env;
    const options = bail ? ["--bail=1"] : [];
    const ran = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", ...options, ...tests], {
      cwd: this.#root,
      env: { ...environment, ...(seeds !== undefined && { SIM_SEEDS: String(seeds) }) },
      encoding: "utf8",
      maxBuffer: MOST_OUTPUT,
    });
    const failures = ran.stdout.split("\n").filter(line => line.startsWith("FAILED  src/"));
    if (failures.length > 0) return failures;
    if (ran.status === 0 && /^[1-9]\d* passed, 0 failed/m.test(ran.stdout)) return [];
    if (bail) return this.#vitest(tests, seeds, false);
    const end = `exit code ${ran.status}, signal ${ran.signal}, ${ran.error ?? "no error of its own"}`;
    throw new Error(`no test failed, and yet it did not pass: ${end}\n${ran.stdout}\n${ran.stderr}`);
  }
}
