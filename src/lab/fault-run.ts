/**
 * One run of a fault: a settled pair, probes on their way, the fault, whoever takes over, healing, a settled pair
 * again. What the probes lost counts from before the fault until after the healing.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../linux/clock.ts";
import { aftermath } from "./aftermath.ts";
import type { EspTallied } from "./esp-tally.ts";
import { courseOf } from "./fault-course.ts";
import type { Fault } from "./faults.ts";
import type { IkeTallied } from "./ike-tally.ts";
import { socketOf } from "./lab-state.ts";
import { Levers, type Mark, rowsOf, type Spoken } from "./levers.ts";
import { FABRIC } from "./namespaces.ts";
import { type Direction, ProbeSession } from "./probe.ts";
import type { Recorder } from "./recorder.ts";
import { negotiatedSince, renewalProblems } from "./renegotiation.ts";
import { addressSeen, type RouteOutcome, RouteWatch, routeOutcome } from "./route-watch.ts";
import { untilHot, untilSettled } from "./settling.ts";
import { afterWaking, type Moment, type Sighting, sightings, timeline } from "./sightings.ts";
import type { StandbyRow } from "./standby-brief.ts";
import { Tap } from "./tap.ts";
import { pairsOf, type Topology } from "./topology.ts";
import { runCommands } from "./vty-client.ts";

export interface RunSettings {
  readonly probesPerSecond: number;
  /** How long the fault lasts at least; the fault's own when left out. */
  readonly lastsMs?: number;
  /** Tunnels are up: probes go through them. */
  readonly tunnels?: boolean;
  /** By IKE: what must hold of their SAs and reverse routes afterwards is looked at. */
  readonly negotiated?: boolean;
  /** What became of every single probe is kept. */
  readonly traced?: boolean;
  /** Sees what goes by between the gateways, over all runs of this lab. */
  readonly recorder?: Recorder;
  /** What does not hold at far ends that are not ours. */
  readonly farEnd?: () => Promise<readonly string[]>;
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
  /** From when the pair could be whole again until its standby was hot; none when it did not come to that. */
  readonly hotAgainMs?: number;
  /** What the far end saw of IKE during this run. */
  readonly negotiated?: IkeTallied;
  /** Frames as active from the member that was active, after it was woken. Only where the fault stops it. */
  readonly framesAsActiveAfterWake?: number;
  /** What became of the route that the topology watches. */
  readonly watched?: RouteOutcome | undefined;
  /** What those were. */
  readonly claimsAfterWake?: readonly string[];
  /** The first deed, or the first probe where nothing was done; milliseconds since 1970. */
  readonly originAt: number;
  /** Each group of each member before the first deed. */
  readonly statesBefore: Readonly<Record<string, readonly StandbyRow[]>>;
  /** What was typed at gateways, and what they answered. */
  readonly spoken: readonly Spoken[];
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

/** Probes before the fault and after the healing. */
const QUIET_MS = 500;
const SHOWN = ["show standby brief", "show redundancy gate"];
const LOGGED = "show logging | include %HSRP|%SUPERVISOR|%REDUNDANCY|%RF|%LINEPROTO|%SYS-5-RESTART";

export async function runFault(
  lab: string,
  topology: Topology,
  fault: Fault,
  settings: RunSettings,
): Promise<RunOutcome> {
  const roles = await untilSettled(lab, topology);
  await untilHot(lab, topology);
  const levers = new Levers(lab, topology, roles, settings.watcher?.told);
  await fault.prepare?.(levers);
  levers.marks.length = 0;
  const ports = topology.pair.flatMap(host => levers.portsOf(host));
  const tap = await Tap.open(lab, FABRIC, { devices: ports, watch: virtualAddresses(topology) });
  const streams = topology.probes.filter(each => "tunnel" in each === (settings.tunnels ?? false));
  const probes = await ProbeSession.open(lab, streams, settings.probesPerSecond);
  const watch = topology.watched && RouteWatch.open(lab, topology.watched);
  try {
    const logs = await logsOf(lab, topology);
    const statesBefore = await statesOf(lab, topology);
    const before = await settings.recorder?.seen();
    const startedMs = monotonicMs();
    await probes.start();
    settings.watcher?.probing(probes);
    await sleep(QUIET_MS);
    const { activeAfter, hotAgainMs, problems } = await courseOf(levers, fault, settings.lastsMs ?? fault.lastsMs);
    await sleep(QUIET_MS);
    const originMs = levers.marks[0]?.atMs ?? startedMs;
    const directions = await probes.finish(originMs, settings.traced);
    const seen = await seenBy(tap, levers);
    const after = settings.negotiated ? await wrongAfter(lab, topology, fault, settings, before) : [];
    const recorded = await settings.recorder?.seen();
    return {
      directions,
      activeBefore: roles.active,
      activeAfter,
      states: await statesOf(lab, topology),
      ...(hotAgainMs !== undefined && { hotAgainMs }),
      ...afterWaking(levers, seen),
      ...(recorded !== undefined && { recorded, negotiated: negotiatedSince(before?.ike, recorded.ike) }),
      originAt: Math.round(Date.now() - monotonicMs() + originMs),
      statesBefore,
      spoken: spokenAfter(originMs, [...levers.spoken, ...(settings.traced ? await shown(lab, topology) : [])]),
      ...(watch !== undefined && { watched: watchedBy(watch, topology, activeAfter, seen, levers) }),
      timeline: timeline(levers, seen),
      log: newLines(logs, await logsOf(lab, topology)),
      probeStallMs: Math.max(0, ...directions.map(each => each.probeStallMs)),
      problems: [
        ...problems,
        ...after,
        ...touched(topology, fault, directions),
        ...(recorded === undefined ? [] : recordedProblems(before, recorded)),
      ],
    };
  } finally {
    probes.close();
    tap.close();
    watch?.close();
  }
}

