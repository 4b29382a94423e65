/**
 * What a fault can do to a pair of gateways in a lab: signals, cables, commands, power. Every pull is noted with its
 * time, so that a run can say what was done when.
 */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../core/errors.ts";
import { monotonicMs } from "../linux/clock.ts";
import { damage, type PortDamage, plug } from "./cables.ts";
import { portOf, reboot } from "./lab.ts";
import { readState, socketOf } from "./lab-state.ts";
import { namespaceOf, processesIn } from "./namespaces.ts";
import { memberState, type StandbyRow, standbyRows } from "./standby-brief.ts";
import type { Topology } from "./topology.ts";
import { runCommands } from "./vty-client.ts";

export interface Mark {
  readonly atMs: number;
  readonly what: string;
}

/** What was typed at a gateway, and what it answered. */
export interface Spoken {
  readonly atMs: number;
  readonly host: string;
  readonly lines: readonly string[];
  readonly output: string;
}

const POLL_MS = 50;

export class Levers {
  readonly lab: string;
  readonly topology: Topology;
  /** Who was active, and who stood by, when the fault began. */
  readonly active: string;
  readonly standby: string;
  readonly marks: Mark[] = [];
  readonly spoken: Spoken[] = [];
  readonly #told: (mark: Mark) => void;

  /** `told` hears of every mark as it is made. */
  constructor(
    lab: string,
    topology: Topology,
    roles: { readonly active: string; readonly standby: string },
    told: (mark: Mark) => void = () => {},
  ) {
    this.#told = told;
    this.lab = lab;
    this.topology = topology;
    this.active = roles.active;
    this.standby = roles.standby;
  }

  /** CLOCK_MONOTONIC, as probes and taps have it. */
  mark(what: string, atMs = monotonicMs()): void {
    const mark = { atMs, what };
    this.marks.push(mark);
    this.#told(mark);
  }

  sleep(ms: number): Promise<void> {
    return sleep(ms);
  }

  /** Throws a `SystemError` when the gateway refuses a command or cannot be reached. */
  async commands(host: string, ...lines: readonly string[]): Promise<string> {
    this.mark(`${host}: ${lines.join(" / ")}`);
    const atMs = monotonicMs();
    const { code, output } = await runCommands(socketOf(this.lab, host), lines);
    this.spoken.push({ atMs, host, lines, output });
    if (code === 0) return output;
    const said = output.trim() || "it does not answer";
    throw new SystemError("command a gateway", { host, commands: lines.join(" / ") }, new Error(said));
  }

  /** Through the first tunnel, until what comes back is called. */
  flood(): () => void {
    const stream = this.topology.probes.find(each => "tunnel" in each);
    if (stream === undefined) throw new SystemError("flood a tunnel", {}, new Error("no probes go through one"));
    const ping = ["ping", "-q", "-i", "0.002", "-s", "1300", stream.to];
    const child = spawn("ip", ["netns", "exec", namespaceOf(this.lab, stream.from), ...ping], { stdio: "ignore" });
    return () => void child.kill("SIGKILL");
  }

  /** Who is active at the other end. Throws a `SystemError` where there is no pair, or nobody is. */
  async farActive(): Promise<string> {
    const states = (this.topology.farPair ?? []).map(async host => ({ host, state: await stateOf(this.lab, host) }));
    const found = (await Promise.all(states)).find(each => each.state === "Active");
    if (found !== undefined) return found.host;
    throw new SystemError("find the far end's active", { topology: this.topology.name }, new Error("there is none"));
  }

  signalGateway(host: string, signal: NodeJS.Signals): void {
    this.#signal(host, signal, [gatewayPid(this.lab, host)]);
  }

  /** All found first: they are to go at once. */
  signalGateways(hosts: readonly string[], signal: NodeJS.Signals): void {
    const found = hosts.map(host => ({ host, pid: gatewayPid(this.lab, host) }));
    for (const { host, pid } of found) this.#signal(host, signal, [pid]);
  }

