/** A copy of the sources in which one guard at a time is gone, and the tests that are run in it. */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Mutation } from "./mutations.ts";

/** Most guards are missed by one of these: a minute saved for each. */
const FEW_SEEDS = 100;
const COPIED = ["src", "tests", "package.json", "vitest.config.ts", "tsconfig.json"];

export class MutatedCopy {
  readonly #root = mkdtempSync(join(tmpdir(), "understudy-mutation-"));

  constructor() {
    for (const name of COPIED) cpSync(name, join(this.#root, name), { recursive: true });
    symlinkSync(resolve("node_modules"), join(this.#root, "node_modules"));
  }

  /** What the tests say when nothing is changed, or when this is. */
  run(tests: readonly string[], seeds: number, mutation?: Mutation): "passed" | "failed" {
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
      if (seeds > FEW_SEEDS && this.#vitest(tests, undefined) === "failed") return "failed";
      return this.#vitest(tests, seeds);
    } finally {
      for (const [path, whole] of before) writeFileSync(path, whole);
    }
  }

  remove(): void {
    rmSync(this.#root, { recursive: true });
  }

  /** Without a number of seeds as in the quick loop. */
  #vitest(tests: readonly string[], seeds: number | undefined): "passed" | "failed" {
    const { SEED: _, SIM_SEEDS: __, ...environment } = process.env;
    const ran = spawnSync(process.execPath, ["node_modules/vitest/vitest.mjs", "run", "--bail=1", ...tests], {
      cwd: this.#root,
      env: { ...environment, ...(seeds !== undefined && { SIM_SEEDS: String(seeds) }) },
      encoding: "utf8",
    });
    const [, passed = "0", failed = "0"] = /^(\d+) passed, (\d+) failed/m.exec(ran.stdout) ?? [];
    if (Number(passed) + Number(failed) === 0) throw new Error(`no test ran:\n${ran.stdout}\n${ran.stderr}`);
    return Number(failed) > 0 ? "failed" : "passed";
  }
}
