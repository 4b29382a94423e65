/**
 * What a lab keeps on disk: one folder with each gateway's configuration, log, state and socket, and which processes
 * are the lab's.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = "/run/understudy/lab";
const ROUTING_ROOT = "/run/understudy-routing";

export interface LabProcess {
  readonly host: string;
  readonly pid: number;
  /** In clock ticks since boot, /proc/PID/stat: a number that was given to another process does not match. */
  readonly startTicks: string;
}

export interface LabState {
  readonly topology: string;
  readonly processes: readonly LabProcess[];
}

export function labFolder(lab: string): string {
  return join(ROOT, lab);
}

export function hostFolder(lab: string, host: string): string {
  return join(ROOT, lab, host);
}

export function socketOf(lab: string, host: string): string {
  return join(hostFolder(lab, host), "cli.sock");
}

export function makeHostFolder(lab: string, host: string): string {
  const folder = hostFolder(lab, host);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

export function writeState(lab: string, state: LabState): void {
  mkdirSync(labFolder(lab), { recursive: true, mode: 0o700 });
  writeFileSync(join(labFolder(lab), "lab.json"), JSON.stringify(state));
}

export function readState(lab: string): LabState | undefined {
  try {
    return JSON.parse(readFileSync(join(labFolder(lab), "lab.json"), "utf8")) as LabState;
  } catch {
    return undefined;
  }
}

/** Where `vtysh --vty_socket` finds a host's routing daemons, which run as a user of their own. */
export function routingFolder(lab: string, host: string): string {
  return join(ROUTING_ROOT, lab, host);
}

export function removeState(lab: string): void {
  rmSync(join(ROUTING_ROOT, lab), { recursive: true, force: true });
  rmSync(labFolder(lab), { recursive: true, force: true });
}

export function labsOnDisk(): string[] {
  return existsSync(ROOT) ? readdirSync(ROOT) : [];
}

/** `undefined` when there is no such process. */
export function startTicksOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold blanks; the fields after it do not.
    return stat.substring(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}

export function isAlive(process: LabProcess): boolean {
  return startTicksOf(process.pid) === process.startTicks;
}
