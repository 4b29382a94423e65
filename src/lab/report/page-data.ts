/**
 * What the page draws, as it stands in it: for each run the probes, the states of the members and the moments, all on
 * one clock that begins with the first deed. Pure. `page/page.ts` reads it in the browser.
 */
import type { RunOutcome } from "../fault-run.ts";
import type { Direction } from "../probe.ts";
import { type ProbeTrace, pointsOf } from "../probe-trace.ts";
import type { Topology } from "../topology.ts";
import { memberLanes } from "./member-lanes.ts";
import type { PageRun, Range } from "./page-run.ts";

/** Beside what is looked at closely. */
const AROUND_MS = 40;
/** What a close-up shows at most of a run: more than that is the run. */
const CLOSE_SHARE = 0.6;
const NOTHING: ProbeTrace = { sentAfter: [], took: [] };

export function pageRun(title: string, topology: Topology, outcome: RunOutcome): PageRun {
  const { directions, timeline } = outcome;
  const whole = endsOf(directions);
  const closeUp = closeUpOf(outcome, whole);
  return {
    title,
    whole,
    ...(closeUp !== undefined && { closeUp }),
    directions: directions.map(({ from, to, lost, gapMs, trace = NOTHING }) => ({
      name: `${from} to ${nameOf(topology, to)}`,
      lost,
      gapMs,
      trace,
    })),
    lanes: memberLanes(outcome, ...whole),
    moments: timeline,
  };
}

/** An address by the host that has it; one that members share has no host. */
export function nameOf({ hosts }: Topology, address: string): string {
  const host = hosts.find(each => each.links.some(link => link.address.replace(/\/.*/, "") === address));
  return host?.name ?? address;
}

function endsOf(directions: readonly Direction[]): Range {
  const times = directions.flatMap(({ trace }) => {
    const { atMs } = pointsOf(trace ?? NOTHING);
    return [atMs[0] ?? 0, atMs.at(-1) ?? 0];
  });
  return [Math.floor(Math.min(0, ...times)), Math.ceil(Math.max(1, ...times))];
}

/** From the deed to the end of the takeover and of the longest outages, as far as there are any. */
function closeUpOf({ directions, timeline }: RunOutcome, whole: Range): Range | undefined {
  const took = timeline.filter(each => /first frame as active/.test(each.what)).map(each => each.atMs);
  const cost = directions.flatMap(({ trace }) => longestOutage(trace ?? NOTHING) ?? []);
  const worth = [...took, ...cost];
  if (worth.length === 0) return undefined;
  const from = Math.min(0, ...worth) - AROUND_MS;
  const to = Math.max(0, ...worth) + AROUND_MS;
  const isCloser = to - from < CLOSE_SHARE * (whole[1] - whole[0]);
  return isCloser ? [Math.max(whole[0], Math.floor(from)), Math.min(whole[1], Math.ceil(to))] : undefined;
}

/** From the first of the most probes that were lost one after the other to the next that arrived. */
function longestOutage(trace: ProbeTrace): Range | undefined {
  const { atMs, tookMs } = pointsOf(trace);
  let longest: Range | undefined;
  let since: number | undefined;
  for (const [at, took] of tookMs.entries()) {
    const now = atMs[at] ?? 0;
    if (took === null) since ??= now;
    else if (since !== undefined) {
      if (longest === undefined || now - since > longest[1] - longest[0]) longest = [since, now];
      since = undefined;
    }
  }
  return longest;
}
