/** Waiting for a pair to be whole: who is who, who has heard whom, who could go on at once, what comes through. */
import { setTimeout as sleep } from "node:timers/promises";
import { SystemError } from "../core/errors.ts";
import { monotonicMs } from "../linux/clock.ts";
import { type GateRow, gateRows, isEverySchemeHot } from "./gate-brief.ts";
import { socketOf } from "./lab-state.ts";
import { rowsOf } from "./levers.ts";
import { execIn, namespaceOf } from "./namespaces.ts";
import { type PairRoles, pairRoles } from "./standby-brief.ts";
import type { ProbeStream, Topology } from "./topology.ts";
import { runCommands } from "./vty-client.ts";

const LIMIT_MS = 90_000;
const ANSWER_LIMIT_MS = 1_000;
const POLL_MS = 100;

/** Waits until one member is active and the other stands by, in every group. Throws a `SystemError`. */
export function untilSettled(lab: string, { pair, acted }: Topology, limitMs = LIMIT_MS): Promise<PairRoles> {
  return until("one Active and one Standby in every group", limitMs, async () => {
    const [first, second] = pair;
    return pairRoles({ [first]: await rowsOf(lab, first), [second]: await rowsOf(lab, second) }, acted);
  });
}

/** Waits until each of a settled pair has heard from the other, which takes a hello. Throws a `SystemError`. */
export async function untilAcquainted(lab: string, { pair }: Topology, limitMs = LIMIT_MS): Promise<void> {
  await until("each to hear the other", limitMs, async () => {
    const rows = (await Promise.all(pair.map(host => rowsOf(lab, host)))).flat();
    const isHeard = rows.every(each => each.active !== "unknown" && each.standby !== "unknown");
    return rows.length > 0 && isHeard ? true : undefined;
  });
}

/** Waits until the standby of every scheme could go on at once with all that its active has. Throws a `SystemError`. */
export async function untilHot(lab: string, { pair }: Topology, limitMs = LIMIT_MS): Promise<void> {
  await until("a standby that is hot, for every scheme", limitMs, async () => {
    const members = await Promise.all(pair.map(host => gateOf(lab, host)));
    return isEverySchemeHot(members) ? true : undefined;
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

function isReached(lab: string, { from, to }: ProbeStream): boolean {
  try {
    execIn(namespaceOf(lab, from), ["ping", "-c", "1", "-W", "1", to]);
    return true;
  } catch {
    return false;
  }
}

async function until<T>(what: string, limitMs: number, look: () => Promise<T | undefined>): Promise<T> {
  for (const deadline = monotonicMs() + limitMs; ; await sleep(POLL_MS)) {
    const found = await look();
    if (found !== undefined) return found;
    if (monotonicMs() >= deadline)
      throw new SystemError(
        "wait for the pair",
        { seconds: limitMs / 1000 },
        new Error(`${what}, and it did not come`),
      );
  }
}
