/**
 * What must hold of a pair's tunnels once a fault is over: one pair of SAs for each selector on either member, and each
 * reverse route on one member alone, the active one.
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

/** What does not hold, in words; waits as long as it may still come. */
export async function aftermath(lab: string, topology: Topology, active: string): Promise<string[]> {
  for (const deadline = monotonicMs() + LIMIT_MS; ; await sleep(POLL_MS)) {
    const found = await wrongNow(lab, topology, active);
    if (found.length === 0 || monotonicMs() >= deadline) return found;
  }
}

async function wrongNow(lab: string, { pair, recorder, acted }: Topology, active: string): Promise<string[]> {
  const wrong: string[] = [];
  for (const host of pair) {
    const { output } = await runCommands(socketOf(lab, host), ["show crypto ipsec sa"]);
    wrong.push(...pairProblems(output).map(each => `${host}: ${each}`));
  }
  for (const [, far] of recorder?.between ?? []) {
    const holders = pair.filter(host => reverseRoutes(lab, host).includes(far));
    const isRight = acted === undefined ? holders.join() === active : holders.length === 1;
    if (!isRight) wrong.push(`the reverse route to ${far} is on ${holders.join(" and ") || "no member"}`);
  }
  return wrong;
}

/** Pure: of `show crypto ipsec sa`, every selector that has not exactly one SA each way. */
export function pairProblems(output: string): string[] {
  const selectors = output.split(/^ +local +ident /m).slice(1);
  if (selectors.length === 0) return ["no selector is protected"];
  return selectors.flatMap(text => {
    const remote = /remote +ident \(addr\/mask\/prot\/port\): \(([^)]*)\)/.exec(text)?.[1] ?? "?";
    const inbound = sasIn(text, "inbound");
    const outbound = sasIn(text, "outbound");
    return inbound === 1 && outbound === 1 ? [] : [`${inbound} SAs in and ${outbound} out for ${remote}`];
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
