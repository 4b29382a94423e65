/**
 * Builds a topology in network namespaces, runs its gateways as real processes, and takes everything away again.
 *
 * Segments are bridges in a namespace of their own, so that a link can be cut without touching the host behind it.
 */
import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { SystemError } from "../core/errors.ts";
import { calledAs } from "./called-as.ts";
import {
  isAlive,
  type LabProcess,
  makeHostFolder,
  readState,
  removeState,
  socketOf,
  startTicksOf,
  writeState,
} from "./lab-state.ts";
import { manualKeys, TRANSFORMS } from "./manual-keying.ts";
import { execIn, FABRIC, ipBatch, namespaceOf, namespacesOf, processesIn } from "./namespaces.ts";
import { startRouting } from "./routing-daemons.ts";
import type { Host, Topology } from "./topology.ts";
import { runCommands } from "./vty-client.ts";

const CONFIG_FOLDER = fileURLToPath(new URL("../../lab", import.meta.url));
/** In `dist/`, wherever this file runs from: Node cannot run TypeScript. */
const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
/** The article's. */
export const DEFAULT_TRANSFORMS = "esp-aes esp-sha-hmac";
const READY_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 6_000;

export type Keying = "manual" | "ike";
export const KEYINGS: readonly Keying[] = ["manual", "ike"];

export interface LabOptions {
  /** In place of the configurations' own: what stands behind `standby N timers`. */
  readonly timers?: string;
  /** How tunnels get their keys: made here, the same for both members, or by IKE when there is traffic. */
  readonly keying?: Keying;
  /** In place of the configurations' own: what stands behind `transform-set NAME`. */
  readonly transforms?: string;
}

/**
 * Brings a lab up and waits until every gateway answers; what fails midway leaves nothing behind. Throws a
 * `SystemError`.
 */
export async function labUp(topology: Topology, lab: string, options: LabOptions = {}): Promise<void> {
  if (namespacesOf(lab).length > 0)
    throw new SystemError(
      "bring the lab up",
      { lab },
      new Error(`it is up already; '${calledAs()} lab down ${lab}' removes it`),
    );
  try {
    writeState(lab, { topology: topology.name, processes: [] });
    wire(topology, lab);
    const gateways = topology.hosts.filter(host => host.kind === "gateway");
    for (const host of gateways) writeConfig(lab, host, options);
    if (options.keying === "manual") writeKeys(lab, topology, options);
    const processes = gateways.map(host => startGateway(lab, host));
    writeState(lab, { topology: topology.name, processes });
    await Promise.all(processes.map(each => untilReady(lab, each)));
    for (const host of topology.hosts) startRouting(lab, host);
  } catch (error) {
    await labDown(lab);
    throw error;
  }
}

/** Labs that are being taken away: who is interrupted while he does it would do it twice at once. */
const goingDown = new Map<string, Promise<string[]>>();

/** Takes a lab away, as far as there is one; returns what was removed, as words. */
export function labDown(lab: string): Promise<string[]> {
  const going = goingDown.get(lab) ?? takeDown(lab).finally(() => goingDown.delete(lab));
  goingDown.set(lab, going);
  return going;
}

async function takeDown(lab: string): Promise<string[]> {
  const processes = readState(lab)?.processes.filter(isAlive) ?? [];
  for (const { pid } of processes) kill(pid, "SIGTERM");
  for (const deadline = Date.now() + STOP_TIMEOUT_MS; Date.now() < deadline && processes.some(isAlive); )
    await sleep(20);
  const namespaces = namespacesOf(lab);
  // What is left in the lab's own namespaces is the lab's: a gateway whose supervisor was killed, a probe.
  for (const namespace of namespaces) for (const pid of processesIn(namespace)) kill(pid, "SIGKILL");
  ipBatch(
    undefined,
    namespaces.map(namespace => `netns delete ${namespace}`),
  );
  removeState(lab);
  return [...processes.map(each => `process ${each.pid} (${each.host})`), ...namespaces];
}

/**
 * A machine that lost its power comes back: nothing of its kernel's state is left, its disk is, and its cables are in.
 * Whatever still runs in it is killed. Resolves when its gateway answers. Throws a `SystemError`.
 */
export async function reboot(topology: Topology, lab: string, hostName: string): Promise<void> {
  const host = topology.hosts.find(each => each.name === hostName);
  if (host?.kind !== "gateway")
    throw new SystemError("reboot a machine", { host: hostName }, new Error("it is no gateway of this topology"));
  const namespace = namespaceOf(lab, host.name);
  const fabric = namespaceOf(lab, FABRIC);
  for (const pid of processesIn(namespace)) kill(pid, "SIGKILL");
  // The cables outlive the machine, and with them whoever listens on their far ends.
  const unplugged = host.links.map(({ device, segment }) => ({ device, spare: `${portOf(host.name, segment)}~` }));
  ipBatch(
    namespace,
    unplugged.flatMap(({ device, spare }) => [
      `link set ${device} down`,
      `link set ${device} netns ${fabric} name ${spare}`,
    ]),
  );
  ipBatch(undefined, [`netns delete ${namespace}`, `netns add ${namespace}`]);
  ipBatch(
    fabric,
    unplugged.map(({ device, spare }) => `link set ${spare} netns ${namespace} name ${device}`),
  );
  ipBatch(namespace, ["link set lo up"]);
  const process = startGateway(lab, host);
  const others = (readState(lab)?.processes ?? []).filter(each => each.host !== host.name);
  writeState(lab, { topology: topology.name, processes: [...others, process] });
  await untilReady(lab, process);
  startRouting(lab, host);
}

