/** A promise that a run broke, with what is needed to see it again. */
import { faultList, type TimedFault } from "./faults.ts";

export class Violation extends Error {
  override readonly name = "Violation";

  constructor(broken: string, at: number) {
    super(`at ${at.toFixed(2)} ms: ${broken}`);
  }
}

export interface RunReport {
  readonly events: number;
  readonly takeovers: number;
  /** Empty where nobody took notes. */
  readonly trace: readonly string[];
}

export interface RunFacts {
  readonly seed: number;
  readonly setting: string;
  readonly faults: readonly TimedFault[];
  /** What happened, where somebody took notes. */
  readonly trace: readonly string[] | undefined;
}

/** What led to a violation is mostly near to it. */
const LINES_BEFORE = 400;

/** Runs, and adds to whatever goes wrong which run it was. */
export function tellingWhich<T>({ seed, setting, faults, trace = [] }: RunFacts, run: () => T): T {
  try {
    return run();
  } catch (error) {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    throw new Error(
      `SEED=${seed} (${setting})\n${[faultList(faults), ...trace.slice(-LINES_BEFORE), what].join("\n")}`,
    );
  }
}