  /** The supervisor first: what it is to notice must not find it awake. */
  signalBoth(host: string, signal: NodeJS.Signals): void {
    this.#signal(host, signal, [supervisorPid(this.lab, host), gatewayPid(this.lab, host)]);
  }

  /**
   * Machines that are gone at once. Their cables fall silent first, all in one transaction: a dying process must not
   * get out a word.
   */
  powerOff(...hosts: readonly string[]): void {
    const doomed = hosts.map(host => ({ host, pids: processesIn(namespaceOf(this.lab, host)) }));
    const ports = hosts.flatMap(host => this.portsOf(host));
    this.damage(
      ports.map(port => ({ port, damage: "everything" })),
      `${hosts.join(" and ")}: silent`,
    );
    for (const { host, pids } of doomed) this.#signal(host, "SIGKILL", pids);
  }

  /** From now on these damages and no others. */
  damage(damages: readonly PortDamage[], what: string): void {
    damage(this.lab, damages);
    this.mark(what);
  }

  repair(): void {
    damage(this.lab, []);
    this.mark("the switches pass everything again");
  }

  plug(host: string, segment: string, plugged: boolean): void {
    plug(this.lab, portOf(host, segment), plugged);
    this.mark(`${host}: cable ${plugged ? "into" : "out of"} ${segment}`);
  }

  async reboot(host: string): Promise<void> {
    this.mark(`${host}: power back`);
    await reboot(this.topology, this.lab, host);
  }

  /** The switch's ports of a host's cables. */
  portsOf(host: string): string[] {
    const links = this.topology.hosts.find(each => each.name === host)?.links ?? [];
    return links.map(link => portOf(host, link.segment));
  }

  /** What a host's configuration calls its interface on a segment. */
  interfaceOn(host: string, segment: string): string {
    const links = this.topology.hosts.find(each => each.name === host)?.links ?? [];
    return links.find(link => link.segment === segment)?.interface ?? "";
  }

  /** Throws a `SystemError` when it has not come by then. */
  async untilState(host: string, wanted: string, limitMs: number): Promise<void> {
    const deadline = monotonicMs() + limitMs;
    for (; (await stateOf(this.lab, host, this.topology.acted)) !== wanted; await sleep(POLL_MS)) {
      if (monotonicMs() < deadline) continue;
      const found = await stateOf(this.lab, host, this.topology.acted);
      throw new SystemError("wait for a state", { host }, new Error(`${wanted} expected, found ${found}`));
    }
  }

  #signal(host: string, signal: NodeJS.Signals, pids: readonly (number | undefined)[]): void {
    const found = pids.filter(each => each !== undefined);
    if (found.length !== pids.length || found.length === 0)
      throw new SystemError("send a signal", { host, signal }, new Error("the process is not there"));
    this.mark(`${host}: ${signal} to ${found.length} process${found.length === 1 ? "" : "es"}`);
    for (const pid of found) process.kill(pid, signal);
  }
}

/** What a gateway says of its groups; none when it does not answer. */
export async function rowsOf(lab: string, host: string): Promise<StandbyRow[]> {
  const { code, output } = await runCommands(socketOf(lab, host), ["show standby brief"], { limitMs: 1_000 });
  return code === 0 ? standbyRows(output) : [];
}

/** Of these groups, of all when none are named: see `Topology.acted`. */
export async function stateOf(lab: string, host: string, groups?: readonly string[]): Promise<string> {
  return memberState(await rowsOf(lab, host), groups);
}

export function supervisorPid(lab: string, host: string): number | undefined {
  return readState(lab)?.processes.find(each => each.host === host)?.pid;
}

/** The process below a host's supervisor. */
export function gatewayPid(lab: string, host: string): number | undefined {
  return processesIn(namespaceOf(lab, host)).find(pid => commandOf(pid).includes("gateway-process.js"));
}

/** Empty when the process ended in the meantime. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
