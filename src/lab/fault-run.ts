/**
 * One run of a fault: a settled pair, probes on their way, the fault, whoever takes over, healing, a settled pair
 * again. What the probes lost counts from before the fault until after the healing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../core/errors.ts";
import { monotonicMs } from "../linux/clock.ts";
import type { EspTallied } from "./esp-tally.ts";
import type { Fault } from "./faults.ts";
import { socketOf } from "./lab-state.ts";
import { Levers, type Mark, rowsOf, stateOf } from "./levers.ts";
import { execIn, FABRIC, namespaceOf } from "./namespaces.ts";
import { type Direction, ProbeSession } from "./probe.ts";
import type { Recorder } from "./recorder.ts";
import { afterWaking, type Moment, type Sighting, sightings, timeline } from "./sightings.ts";
import type { StandbyRow } from "./standby-brief.ts";
import { Tap } from "./tap.ts";
import type { ProbeStream, Topology } from "./topology.ts";
import { runCommands } from "./vty-client.ts";

export interface RunSettings {
  readonly probesPerSecond: number;
  /** How long the fault lasts at least; the fault's own when left out. */
  readonly lastsMs?: number;
  /** Tunnels are up: probes go through them. */
  readonly tunnels?: boolean;
  /** Sees what goes by between the gateways, over all runs of this lab. */
  readonly recorder?: Recorder;
  readonly watcher?: RunWatcher;
}

/** Somebody who looks on while a run goes. */
export interface RunWatcher {
  /** Probes are on their way. */
  readonly probing: (probes: ProbeSession) => void;
  /** Something was done. */
  readonly told: (mark: Mark) => void;
}

export interface RunOutcome {
  readonly directions: readonly Direction[];
  readonly activeBefore: string;
  /** While the fault lasted; `"none"` when there was none. */
  readonly activeAfter: string;
  /** After the healing. */
  readonly states: Readonly<Record<string, readonly StandbyRow[]>>;
  /** Frames as active from the member that was active, after it was woken. Only where the fault stops it. */
  readonly framesAsActiveAfterWake?: number;
  /** What those were. */
  readonly claimsAfterWake?: readonly string[];
  /** What was done and what was seen, by time after the first deed. */
  readonly timeline: readonly Moment[];
  readonly log: Readonly<Record<string, readonly string[]>>;
  /** How late the probes were at most; their own delay looks like a gap. */
  readonly probeStallMs: number;
  /** Since the lab came up, between the gateways. */
  readonly recorded?: EspTallied;
  /** What did not come as the fault has it; empty after a good run. */
  readonly problems: readonly string[];
}

const SETTLE_LIMIT_MS = 90_000;
const TAKEOVER_LIMIT_MS = 30_000;
const POLL_MS = 100;
/** Probes before the fault and after the healing. */
const QUIET_MS = 500;
const LOGGED = "show logging | include %HSRP|%SUPERVISOR|%REDUNDANCY|%RF|%LINEPROTO|%SYS-5-RESTART";

export async function runFault(
  lab: string,
  topology: Topology,
  fault: Fault,
  settings: RunSettings,
): Promise<RunOutcome> {
  const before = await untilSettled(lab, topology);
  const levers = new Levers(lab, topology, before, settings.watcher?.told);
  const ports = topology.pair.flatMap(host => levers.portsOf(host));
  const tap = await Tap.open(lab, FABRIC, { devices: ports, watch: virtualAddresses(topology) });
  const streams = topology.probes.filter(each => "tunnel" in each === (settings.tunnels ?? false));
  const probes = await ProbeSession.open(lab, streams, settings.probesPerSecond);
  try {
    const logs = await logsOf(lab, topology);
    await probes.start();
    settings.watcher?.probing(probes);
    await sleep(QUIET_MS);
    const { activeAfter, problems } = await injectAndHeal(levers, fault, settings.lastsMs ?? fault.lastsMs);
    await sleep(QUIET_MS);
    const directions = await probes.finish(levers.marks[0]?.atMs);
    const seen = await seenBy(tap, levers);
    const recorded = await settings.recorder?.seen();
    return {
      directions,
      activeBefore: before.active,
      activeAfter,
      states: await statesOf(lab, topology),
      ...afterWaking(levers, seen),
      ...(recorded !== undefined && { recorded }),
      timeline: timeline(levers, seen),
      log: newLines(logs, await logsOf(lab, topology)),
      probeStallMs: Math.max(0, ...directions.map(each => each.probeStallMs)),
      problems: [...problems, ...(recorded === undefined ? [] : recordedProblems(recorded))],
    };
  } finally {
    probes.close();
    tap.close();
  }
}

/** What must never have gone by. */
function recordedProblems({ packets, repeated, clear }: EspTallied): string[] {
  return [
    ...(packets === 0 ? ["the recorder saw no ESP at all"] : []),
    ...repeated.map(each => `sent twice: ${each}`),
    ...(clear > 0 ? [`${clear} packets went by in clear`] : []),
  ];
}

