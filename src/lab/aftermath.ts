/**
 * What must hold of a pair's tunnels once a fault is over: one pair of SAs for each selector on either member and at
 * the far end, and each reverse route on one member alone, the active one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../linux/clock.ts";
import { socketOf } from "./lab-state.ts";
import { execIn, namespaceOf } from "./namespaces.ts";
import type { Topology } from "./topology.ts";
import { runCommands } from "./vty-client.ts";

/** How long a negotiation may take, and the SAs that it replaces may linger. */
const LIMIT_MS = 30_000;
const POLL_MS = 200;
/** Of reverse routes, as rtnetlink numbers who made a route. */
const REVERSE_ROUTE_PROTOCOL = "250";

/** What does not hold, in words, `besides` among it; waits as long as it may still come. */
export async function aftermath(
  lab: string,
  topology: Topology,
  active: string,
  besides: () => Promise<readonly string[]>,
): Promise<string[]> {
  for (const deadline = monotonicMs() + LIMIT_MS; ; await sleep(POLL_MS)) {
    const found = [...(await wrongNow(lab, topology, active)), ...(await besides())];
    if (found.length === 0 || monotonicMs() >= deadline) return found;
  }
}

async function wrongNow(lab: string, topology: Topology, active: string): Promise<string[]> {
  const { pair, recorder, acted } = topology;
  const wrong = pairProblems(await Promise.all(pair.map(host => selectorsOf(lab, host))));
  for (const host of farEnds(topology)) {
    wrong.push(...pairProblems([await selectorsOf(lab, host)]).map(each => `${host}: ${each}`));
  }
  for (const [, far] of recorder?.between ?? []) {
    const holders = pair.filter(host => reverseRoutes(lab, host).includes(far));
    const isRight = acted === undefined ? holders.join() === active : holders.length === 1;
    if (!isRight) wrong.push(`the reverse route to ${far} is on ${holders.join(" and ") || "no member"}`);
  }
  return wrong;
}

async function selectorsOf(lab: string, host: string): Promise<SelectorCount[]> {
  return selectorCounts((await runCommands(socketOf(lab, host), ["show crypto ipsec sa"])).output);
}

/** The gateways of ours at the other ends of the tunnels. */
function farEnds({ hosts, pair, tunnels = [] }: Topology): string[] {
  const gateways = hosts.filter(each => each.kind === "gateway").map(each => each.name);
  const ends = tunnels.flatMap(tunnel => tunnel.ends.flatMap(end => end.hosts));
  return ends.filter(host => gateways.includes(host) && !pair.includes(host));
}

/** How many SAs a selector has each way. */
export interface SelectorCount {
  readonly remote: string;
  readonly inbound: number;
  readonly outbound: number;
}

/** Of `show crypto ipsec sa`. */
export function selectorCounts(output: string): SelectorCount[] {
  const selectors = output.split(/^ +local +ident /m).slice(1);
  return selectors.map(text => ({
    remote: /remote +ident \(addr\/mask\/prot\/port\): \(([^)]*)\)/.exec(text)?.[1] ?? "?",
    inbound: sasIn(text, "inbound"),
    outbound: sasIn(text, "outbound"),
  }));
}

/**
 * Of what the members have: every selector is to have one SA each way on a member, and no member more. (A standby shows
 * the SAs that it holds ready, or none.)
 */
export function pairProblems(members: readonly (readonly SelectorCount[])[]): string[] {
  const remotes = [...new Set(members.flat().map(each => each.remote))];
  if (remotes.length === 0) return ["no selector is protected"];
  return remotes.flatMap(remote => {
    const counts = members.flatMap(each => each.filter(count => count.remote === remote));
    const isOne = counts.some(each => each.inbound === 1 && each.outbound === 1);
    const isMore = counts.some(each => each.inbound > 1 || each.outbound > 1);
    const said = counts.map(({ inbound, outbound }) => `${inbound} in and ${outbound} out`).join(", ");
    return isOne && !isMore ? [] : [`SAs for ${remote}: ${said}`];
  });
}

function sasIn(text: string, direction: string): number {
  const part = new RegExp(`${direction} esp sas:([^]*?)${direction} ah sas:`).exec(text)?.[1] ?? "";
  return part.match(/^ +spi: 0x/gm)?.length ?? 0;
}

function reverseRoutes(lab: string, host: string): string[] {
  const command = ["ip", "-j", "route", "show", "proto", REVERSE_ROUTE_PROTOCOL];
  const routes = JSON.parse(execIn(namespaceOf(lab, host), command) || "[]") as { readonly dst: string }[];
  return routes.map(each => each.dst);
}
