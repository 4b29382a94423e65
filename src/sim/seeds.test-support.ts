/** Which seeds run: a hundred, or SIM_SEEDS, or the one in SEED, whose trace is printed. */
import { afterAll } from "vitest";
import type { RunReport } from "./violation.ts";

export function seeds(): number[] {
  const { SEED, SIM_SEEDS } = process.env;
  if (SEED !== undefined) return [Number(SEED)];
  return Array.from({ length: Number(SIM_SEEDS ?? 100) }, (_, n) => n + 1);
}

/** Adds the runs up and says at the end what they were. */
export function countOf(what: string): (report: RunReport) => RunReport {
  let [runs, events, takeovers] = [0, 0, 0];
  const began = performance.now();
  afterAll(() => {
    const seconds = (performance.now() - began) / 1000;
    const pace = Math.round(events / seconds).toLocaleString("en");
    console.log(
      `${what}: ${runs} seeds, ${events.toLocaleString("en")} events in ${seconds.toFixed(1)} s (${pace} a second), ` +
        `${takeovers} takeovers`,
    );
  });
  return report => {
    runs += 1;
    events += report.events;
    takeovers += report.takeovers;
    if (report.trace.length > 0) console.log(report.trace.join("\n"));
    return report;
  };
}
