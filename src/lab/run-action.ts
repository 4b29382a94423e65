/** `understudy lab run`: a topology, a fault, and what it cost, once or several times in the same lab. */
import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { UsageError } from "../gateway/run-options.ts";
import { type RunOutcome, runFault } from "./fault-run.ts";
import { type Fault, faultNamed, faults } from "./faults.ts";
import { KEYINGS, type Keying, labDown } from "./lab.ts";
import { TRANSFORMS } from "./manual-keying.ts";
import { type Recorder, recorderOf } from "./recorder.ts";
import { writeReport } from "./report/report.ts";
import type { ReportedRun } from "./report/report-page.ts";
import { machine, type RunHeading, runLine, summarise, summaryLines } from "./run-report.ts";
import { untilTunnelled } from "./settling.ts";
import { BRANCHES, type Branch, labUpWith } from "./strongswan-branch.ts";
import { topologyNamed } from "./topologies.ts";
import { fromFarEnd } from "./topology.ts";

const PROBES_PER_SECOND = 1000;
/**
 * How many random faults a lab meets before another takes its place. A key made by hand, without ESN, is good for 14
 * takeovers, and a fault may make two or three; IKE renews its own.
 */
const FAULTS_A_LAB: Readonly<Record<Keying, number>> = { manual: 4, ike: 20 };
/** Manual keys do not outlive both members: whoever starts again would use the same numbers. */
const NOT_AT_RANDOM: Readonly<Record<Keying, readonly string[]>> = {
  manual: ["none", "power", "double"],
  ike: ["none"],
};
const TIMERS = /^(msec \d{1,3}|\d{1,3}) (msec \d{1,4}|\d{1,3})$/;

export interface RunOptions {
  readonly topology: string;
  readonly name: string | undefined;
  readonly fault: string;
  readonly timers: string | undefined;
  readonly json: boolean;
  readonly repeat: number;
  readonly lastsMs: number | undefined;
  readonly keying: Keying | undefined;
  /** Of every gateway, in place of the configurations' own. */
  readonly transforms: string | undefined;
  /** Which end's pair faults are done to. */
  readonly end: "near" | "far";
  /** What stands at the far ends of the tunnels. */
  readonly branch: Branch;
  /** So many faults instead of one, in random order. */
  readonly random: number | undefined;
  /** Where a page with the plots goes; every probe is then kept. */
  readonly report: string | undefined;
}

/** Throws a `UsageError`. */
export function parseRun(args: readonly string[], fallback: string): RunOptions {
  const { values, positionals } = parsed(args);
  const [topology = fallback, extra] = positionals;
  if (extra !== undefined) throw new UsageError(`one TOPOLOGY, found "${topology}" and "${extra}"`);
  if (values.fault === undefined && values.random === undefined)
    throw new UsageError(`which --fault? There are ${faults.map(each => each.name).join(", ")}`);
  if (values.timers !== undefined && !TIMERS.test(values.timers))
    throw new UsageError(
      `--timers as 'standby timers' has them, "3 10" or "msec 15 msec 50", found "${values.timers}"`,
    );
  const seconds = positive("--duration", values.duration, /^\d+(\.\d+)?$/);
  return {
    topology,
    name: values.name,
    fault: values.fault ?? "none",
    timers: values.timers,
    json: values.json ?? false,
    repeat: positive("--repeat", values.repeat, /^\d+$/) ?? 1,
    lastsMs: seconds === undefined ? undefined : seconds * 1000,
    keying: values.keying === undefined ? undefined : oneOf("--keying", values.keying, KEYINGS),
    transforms:
      values.transforms === undefined ? undefined : oneOf("--transforms", values.transforms, Object.keys(TRANSFORMS)),
    branch: oneOf("--branch", values.branch ?? "understudy", BRANCHES),
    random: positive("--random", values.random, /^\d+$/),
    end: values.end === undefined ? "near" : oneOf("--end", values.end, ["near", "far"]),
    report: values.report,
  };
}

