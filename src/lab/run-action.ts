/** `understudy lab run`: a topology, a fault, and what it cost, once or several times in the same lab. */
import { parseArgs } from "node:util";
import { UsageError } from "../gateway/run-options.ts";
import { type RunOutcome, runFault } from "./fault-run.ts";
import { faultNamed, faults } from "./faults.ts";
import { labDown, labUp } from "./lab.ts";
import { machine, type RunHeading, runLine, summarise, summaryLines } from "./run-report.ts";
import { topologyNamed } from "./topologies.ts";

const PROBES_PER_SECOND = 1000;
const TIMERS = /^(msec \d{1,3}|\d{1,3}) (msec \d{1,4}|\d{1,3})$/;

export interface RunOptions {
  readonly topology: string;
  readonly name: string | undefined;
  readonly fault: string;
  readonly timers: string | undefined;
  readonly json: boolean;
  readonly repeat: number;
  readonly lastsMs: number | undefined;
}

/** Throws a `UsageError`. */
export function parseRun(args: readonly string[], fallback: string): RunOptions {
  const { values, positionals } = parsed(args);
  const [topology = fallback, extra] = positionals;
  if (extra !== undefined) throw new UsageError(`one TOPOLOGY, found "${topology}" and "${extra}"`);
  if (values.fault === undefined)
    throw new UsageError(`which --fault? There are ${faults.map(each => each.name).join(", ")}`);
  if (values.timers !== undefined && !TIMERS.test(values.timers))
    throw new UsageError(
      `--timers as 'standby timers' has them, "3 10" or "msec 15 msec 50", found "${values.timers}"`,
    );
  const seconds = positive("--duration", values.duration, /^\d+(\.\d+)?$/);
  return {
    topology,
    name: values.name,
    fault: values.fault,
    timers: values.timers,
    json: values.json ?? false,
    repeat: positive("--repeat", values.repeat, /^\d+$/) ?? 1,
    lastsMs: seconds === undefined ? undefined : seconds * 1000,
  };
}

/** Prints as asked; true when every run went as its fault has it. Throws a `UsageError` or a `SystemError`. */
export async function runFaults(lab: string, options: RunOptions, print: (text: string) => void): Promise<boolean> {
  const { timers, repeat, json, lastsMs } = options;
  const topology = topologyNamed(options.topology);
  const fault = faultNamed(options.fault);
  const heading: RunHeading = {
    topology: topology.name,
    fault: fault.name,
    ...(timers !== undefined && { timers }),
    probesPerSecond: PROBES_PER_SECOND,
  };
  const runs: RunOutcome[] = [];
  await labUp(topology, lab, timers === undefined ? {} : { timers });
  try {
    for (let run = 0; run < repeat; run++) {
      const settings = { probesPerSecond: PROBES_PER_SECOND, ...(lastsMs !== undefined && { lastsMs }) };
      const outcome = await runFault(lab, topology, fault, settings);
      runs.push(outcome);
      if (!json) print(runLine(heading, outcome));
    }
  } finally {
    await labDown(lab);
  }
  if (json) print(JSON.stringify(asObject(heading, runs)));
  else if (repeat > 1) print(summaryLines(summarise(runs), repeat).join("\n"));
  return runs.every(each => each.problems.length === 0);
}

/** One run is the object itself; several stand in it, with what they come to. */
function asObject(heading: RunHeading, runs: readonly RunOutcome[]): object {
  const [only] = runs;
  const base = { ...heading, machine: machine() };
  if (runs.length === 1) return { ...base, ...only };
  return { ...base, repeat: runs.length, summary: summarise(runs), runs };
}

/** What the usage says of faults. */
export function faultLines(): string[] {
  return faults.map(({ name, summary, heals }) => `${name.padEnd(20)} ${summary}; heals: ${heals}`);
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        name: { type: "string" },
        fault: { type: "string" },
        timers: { type: "string" },
        json: { type: "boolean" },
        repeat: { type: "string" },
        duration: { type: "string" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positive(option: string, text: string | undefined, form: RegExp): number | undefined {
  if (text === undefined) return undefined;
  if (!form.test(text) || Number(text) === 0) throw new UsageError(`${option} is a number above 0, found "${text}"`);
  return Number(text);
}
