/**
 * What each way to lose an active costs: npm run bench:failover [-- --runs N] [-- --only FAULT]
 * [-- --keying none|manual|ike]
 *
 * Each fault is done several times to the article's pair by `understudy lab run`, while a host inside and one in the
 * branch send each other 1,000 numbered packets a second through the tunnel (without keying: while a host inside and
 * one outside ask the virtual addresses as often). A gap is the longest silence that either way met; medians stand
 * beside the bounds that the faults have in the lab. It needs root and a machine with nothing else to do.
 */
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";
import type { RunOutcome } from "../../src/lab/fault-run.ts";
import { type Bound, FAST, faultNamed } from "../../src/lab/faults.ts";
import { machine, spread } from "../../src/lab/run-report.ts";

interface Row {
  readonly fault: string;
  /** `undefined`: the topology's own, msec 250 msec 750. */
  readonly timers?: string;
  /** `article` by default. */
  readonly topology?: string;
  /** Where the fault itself promises nothing for these timers. The median is to be at most this. */
  readonly gapMs?: number;
  /** It costs what it costs, but nobody takes over. */
  readonly stays?: true;
}

type Measure = Bound["measure"] | "takeovers";

const ROWS: readonly Row[] = [
  { fault: "switchover" },
  { fault: "shutdown" },
  { fault: "kill" },
  { fault: "kill", timers: FAST },
  { fault: "freeze", timers: FAST },
  { fault: "dead", timers: FAST },
  { fault: "zombie", timers: FAST },
  { fault: "cut-sync" },
  // The carrier is seen to go: nobody waits for a hold time. With one path of the association and with two.
  { fault: "cut-outside", gapMs: 100 },
  { fault: "cut-outside", topology: "article-second-path", gapMs: 100 },
  { fault: "loss30", stays: true },
  { fault: "loss30", timers: FAST, stays: true },
  { fault: "dead", timers: "3 10", gapMs: 10_300 },
];

const NAMES: Readonly<Record<Measure, string>> = { lost: "packets lost", gapMs: "gap", takeovers: "takeovers" };

const UNDERSTUDY = new URL("../../../../bin/understudy", import.meta.url).pathname;

const KEYINGS = ["none", "manual", "ike"];

const { runs, only, keying } = asked(process.argv.slice(2));
const rows = ROWS.filter(each => only === undefined || each.fault === only);

console.log(
  Object.entries(machine())
    .map(([what, value]) => `${what} ${value}`)
    .join(", "),
);
const way = keying === "none" ? "inside and outside together" : `through the tunnel (keyed by ${keying})`;
console.log(`${runs} runs each; ${way}; milliseconds but where packets are said\n`);
console.log(
  columns(["fault", "timers", "measure", "bound", "median", "p99", "maximum", "lost at most", "probes late", ""]),
);
const failed = rows.filter(row => !measured(row));
if (failed.length > 0) console.log(`\n${failed.length} of ${rows.length} medians are above their bound`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** What the command line asks for; one that cannot be taken ends here, with a sentence and exit code 2. */
function asked(args: readonly string[]): { runs: number; only: string | undefined; keying: string } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        runs: { type: "string", default: "5" },
        only: { type: "string" },
        keying: { type: "string", default: "manual" },
      },
    });
    const { runs, only, keying } = values;
    const named = [...new Set(ROWS.map(each => each.fault))];
    if (!/^[1-9]\d*$/.test(runs)) throw new RangeError(`--runs is a number above 0, found "${runs}"`);
    if (only !== undefined && !named.includes(only))
      throw new RangeError(`--only is one of ${named.join(", ")}, found "${only}"`);
    if (!KEYINGS.includes(keying)) throw new RangeError(`--keying is one of ${KEYINGS.join(", ")}, found "${keying}"`);
    return { runs: Number(runs), only, keying };
  } catch (error) {
    console.error(`failover-bench: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(2);
  }
}

/** Prints a row; true when the median is within its bound and no run had a problem. */
function measured(row: Row): boolean {
  const outcomes = outcomesOf(row);
  const { measure, most } = boundOf(row);
  const worst = (run: RunOutcome, what: Measure): number =>
    what === "takeovers"
      ? Number(run.activeAfter !== run.activeBefore)
      : Math.max(...run.directions.map(each => each[what]));
  const { median, p99, maximum } = spread(outcomes.map(run => worst(run, measure)));
  const problems = outcomes.flatMap(run => run.problems);
  const falseFrames = outcomes.reduce((sum, run) => sum + (run.framesAsActiveAfterWake ?? 0), 0);
  const good = outcomes.length === runs && problems.length === 0 && falseFrames === 0 && median <= most;
  console.log(
    columns([
      row.topology === undefined ? row.fault : `${row.fault} (2)`,
      row.timers ?? "msec 250 msec 750",
      NAMES[measure],
      `<= ${most}`,
      median,
      p99,
      maximum,
      Math.max(0, ...outcomes.map(run => worst(run, "lost"))),
      Math.max(0, ...outcomes.map(run => run.probeStallMs)),
      good ? "" : "<-- FAILED",
    ]),
  );
  for (const line of stages(outcomes)) console.log(`    ${line}`);
  if (falseFrames > 0) console.log(`    ${falseFrames} frames as active after waking`);
  for (const each of new Set(problems)) console.log(`    problem: ${each}`);
  return good;
}

function boundOf({ fault, gapMs, stays }: Row): { readonly measure: Measure; readonly most: number } {
  if (stays) return { measure: "takeovers", most: 0 };
  if (gapMs !== undefined) return { measure: "gapMs", most: gapMs };
  return faultNamed(fault).bound ?? { measure: "lost", most: 0 };
}

function outcomesOf({ fault, timers, topology = "article" }: Row): RunOutcome[] {
  const args = ["lab", "run", topology, "--fault", fault, "--json", "--repeat", String(runs), "--name", "bench"];
  const more = timers === undefined ? [] : ["--timers", timers];
  if (keying !== "none") more.push("--keying", keying);
  const { stdout, stderr } = spawnSync(UNDERSTUDY, [...args, ...more], { encoding: "utf8", maxBuffer: 2 ** 28 });
  if (stderr !== "") console.log(`    ${stderr.trim()}`);
  if (stdout === "") return [];
  const object = JSON.parse(stdout) as RunOutcome & { readonly runs?: readonly RunOutcome[] };
  return [...(object.runs ?? [object])];
}

/** Where the time goes: medians of what the switch saw after the deed, and of the first answer after the silence. */
function stages(outcomes: readonly RunOutcome[]): string[] {
  const at = (what: RegExp): number[] =>
    outcomes.flatMap(run => run.timeline.find(each => each.atMs > 0 && what.test(each.what))?.atMs ?? []);
  // Without a loss the longest silence is the prober's own, wherever it was.
  const lossy = outcomes.flatMap(run => run.directions.filter(each => each.lost > 0));
  const answered = lossy.map(each => each.gapAtMs + each.gapMs);
  const parts: [string, readonly number[]][] = [
    ["resignation seen", at(/^the first resignation/)],
    ["other's first frame as active", at(/: the first frame as active$/)],
    ["first answer", answered],
  ];
  const said = parts.filter(([, times]) => times.length > 0).map(([what, times]) => `${what} ${spread(times).median}`);
  return said.length === 0 ? [] : [`after the deed: ${said.join(", ")}`];
}

function columns(cells: readonly (string | number)[]): string {
  const widths = [11, 18, 13, 9, 8, 8, 8, 13, 12, 0];
  return cells
    .map((cell, at) => String(cell).padEnd(widths[at] ?? 0))
    .join(" ")
    .trimEnd();
}
