/** Which seeds run: a hundred, or SIM_SEEDS, or the one in SEED, whose trace is printed. */
import { afterAll } from "vitest";
import type { RunReport } from "./violation.ts";

/** A run takes a moment on an idle machine; on a busy one that says nothing. */
export const PATIENCE_MS = 600_000;

export function seeds(): number[] {
  const { SEED, SIM_SEEDS } = process.env;
  if (SEED !== undefined) return [Number(SEED)];
  return Array.from({ length: Number(SIM_SEEDS ?? 100) }, (_, n) => n + 1);
}

/** Adds the runs up and says at the end what they were. */
export function countOf(what: string): (report: RunReport) => RunReport {
  let [runs, events, takeovers] = [0, 0, 0];
  const began = process.cpuUsage();
  afterAll(() => {
    const { user, system } = process.cpuUsage(began);
    const seconds = (user + system) / 1e6;
    const pace = Math.round(events / seconds).toLocaleString("en");
    console.log(
      `${what}: ${runs} seeds, ${events.toLocaleString("en")} events in ${seconds.toFixed(1)} s of processor time ` +
        `(${pace} a second), ${takeovers} takeovers`,
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
