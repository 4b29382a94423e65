/**
 * Watches one route of a host's kernel while a fault goes: by whom it leads, and when that changed. The kernel's own
 * notifications are read, by iproute2, which stamps each as it comes.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { monotonicMs } from "../linux/clock.ts";
import { execIn, namespaceOf } from "./namespaces.ts";
import type { Topology, WatchedRoute } from "./topology.ts";

/** From a moment on, the gateways that a route leads by; none while there is no such route. */
export interface RouteState {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  readonly by: readonly string[];
}

export class RouteWatch {
  readonly #child: ChildProcess;
  readonly #route: string;
  readonly #first: RouteState;
  readonly #lines: string[] = [];

  private constructor(child: ChildProcess, route: string, first: RouteState) {
    this.#child = child;
    this.#route = route;
    this.#first = first;
    if (child.stdout !== null) createInterface({ input: child.stdout }).on("line", line => this.#lines.push(line));
    child.on("error", () => {});
  }

  static open(lab: string, { host, route }: WatchedRoute): RouteWatch {
    const namespace = namespaceOf(lab, host);
    const monitor = ["netns", "exec", namespace, "ip", "-ts", "-o", "monitor", "route"];
    const child = spawn("ip", monitor, { stdio: ["ignore", "pipe", "ignore"], detached: true });
    const by = gatewaysOf(execIn(namespace, ["ip", "-o", "route", "show", route]));
    return new RouteWatch(child, route, { atMs: monotonicMs(), by });
  }

  /** What the route was at first, and every change since. */
  states(): RouteState[] {
    const offsetMs = Date.now() - monotonicMs();
    return [this.#first, ...routeStates(this.#lines, this.#route, offsetMs)];
  }

  /** Safe to call twice. */
  close(): void {
    this.#child.kill("SIGTERM");
  }
}

const STAMPED = /^\[(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+)\] (Deleted )?(\S+) (.*)$/;

/** Of `ip -ts -o monitor route`; `offsetMs` is what the time of day is ahead of CLOCK_MONOTONIC. Pure. */
export function routeStates(lines: readonly string[], route: string, offsetMs: number): RouteState[] {
  return lines.flatMap(line => {
    const [, stamp, deleted, destination, rest = ""] = STAMPED.exec(line) ?? [];
    if (stamp === undefined || destination !== route) return [];
    return [{ atMs: new Date(stamp).getTime() - offsetMs, by: deleted === undefined ? gatewaysOf(rest) : [] }];
  });
}

function gatewaysOf(text: string): string[] {
  return [...text.matchAll(/\bvia (\S+)/g)].map(([, gateway = ""]) => gateway).toSorted();
}

/** The address by which a host is reached from where the watched route is. */
export function addressSeen(topology: Topology, { host }: WatchedRoute, of: string): string {
  const linksOf = (name: string) => topology.hosts.find(each => each.name === name)?.links ?? [];
  const near = linksOf(host).map(each => each.segment);
  return (
    linksOf(of)
      .find(each => near.includes(each.segment))
      ?.address.replace(/\/.*/, "") ?? ""
  );
}

export interface RouteOutcome {
  /**
   * From the takeover until the route led by the new active, alone or beside the old one, which still takes what comes;
   * `undefined` when it never did.
   */
  readonly movedMs: number | undefined;
  /** How long there was no such route at all. */
  readonly goneMs: number;
}

/** `endMs` is when it was last looked at. Pure. */
export function routeOutcome(
  states: readonly RouteState[],
  { takeoverMs, wanted, endMs }: { readonly takeoverMs: number; readonly wanted: string; readonly endMs: number },
): RouteOutcome {
  const moved = states.find(each => each.by.includes(wanted));
  const gone = states.reduce((sum, { atMs, by }, at) => {
    const untilMs = states[at + 1]?.atMs ?? endMs;
    return by.length === 0 ? sum + untilMs - atMs : sum;
  }, 0);
  return {
    movedMs: moved && Math.max(0, Math.round((moved.atMs - takeoverMs) * 10) / 10),
    goneMs: Math.round(gone * 10) / 10,
  };
}