/** Prints as asked; true when every run went as its fault has it. Throws a `UsageError` or a `SystemError`. */
export async function runFaults(lab: string, options: RunOptions, print: (text: string) => void): Promise<boolean> {
  const { timers, repeat, json, random } = options;
  const heading: RunHeading = {
    topology: topologyNamed(options.topology).name,
    fault: random === undefined ? faultNamed(options.fault).name : "random",
    ...(timers !== undefined && { timers }),
    probesPerSecond: topologyNamed(options.topology).probesPerSecond ?? PROBES_PER_SECOND,
  };
  checkEnds(options);
  const reported: ReportedRun[] = [];
  for (const batch of batchesOf(options)) {
    await inLab(lab, options, batch, run => {
      reported.push(run);
      if (!json) print(runLine({ ...heading, fault: run.fault.name }, run.outcome));
    });
  }
  const runs = reported.map(each => each.outcome);
  const report = options.report === undefined ? undefined : await reportOf(options.report, heading, reported);
  if (json) print(JSON.stringify({ ...asObject(heading, runs), ...(report !== undefined && { report }) }));
  else if (repeat > 1) print(summaryLines(summarise(runs), repeat).join("\n"));
  if (!json && report !== undefined) print(`The report: ${report}`);
  return runs.every(each => each.problems.length === 0);
}

/** Written when everything is over; answers where it is. */
function reportOf(file: string, { topology, timers, probesPerSecond }: RunHeading, runs: readonly ReportedRun[]) {
  const numbered = runs.map((run, at) => (runs.length === 1 ? run : { ...run, title: `${at + 1}: ${run.title}` }));
  return writeReport(file, {
    topology: topologyNamed(topology),
    ...(timers !== undefined && { timers }),
    probesPerSecond,
    machine: machine(),
    runs: numbered,
  });
}

/** Throws a `UsageError`. */
function checkEnds({ topology, fault, end, random }: RunOptions): void {
  if (topologyNamed(topology).farPair !== undefined) return;
  if (end === "far" || (random === undefined && faultNamed(fault).atBothEnds))
    throw new UsageError(`${topology} has a pair at one end only; article-both-ends has one at either`);
}

/** One fault after the other in one lab, which has keys of its own. */
async function inLab(
  lab: string,
  { topology: named, timers, keying, transforms, lastsMs, report, end, branch }: RunOptions,
  batch: readonly Fault[],
  done: (run: ReportedRun) => void,
): Promise<void> {
  const chosen = end === "far" ? fromFarEnd(topologyNamed(named)) : topologyNamed(named);
  const { topology, farEnd } = await labUpWith(branch, chosen, lab, {
    ...(timers !== undefined && { timers }),
    ...(keying !== undefined && { keying }),
    ...(transforms !== undefined && { transforms }),
  });
  let recorder: Recorder | undefined;
  try {
    recorder = keying === undefined ? undefined : await recorderOf(lab, topology, transforms);
    if (keying !== undefined) await untilTunnelled(lab, topology);
    for (const fault of batch) {
      const settings = {
        probesPerSecond: topology.probesPerSecond ?? PROBES_PER_SECOND,
        tunnels: keying !== undefined,
        negotiated: keying === "ike",
        traced: report !== undefined,
        ...(lastsMs !== undefined && { lastsMs }),
        ...(recorder !== undefined && { recorder }),
        ...(farEnd !== undefined && { farEnd }),
      };
      done({ title: fault.name, fault, outcome: await runFault(lab, topology, fault, settings) });
    }
  } finally {
    recorder?.close();
    await labDown(lab);
  }
}

/** One fault so many times; or random ones, with fresh keys before any key can have met too many takeovers. */
function batchesOf({ topology, fault, repeat, random, keying = "ike" }: RunOptions): Fault[][] {
  if (random === undefined) return [Array.from({ length: repeat }, () => faultNamed(fault))];
  const hasBothEnds = topologyNamed(topology).farPair !== undefined;
  const eligible = faults
    .filter(each => each.prepare === undefined && (hasBothEnds || !each.atBothEnds))
    .filter(each => !NOT_AT_RANDOM[keying].includes(each.name));
  const all = Array.from({ length: random }, () => eligible[randomInt(eligible.length)] ?? faultNamed("none"));
  const batches: Fault[][] = [];
  while (all.length > 0) batches.push(all.splice(0, FAULTS_A_LAB[keying]));
  return batches;
}

/** One run is the object itself; several stand in it, with what they come to. */
function asObject(heading: RunHeading, runs: readonly RunOutcome[]): object {
  const [only] = runs;
  const { bound } = heading.fault === "random" ? {} : faultNamed(heading.fault);
  const base = { ...heading, ...(bound !== undefined && { bound }), machine: machine() };
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
        keying: { type: "string" },
        transforms: { type: "string" },
        branch: { type: "string" },
        random: { type: "string" },
        report: { type: "string" },
        end: { type: "string" },
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

function oneOf<const T extends string>(option: string, found: string, known: readonly T[]): T {
  const value = known.find(each => each === found);
  if (value !== undefined) return value;
  throw new UsageError(`${option} is ${known.map(each => `"${each}"`).join(" or ")}, found "${found}"`);
}