/** From the first frame as active of whoever took over; from the first deed where nobody did. */
function watchedBy(
  watch: RouteWatch,
  topology: Topology,
  active: string,
  seen: readonly Sighting[],
  { marks, standby }: Levers,
): RouteOutcome | undefined {
  const { watched } = topology;
  if (watched === undefined) return undefined;
  const beganMs = marks[0]?.atMs ?? monotonicMs();
  const first = seen.find(each => each.host === standby && each.atMs > beganMs && each.claims.length > 0);
  const times = { takeoverMs: first?.atMs ?? beganMs, endMs: monotonicMs() };
  return routeOutcome(watch.states(), { ...times, wanted: addressSeen(topology, watched, active) });
}

/** Of the tunnels: their SAs, their routes, and what was negotiated. */
async function wrongAfter(
  lab: string,
  topology: Topology,
  fault: Fault,
  { recorder, farEnd }: RunSettings,
  before: EspTallied | undefined,
): Promise<string[]> {
  const { active } = await untilSettled(lab, topology);
  const struck = topology.acted === undefined || fault.strikesBoth ? (topology.tunnels ?? []).length : 1;
  return aftermath(lab, topology, active, async () => {
    const now = await recorder?.seen();
    const negotiated = now && negotiatedSince(before?.ike, now.ike);
    return [
      ...(negotiated === undefined ? [] : renewalProblems(fault.renewal, struck, negotiated)),
      ...((await farEnd?.()) ?? []),
    ];
  });
}

/** Of a group that the fault was not done to. */
function touched({ untouched = [] }: Topology, fault: Fault, directions: readonly Direction[]): string[] {
  if (fault.strikesBoth) return [];
  return directions
    .filter(each => untouched.includes(each.direction) && each.lost > 0)
    .map(each => `${each.direction} lost ${each.lost}, and the fault was another group's`);
}

/** What must never have gone by, and did since `before`. */
function recordedProblems(before: EspTallied | undefined, now: EspTallied): string[] {
  const again = now.repeated.filter(each => !before?.repeated.includes(each));
  const clear = now.clear - (before?.clear ?? 0);
  return [
    ...(now.packets === (before?.packets ?? 0) ? ["the recorder saw no ESP at all"] : []),
    ...again.map(each => `sent twice: ${each}`),
    ...(clear > 0 ? [`${clear} packets went by in clear`] : []),
  ];
}

function virtualAddresses(topology: Topology): string[] {
  return topology.segments.flatMap(segment => segment.virtual ?? []);
}

async function seenBy(tap: Tap, levers: Levers): Promise<Sighting[]> {
  const { topology } = levers;
  const hosts = new Map(topology.pair.flatMap(host => levers.portsOf(host).map(port => [port, host] as const)));
  return sightings(await tap.take(), hosts, virtualAddresses(topology));
}

async function statesOf(lab: string, topology: Topology): Promise<RunOutcome["states"]> {
  const members = pairsOf(topology).flat();
  return Object.fromEntries(await Promise.all(members.map(async host => [host, await rowsOf(lab, host)] as const)));
}

/** What somebody would look at now, as the members show it. */
async function shown(lab: string, topology: Topology): Promise<Spoken[]> {
  const looks = pairsOf(topology)
    .flat()
    .map(async host => {
      const atMs = monotonicMs();
      const { output } = await runCommands(socketOf(lab, host), SHOWN);
      return { atMs, host, lines: SHOWN, output };
    });
  return Promise.all(looks);
}

function spokenAfter(originMs: number, spoken: readonly Spoken[]): Spoken[] {
  return spoken.map(each => ({ ...each, atMs: Math.round((each.atMs - originMs) * 10) / 10 }));
}

async function logsOf(lab: string, topology: Topology): Promise<Record<string, string[]>> {
  const read = async (host: string): Promise<string[]> =>
    (await runCommands(socketOf(lab, host), [LOGGED])).output.split(/\r?\n/).filter(line => line.includes("%"));
  const members = pairsOf(topology).flat();
  return Object.fromEntries(await Promise.all(members.map(async host => [host, await read(host)] as const)));
}

/** A gateway that was started anew has a new log, which shares no line with the old one. */
function newLines(before: Record<string, string[]>, after: Record<string, string[]>): RunOutcome["log"] {
  return Object.fromEntries(
    Object.entries(after).map(([host, lines]) => [host, lines.filter(line => !before[host]?.includes(line))]),
  );
}
