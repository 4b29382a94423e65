/**
 * `show redundancy gate` and `show standby counters`: what IOS has no lines for. Who may be active and why, and what
 * was refused, by reason.
 */
import type { Config } from "../../core/config/config.ts";
import type { SchemeSnapshot } from "../../core/gate/liveness-port.ts";
import type { HsrpRefusal } from "../../core/hsrp/hsrp-receive.ts";
import type { HsrpView, TakeoverStep } from "../gateway-port.ts";
import { groupName, type ShownGroup } from "./standby-groups.ts";

/** Every scheme that is configured; what the liveness thread does not know yet says so. */
export function showGate(config: Config, view: HsrpView, groups: readonly ShownGroup[], name?: string): string[] {
  const names = config.redundancy.schemes.filter(each => name === undefined || each === name);
  if (names.length === 0 && name !== undefined) return [`% No redundancy scheme ${name}`];
  if (names.length === 0) return ["No redundancy scheme is configured: every group is plain HSRP"];
  return names.flatMap(each => [
    `Scheme standby ${each}`,
    ...schemeLines(view.schemes.find(scheme => scheme.name === each)).map(line => `  ${line}`),
    ...memberLines(each, groups).map(line => `  ${line}`),
    ...takeoverLines(view.takeovers?.get(each)).map(line => `  ${line}`),
  ]);
}

function schemeLines(scheme: SchemeSnapshot | undefined): string[] {
  if (scheme === undefined) return ["Waits for a group of this name"];
  const { plainBecause, role, epoch, hot, channels, counters } = scheme;
  if (plainBecause !== undefined) return [`Plain HSRP decides who is active: ${plainBecause}`];
  return [
    "The gate decides who is active",
    `This member is ${memberText({ role, epoch, hot })}`,
    peerLine(scheme),
    channelsLine(channels),
    ...Object.entries(counters).map(([word, count]) => `${word.padEnd(32)} ${count}`),
  ];
}

function peerLine({ peer }: SchemeSnapshot): string {
  if (peer === undefined) return "The other member was not heard";
  return `The other member is ${memberText(peer)}, heard ${Math.round(peer.heardMs)} msec ago`;
}

function channelsLine(channels: number): string {
  if (channels >= 2) return `Heard on ${channels} interfaces`;
  if (channels === 1) return "Heard on 1 interface only: a cut there cannot be told from a death";
  return "Heard on no interface";
}

/** Only a standby can be hot: the active holds everything by being it. */
function memberText({ role, epoch, hot }: Pick<SchemeSnapshot, "role" | "epoch" | "hot">): string {
  const owns = role === "active" || role === "draining";
  return `${role}, epoch ${epoch}${owns ? "" : hot ? ", hot" : ", not hot"}`;
}

/** The group that leads and those that move with it. */
function memberLines(scheme: string, groups: readonly ShownGroup[]): string[] {
  return groups
    .filter(each => groupName(each) === scheme || each.model.follow === scheme)
    .map(each => {
      const word = each.model.follow === scheme ? "follows" : "leads";
      return `${each.interface} group ${each.model.number} ${word}`;
    });
}

/** In the order in which they are done. */
const STEPS: Readonly<Record<TakeoverStep, string>> = {
  role: "role word and lease",
  steering: "traffic from inside",
  address: "virtual addresses",
  hello: "hello as active",
  announce: "gratuitous ARP",
  beacons: "beacons",
  told: "main thread told",
};

function takeoverLines(times: Partial<Record<TakeoverStep, number>> | undefined): string[] {
  if (times === undefined) return [];
  return [
    "Last takeover by this member, milliseconds after the liveness thread woke for it",
    ...Object.entries(STEPS).flatMap(([step, words]) => {
      const ms = times[step as TakeoverStep];
      return ms === undefined ? [] : [`  ${words.padEnd(24)} ${ms.toFixed(2).padStart(8)}`];
    }),
  ];
}

/** In the order in which a packet is asked. */
const REFUSALS: Readonly<Record<HsrpRefusal, string>> = {
  ttl: "TTL or hop limit other than 1 or 255",
  destination: "not to the version's multicast group",
  "source-port": "not from HSRP's port",
  "own-packet": "our own, come back",
  "source-subnet": "from outside the interface's networks",
  malformed: "not an HSRP packet of this version",
  authentication: "text or digest wrong or missing",
  timers: "hello and hold times that cannot hold",
};

export function showStandbyCounters(groups: readonly ShownGroup[]): string[] {
  return groups.flatMap(({ interface: name, model, running }) => {
    if (running === undefined) return [];
    const counts = new Map(Object.entries(running.refused));
    return [
      `${name} - Group ${model.number}`,
      "  Packets refused",
      ...Object.entries(REFUSALS).map(
        ([reason, words]) => `    ${reason.padEnd(16)} ${String(counts.get(reason) ?? 0).padStart(10)}  ${words}`,
      ),
    ];
  });
}