function wire(topology: Topology, lab: string): void {
  const fabric = namespaceOf(lab, FABRIC);
  const names = topology.hosts.map(host => namespaceOf(lab, host.name));
  ipBatch(
    undefined,
    [fabric, ...names].map(name => `netns add ${name}`),
  );
  ipBatch(fabric, [
    "link set lo up",
    ...topology.segments.flatMap(({ name }) => [`link add ${name} type bridge`, `link set ${name} up`]),
  ]);
  for (const host of topology.hosts) wireHost(lab, host);
}

function wireHost(lab: string, host: Host): void {
  const namespace = namespaceOf(lab, host.name);
  ipBatch(
    namespaceOf(lab, FABRIC),
    host.links.flatMap(link => [
      `link add ${portOf(host.name, link.segment)} type veth peer name ${link.device} netns ${namespace}`,
      `link set ${portOf(host.name, link.segment)} master ${link.segment}`,
      `link set ${portOf(host.name, link.segment)} up`,
    ]),
  );
  ipBatch(namespace, ["link set lo up"]);
  if (host.kind === "gateway") return;
  ipBatch(namespace, [
    ...host.links.flatMap(link => [`address add ${link.address} dev ${link.device}`, `link set ${link.device} up`]),
    ...host.routes.map(({ to, via }) =>
      via === undefined ? `route add unreachable ${to}` : `route add ${to} via ${via}`,
    ),
  ]);
  if (host.kind === "router") execIn(namespace, ["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"]);
}

/** The bridge's end of a host's link. */
export function portOf(host: string, segment: string): string {
  return `${host}.${segment}`;
}

type GatewayHost = Extract<Host, { kind: "gateway" }>;

function configOf(lab: string, host: GatewayHost): string {
  return join(makeHostFolder(lab, host.name), basename(host.config));
}

function writeConfig(lab: string, host: GatewayHost, { timers, transforms }: LabOptions): void {
  const files = [host.config, ...(host.besides ?? [])];
  const texts = files.map(each => worded(readFileSync(join(CONFIG_FOLDER, each), "utf8"), host.words));
  const text = [...texts.map(each => each.replace(/^end\n$/m, "")), "end\n"].join("");
  const timed = timers === undefined ? text : text.replace(/^( standby \d+ timers ).*$/gm, `$1${timers}`);
  const chosen =
    transforms === undefined ? timed : timed.replace(/^(crypto ipsec transform-set \S+).*$/gm, `$1 ${transforms}`);
  writeFileSync(configOf(lab, host), chosen, { mode: 0o600 });
}

function worded(text: string, words: Readonly<Record<string, string>> = {}): string {
  return Object.entries(words).reduce((all, [word, value]) => all.replaceAll(`%${word}%`, value), text);
}

function keysOf(lab: string, host: string): string {
  return join(makeHostFolder(lab, host), "keys.json");
}

function writeKeys(lab: string, { name, tunnels }: Topology, { transforms = DEFAULT_TRANSFORMS }: LabOptions): void {
  const octets = TRANSFORMS[transforms];
  const problem =
    tunnels === undefined ? "it has no tunnels" : octets === undefined ? `keys are not made for ${transforms}` : "";
  if (tunnels === undefined || octets === undefined)
    throw new SystemError("key the tunnels by hand", { topology: name }, new Error(problem));
  for (const [host, file] of manualKeys(tunnels, octets))
    writeFileSync(keysOf(lab, host), JSON.stringify(file), { mode: 0o600 });
}

function startGateway(lab: string, host: GatewayHost): LabProcess {
  const folder = makeHostFolder(lab, host.name);
  const config = configOf(lab, host);
  const log = openSync(join(folder, "gateway.log"), "a", 0o600);
  const keys = keysOf(lab, host.name);
  const options = ["--state", folder, "--socket", socketOf(lab, host.name)];
  if (existsSync(keys)) options.push("--manual-keys", keys);
  const command = [process.execPath, MAIN, "run", config, ...options];
  const child = spawn("ip", ["netns", "exec", namespaceOf(lab, host.name), ...command], {
    stdio: ["ignore", log, log],
    detached: true,
  });
  closeSync(log);
  child.unref();
  const startTicks = child.pid === undefined ? undefined : startTicksOf(child.pid);
  if (child.pid === undefined || startTicks === undefined)
    throw new SystemError("start a gateway", { host: host.name }, new Error("the process did not start"));
  return { host: host.name, pid: child.pid, startTicks };
}

async function untilReady(lab: string, { host, pid, startTicks }: LabProcess): Promise<void> {
  for (const deadline = Date.now() + READY_TIMEOUT_MS; Date.now() < deadline; await sleep(50)) {
    if (startTicksOf(pid) !== startTicks) break;
    if ((await runCommands(socketOf(lab, host), ["show privilege"])).code === 0) return;
  }
  throw new SystemError(
    "start a gateway",
    { host },
    new Error(`it does not answer; its log is ${join(makeHostFolder(lab, host), "gateway.log")}`),
  );
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
