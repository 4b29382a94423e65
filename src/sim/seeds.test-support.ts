/**
 * Which seeds run: a hundred, or SIM_SEEDS, or the one in SEED, whose trace is printed. Two files share the seeds of a
 * kind whose runs are long, because one file is one processor's.
 */
import { afterAll } from "vitest";
import type { RunReport } from "./violation.ts";

/** A run takes a moment on an idle machine; on a busy one that says nothing. */
export const PATIENCE_MS = 600_000;
/**
 * The quiet of a few seeds is five minutes, which are six thousand hold times of 50 ms and as dear as thirty other
 * seeds. The quick loop ends it sooner; everything before it is the same, so that SEED=n replays what failed there.
 */
export const PATIENCE_HOLDS = (process.env.SEED ?? process.env.SIM_SEEDS) === undefined ? 10 : Number.POSITIVE_INFINITY;
/** So few runs say nothing about how long runs are: of 100, one half averaged 7,200 events and the other 17,200. */
const FEW = 400;

export function seeds(which: "all" | "odd" | "even" = "all"): number[] {
  const { SEED, SIM_SEEDS } = process.env;
  const wanted = SEED === undefined ? Array.from({ length: Number(SIM_SEEDS ?? 100) }, (_, n) => n + 1) : [+SEED];
  return which === "all" ? wanted : wanted.filter(seed => seed % 2 === (which === "odd" ? 1 : 0));
}

/** A run with IKE engines takes a second: a twentieth of the quick loop's seeds, an eighth of the long suite's. */
export function tunnelSeeds(): number[] {
  const { SEED, SIM_SEEDS } = process.env;
  const all = seeds();
  if (SEED !== undefined) return all;
  return all.slice(0, Math.max(1, Math.floor(all.length / (SIM_SEEDS === undefined ? 20 : 8))));
}

/** Adds runs up; says at the end what they were. */
export class Tally {
  runs = 0;
  events = 0;
  #takeovers = 0;

  constructor(what: string) {
    const began = process.cpuUsage();
    afterAll(() => {
      const { user, system } = process.cpuUsage(began);
      const seconds = (user + system) / 1e6;
      const pace = Math.round(this.events / seconds).toLocaleString("en");
      console.log(
        `${what}: ${this.runs} seeds, ${this.events.toLocaleString("en")} events in ${seconds.toFixed(1)} s of ` +
          `processor time (${pace} a second), ${this.#takeovers} takeovers`,
      );
    });
  }

  add(report: RunReport): RunReport {
    this.runs += 1;
    this.events += report.events;
    this.#takeovers += report.takeovers;
    if (report.trace.length > 0) console.log(report.trace.join("\n"));
    return report;
  }

  /** The mean of a run is at least this: a run that ends early, or in which nothing happens, proves little. */
  averages(events: number): boolean {
    return this.runs < FEW || this.events >= this.runs * events;
  }
}
