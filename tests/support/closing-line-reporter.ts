import type { Reporter, TestCase, TestModule } from "vitest/node";

/** What a failure says of itself is long, and what names it is its first line. */
const LONGEST = 300;

/**
 * Prints `N passed, N failed[, N skipped]` as the last line, which is what `./test` adds up, and before it a line
 * `FAILED  what: why` for each failure, which `./test` repeats at its end: of a long output only that may be kept.
 */
export default class ClosingLineReporter implements Reporter {
  /**
   * The lines, by id. A run that ends at its first failure may tell of a test and then forget it, or end before it
   * told: so both are listened to, what is told and what is left at the end.
   */
  readonly #failures = new Map<string, string>();

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    if (state === "failed") this.#failures.set(test.id, failure(test.module, test.fullName, errors?.[0]));
    if (state === "passed") this.#failures.delete(test.id);
  }

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly { readonly message?: string }[]): void {
    let passed = 0;
    let skipped = 0;
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) if (test.result().state === "failed") this.onTestCaseResult(test);
      const rest = tests.filter(({ id }) => !this.#failures.has(id));
      const well = rest.filter(test => test.result().state === "passed");
      passed += well.length;
      skipped += rest.length - well.length;
      // A hook that failed, or a file that could not be loaded, fails no test of its own.
      if (module.state() === "failed" && rest.length === tests.length) {
        const [error] = [module, ...module.children.allSuites()].flatMap(part => part.errors());
        this.#failures.set(module.id, failure(module, "no test of it, but a hook or itself", error));
      }
    }
    const lines = [...this.#failures.values(), ...unhandled.map(error => failure(undefined, "no test", error))];
    for (const line of lines) console.log(line);
    console.log(`${passed} passed, ${lines.length} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  }
}

function failure(module: TestModule | undefined, what: string, error: { readonly message?: string } | undefined) {
  const [why = ""] = (error?.message ?? "").split("\n");
  const where = module === undefined ? "" : `${module.relativeModuleId} > `;
  return `FAILED  ${where}${what}: ${why}`.slice(0, LONGEST);
}
