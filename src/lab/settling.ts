/** Waiting for a pair to be whole: who is who, who has heard whom, who could go on at once, what comes through. */
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../core/errors.ts";
import { monotonicMs } from "../linux/clock.ts";
import { type GateRow, gateRows, isEverySchemeHot } from "./gate-brief.ts";
import { socketOf } from "./lab-state.ts";
import { rowsOf } from "./levers.ts";
import { execIn, namespaceOf } from "./namespaces.ts";
import { type PairRoles, pairRoles } from "./standby-brief.ts";
import { type ProbeStream, pairsOf, type Topology } from "./topology.ts";
import { runCommands } from "./vty-client.ts";

const LIMIT_MS = 90_000;
const ANSWER_LIMIT_MS = 1_000;
const POLL_MS = 100;
/** What tells why a pair is not whole: the gate, the last of the states, the association and its streams. */
const OF_GATE = /^(This|The other) member /;
const OF_STATES = /^\d+:\d+:\d+ /;
const OF_ASSOCIATION = /^(Association|Path|Stream) /;
const STATES_TOLD = 6;

type Pair = readonly [string, string];

/**
 * Waits until one member of every pair is active and the other stands by, in every group. Answers for the pair that
 * faults are done to. Throws a `SystemError`.
 */
export async function untilSettled(lab: string, topology: Topology, limitMs = LIMIT_MS): Promise<PairRoles> {
  if (topology.farPair !== undefined) await untilOneSettled(lab, topology.farPair, undefined, limitMs);
  return untilOneSettled(lab, topology.pair, topology.acted, limitMs);
}

/** Who of a pair is what; `undefined` while it is not settled. */
export async function rolesOf(lab: string, pair: Pair, acted?: readonly string[]): Promise<PairRoles | undefined> {
  const [first, second] = pair;
  return pairRoles({ [first]: await rowsOf(lab, first), [second]: await rowsOf(lab, second) }, acted);
}

function untilOneSettled(
  lab: string,
  pair: Pair,
  acted: readonly string[] | undefined,
  limitMs: number,
): Promise<PairRoles> {
  return until("one Active and one Standby in every group", limitMs, () => rolesOf(lab, pair, acted));
}

/** Waits until each of a settled pair has heard from the other, which takes a hello. Throws a `SystemError`. */
export async function untilAcquainted(lab: string, topology: Topology, limitMs = LIMIT_MS): Promise<void> {
  await until("each to hear the other", limitMs, async () => {
    const members = pairsOf(topology).flat();
    const rows = (await Promise.all(members.map(host => rowsOf(lab, host)))).flat();
    const isHeard = rows.every(each => each.active !== "unknown" && each.standby !== "unknown");
    return rows.length > 0 && isHeard ? true : undefined;
  });
}

/**
 * Waits until the standby of every scheme could go on at once with all that its active has. Throws a `SystemError`,
 * which says what the members are instead.
 */
export async function untilHot(lab: string, topology: Topology, limitMs = LIMIT_MS): Promise<void> {
  const isHot = async (): Promise<true | undefined> => {
    const pairs = pairsOf(topology).map(pair => Promise.all(pair.map(host => gateOf(lab, host))));
    return (await Promise.all(pairs)).every(isEverySchemeHot) ? true : undefined;
  };
  await until("a standby that is hot, for every scheme", limitMs, isHot, async () => {
    const members = pairsOf(topology).flat();
    return (await Promise.all(members.map(host => redundancyOf(lab, host)))).join("; ");
  });
}

/** Waits until every tunnel carries packets there and back. Throws a `SystemError`. */
export async function untilTunnelled(lab: string, { probes }: Topology, limitMs = LIMIT_MS): Promise<void> {
  for (const probe of probes.filter(each => "tunnel" in each)) {
    const way = `something to come through from ${probe.from} to ${probe.to}`;
    await until(way, limitMs, async () => (isReached(lab, probe) ? true : undefined));
  }
}

async function gateOf(lab: string, host: string): Promise<GateRow[]> {
  const options = { limitMs: ANSWER_LIMIT_MS };
  const { code, output } = await runCommands(socketOf(lab, host), ["show redundancy gate"], options);
  return code === 0 ? gateRows(output) : [];
}

/** In one line what the gate says of a member, how its states followed, and whether it has its association. */
async function redundancyOf(lab: string, host: string): Promise<string> {
  const shows = ["show redundancy gate", "show redundancy history", "show ipc association"];
  const { output } = await runCommands(socketOf(lab, host), shows, { limitMs: ANSWER_LIMIT_MS });
  const lines = output.split(/\r?\n/).map(line => line.trim());
  const of = (what: RegExp): string[] => lines.filter(line => what.test(line));
  return `${host}: ${[...of(OF_GATE), ...of(OF_STATES).slice(-STATES_TOLD), ...of(OF_ASSOCIATION)].join(", ")}`;
}

function isReached(lab: string, { from, to }: ProbeStream): boolean {
  try {
    execIn(namespaceOf(lab, from), ["ping", "-c", "1", "-W", "1", to]);
    return true;
  } catch {
    return false;
  }
}

async function until<T>(
  what: string,
  limitMs: number,
  look: () => Promise<T | undefined>,
  instead?: () => Promise<string>,
): Promise<T> {
  for (const deadline = monotonicMs() + limitMs; ; await sleep(POLL_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (monotonicMs() < deadline) continue;
    const finding = instead === undefined ? "it did not come" : `there is: ${await instead()}`;
    throw new SystemError("wait for the pair", { seconds: limitMs / 1000 }, new Error(`${what}, and ${finding}`));
  }
}