/** Waits until one member is active and the other stands by, in every group. Throws a `SystemError`. */
export async function untilSettled(
  lab: string,
  { pair }: Topology,
  limitMs = SETTLE_LIMIT_MS,
): Promise<{ readonly active: string; readonly standby: string }> {
  for (const deadline = monotonicMs() + limitMs; ; await sleep(POLL_MS)) {
    const states = await Promise.all(pair.map(host => stateOf(lab, host)));
    const [first, second] = pair;
    if (states.join() === "Active,Standby") return { active: first, standby: second };
    if (states.join() === "Standby,Active") return { active: second, standby: first };
    if (monotonicMs() < deadline) continue;
    const found = pair.map((host, at) => `${host} is ${states[at]}`).join(", ");
    throw new SystemError("wait for the pair", { lab }, new Error(`one Active and one Standby expected, ${found}`));
  }
}

/** Waits until each of a settled pair has heard from the other, which takes a hello. Throws a `SystemError`. */
export async function untilAcquainted(lab: string, { pair }: Topology, limitMs = SETTLE_LIMIT_MS): Promise<void> {
  for (const deadline = monotonicMs() + limitMs; ; await sleep(POLL_MS)) {
    const rows = (await Promise.all(pair.map(host => rowsOf(lab, host)))).flat();
    if (rows.length > 0 && rows.every(each => each.active !== "unknown" && each.standby !== "unknown")) return;
    if (monotonicMs() < deadline) continue;
    throw new SystemError("wait for the pair", { lab }, new Error("each is to hear the other, and one does not"));
  }
}

/** Waits until every tunnel carries packets there and back. Throws a `SystemError`. */
export async function untilTunnelled(lab: string, { probes }: Topology, limitMs = SETTLE_LIMIT_MS): Promise<void> {
  const deadline = monotonicMs() + limitMs;
  for (const probe of probes.filter(each => "tunnel" in each)) {
    for (; !isReached(lab, probe); await sleep(POLL_MS)) {
      if (monotonicMs() < deadline) continue;
      throw new SystemError(
        "wait for a tunnel",
        { from: probe.from, to: probe.to },
        new Error("nothing comes through"),
      );
    }
  }
}

function isReached(lab: string, { from, to }: ProbeStream): boolean {
  try {
    execIn(namespaceOf(lab, from), ["ping", "-c", "1", "-W", "1", to]);
    return true;
  } catch {
    return false;
  }
}

async function injectAndHeal(
  levers: Levers,
  fault: Fault,
  lastsMs: number,
): Promise<{ readonly activeAfter: string; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const attempt = async (deed: () => Promise<unknown> | unknown): Promise<void> => {
    try {
      await deed();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      problems.push(error.message);
    }
  };
  const began = monotonicMs();
  await attempt(() => fault.inject(levers, lastsMs));
  if (fault.activeMoves === "moves")
    await attempt(() => levers.untilState(levers.standby, "Active", TAKEOVER_LIMIT_MS));
  await sleep(Math.max(0, began + lastsMs - monotonicMs()));
  const activeAfter = await activeNow(levers);
  if (fault.activeMoves === "stays" && activeAfter !== levers.active)
    problems.push(`${levers.active} should have stayed active, and ${activeAfter} is`);
  await attempt(() => fault.heal(levers));
  await attempt(() => untilSettled(levers.lab, levers.topology));
  return { activeAfter, problems };
}

/** A member that a fault has stopped does not answer, and is not asked. */
async function activeNow(levers: Levers): Promise<string> {
  const { lab, active, standby } = levers;
  if ((await stateOf(lab, standby)) === "Active") return standby;
  return (await stateOf(lab, active)) === "Active" ? active : "none";
}

function virtualAddresses(topology: Topology): string[] {
  return topology.segments.flatMap(segment => segment.virtual ?? []);
}

async function seenBy(tap: Tap, levers: Levers): Promise<Sighting[]> {
  const { topology } = levers;
  const hosts = new Map(topology.pair.flatMap(host => levers.portsOf(host).map(port => [port, host] as const)));
  return sightings(await tap.take(), hosts, virtualAddresses(topology));
}

async function statesOf(lab: string, { pair }: Topology): Promise<RunOutcome["states"]> {
  return Object.fromEntries(await Promise.all(pair.map(async host => [host, await rowsOf(lab, host)] as const)));
}

async function logsOf(lab: string, { pair }: Topology): Promise<Record<string, string[]>> {
  const read = async (host: string): Promise<string[]> =>
    (await runCommands(socketOf(lab, host), [LOGGED])).output.split(/\r?\n/).filter(line => line.includes("%"));
  return Object.fromEntries(await Promise.all(pair.map(async host => [host, await read(host)] as const)));
}

/** A gateway that was started anew has a new log, which shares no line with the old one. */
function newLines(before: Record<string, string[]>, after: Record<string, string[]>): RunOutcome["log"] {
  return Object.fromEntries(
    Object.entries(after).map(([host, lines]) => [host, lines.filter(line => !before[host]?.includes(line))]),
  );
}
