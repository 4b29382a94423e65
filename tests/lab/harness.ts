/** What the lab's tests share: the command line as a user calls it, and what is left on the machine. */
import { type ExecFileException, execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
export const ROOT = process.geteuid?.() === 0;
if (!ROOT) console.log("SKIPPED: the lab makes network namespaces, which needs root");

export interface Result {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export function run(command: string, args: readonly string[], input?: string): Promise<Result> {
  return new Promise(resolve => {
    const child = execFile(command, args, { encoding: "utf8" }, (error: ExecFileException | null, out, err) => {
      resolve({ code: error === null ? 0 : typeof error.code === "number" ? error.code : 1, out, err });
    });
    // A command that ends without reading its input is no failure.
    child.stdin?.on("error", () => {});
    child.stdin?.end(input ?? "");
  });
}

export function understudy(...args: string[]): Promise<Result> {
  return run(process.execPath, [MAIN, ...args]);
}

export function socketOf(lab: string, host: string): string {
  return `/run/understudy/lab/${lab}/${host}/cli.sock`;
}

/** Runs commands on a gateway of a lab. */
export function cli(lab: string, host: string, ...commands: string[]): Promise<Result> {
  return understudy("cli", "--socket", socketOf(lab, host), ...commands.flatMap(each => ["-c", each]));
}

export function inside(lab: string, host: string, ...command: string[]): Promise<Result> {
  return run("ip", ["netns", "exec", `us-${lab}-${host}`, ...command]);
}

/** Waits for something that must come; the test's own timeout is the only limit. */
export async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    await sleep(20);
  }
}

/** Everything on this machine that belongs to a lab. */
export async function traces(lab: string): Promise<string[]> {
  const { out } = await run("ip", ["netns", "list"]);
  const namespaces = out.split("\n").filter(line => line.startsWith(`us-${lab}-`));
  const folder = existsSync(`/run/understudy/lab/${lab}`) ? ["its folder"] : [];
  const { out: processes } = await run("pgrep", ["-f", `/run/understudy/lab/${lab}/`]);
  return [...namespaces, ...folder, ...processes.split("\n").filter(Boolean)];
}

/** The process id of a host's gateway, below its supervisor. */
export async function gatewayPid(lab: string, host: string): Promise<number> {
  const { out } = await run("ip", ["netns", "pids", `us-${lab}-${host}`]);
  const found = out
    .split("\n")
    .filter(Boolean)
    .find(pid => commandOf(pid).includes("gateway-process.js"));
  return Number(found ?? 0);
}

/** Empty when the process ended in the meantime. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}

export async function supervisorPid(lab: string, host: string): Promise<number> {
  const state = JSON.parse(readFileSync(`/run/understudy/lab/${lab}/lab.json`, "utf8")) as {
    processes: { host: string; pid: number }[];
  };
  return state.processes.find(each => each.host === host)?.pid ?? 0;
}

export const NOBODY = 65_534;
const CAPABILITIES = "-all,+net_admin,+net_raw,+net_bind_service";
/** Of setpriv: nobody, with the three capabilities that the unit gives. */
export const UNPRIVILEGED: readonly string[] = [
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  "--clear-groups",
  "--no-new-privs",
  `--inh-caps=${CAPABILITIES}`,
  `--ambient-caps=${CAPABILITIES}`,
  `--bounding-set=${CAPABILITIES}`,
];
