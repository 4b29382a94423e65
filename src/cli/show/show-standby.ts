/**
 * `show standby [all]`: a group as the article prints it. Parsers of these lines fail on a line that they do not know,
 * so what IOS has no line for (the gate, counters) is shown by commands of its own, and that a group follows another
 * stands behind its state.
 */

import { formatVirtual } from "../../core/hsrp/hsrp-group-lines.ts";
import type { SeenRouter } from "../../core/hsrp/hsrp-machine.ts";
import { HSRP_DEFAULTS, type HsrpGroupModel } from "../../core/hsrp/hsrp-model.ts";
import { STATE_NAMES } from "../../core/hsrp/hsrp-names.ts";
import { globalsOf, isOfIpv6, linkLocalOf, macOfModel } from "../../core/hsrp/virtual-ipv6.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import { groupName, initReason, isDisabled, type ShownGroup } from "./standby-groups.ts";
import { sinceText } from "./times.ts";

export function showStandby(groups: readonly ShownGroup[], all: boolean): string[] {
  return groups.filter(each => all || !isDisabled(each)).flatMap(groupLines);
}

function groupLines(group: ShownGroup): string[] {
  const { hsrp, model, running } = group;
  const version = hsrp.version === 2 ? " (version 2)" : "";
  return [
    `${group.interface} - Group ${model.number}${version}`,
    ...[
      stateLine(group),
      changesLine(group),
      ...addressLines(group),
      ...macLines(group),
      timerLine(group),
      running?.nextHelloMs === undefined ? undefined : `Next hello sent in ${seconds(running.nextHelloMs)} secs`,
      authenticationLine(group),
      preemptionLine(group),
      `Active router is ${routerText(running, "active")}`,
      `Standby router is ${routerText(running, "standby")}`,
      priorityLine(group),
      ...trackLines(group),
      `Group name is "${groupName(group)}" (${model.name === undefined ? "default" : "cfgd"})`,
    ]
      .filter(line => line !== undefined)
      .map(line => `  ${line}`),
  ];
}

/** `State is Init (interface down)`. */
function stateLine(group: ShownGroup): string {
  if (isDisabled(group)) return "State is Disabled";
  const { running, model } = group;
  const state = running?.state ?? "initial";
  const leader = running === undefined ? model.follow : running.leader;
  const reason =
    (state === "initial" ? initReason(group) : undefined) ??
    (leader === undefined ? undefined : `following "${leader}"`);
  return `State is ${STATE_NAMES[state]}${reason === undefined ? "" : ` (${reason})`}`;
}

function changesLine({ running }: ShownGroup): string | undefined {
  if (running === undefined || running.changes === 0) return undefined;
  const { changes, sinceChangeMs } = running;
  return `${changes} state change${changes === 1 ? "" : "s"}, last state change ${sinceText(sinceChangeMs)}`;
}

function addressLines({ model, running }: ShownGroup): string[] {
  if (isOfIpv6(model)) return ipv6Lines(model);
  const virtual = virtualAddressOf({ model, running });
  const learnt = model.address === "learn" && virtual !== undefined ? " (learnt)" : "";
  return [
    `Virtual IP address is ${virtual ?? "unknown"}${learnt}`,
    ...model.secondaries.map(address => `Secondary virtual IP address ${address}`),
  ];
}

/** `impl`: nobody asked for the link-local address, but a global one needs it. */
function ipv6Lines(model: HsrpGroupModel): string[] {
  const { ipv6LinkLocal: given } = model;
  const origin = given === undefined ? "impl auto EUI64" : given === "autoconfig" ? "conf auto EUI64" : "conf";
  const linkLocal = linkLocalOf(model)?.toUpperCase();
  return [
    `Link-Local Virtual IPv6 address is ${linkLocal} (${origin})`,
    ...globalsOf(model).map(prefix => `  Virtual IPv6 address ${formatVirtual(prefix).toUpperCase()}`),
  ];
}

/** The address that hosts use now: configured, derived, or learned from the active. */
export function virtualAddressOf({ model, running }: Pick<ShownGroup, "model" | "running">): IpAddress | undefined {
  if (running?.virtualAddress !== undefined) return running.virtualAddress;
  if (model.address !== undefined) return model.address === "learn" ? undefined : model.address;
  return linkLocalOf(model);
}

function macLines({ hsrp, model, status, running }: ShownGroup): string[] {
  const own = hsrp.useBia ? status?.macAddress : undefined;
  const local = own ?? macOfModel(hsrp.version, model);
  const defaultMac = `v${hsrp.version}${isOfIpv6(model) ? " IPv6" : ""} default`;
  const origin = own !== undefined ? "bia" : model.macAddress !== undefined ? "cfgd" : defaultMac;
  // With use-bia the other member answers with an address that its hellos do not tell in every version.
  const known = running?.state === "active" || (running?.active !== undefined && own === undefined);
  return [
    `Active virtual MAC address is ${known ? local : "unknown"}`,
    `Local virtual MAC address is ${local} (${origin})`,
  ];
}

function timerLine({ model, running }: ShownGroup): string {
  const { helloMs, holdMs } = running ?? model.timers;
  const hello = `Hello time ${timeText(helloMs)}${configuredText(helloMs, model.timers.helloMs)}`;
  return `${hello}, hold time ${timeText(holdMs)}${configuredText(holdMs, model.timers.holdMs)}`;
}

function timeText(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000} sec` : `${milliseconds} msec`;
}

/** What was configured, where the active's hellos said otherwise. */
function configuredText(usedMs: number, configuredMs: number): string {
  return usedMs === configuredMs ? "" : ` (cfgd ${configuredMs} msec)`;
}

/** The text is in every packet for all to read and IOS prints it; a key is in none and is never printed. */
function authenticationLine({ model: { authentication } }: ShownGroup): string | undefined {
  switch (authentication?.kind) {
    case undefined:
      return undefined;
    case "text":
      return `Authentication text, string "${authentication.text}"`;
    case "md5-string":
      return "Authentication MD5, key-string";
    case "md5-chain":
      return `Authentication MD5, key-chain "${authentication.chain}"`;
  }
}

function preemptionLine({ model: { preempt } }: ShownGroup): string {
  if (preempt === undefined) return "Preemption disabled";
  const delays = [
    ["min", preempt.minimumSeconds],
    ["reload", preempt.reloadSeconds],
    ["sync", preempt.syncSeconds],
  ] as const;
  const said = delays.filter(([, amount]) => amount > 0).map(([word, amount]) => `${word} ${amount} secs`);
  return `Preemption enabled${said.length === 0 ? "" : `, delay ${said.join(", ")}`}`;
}

/** `local`, `unknown`, or the address with what its hellos said. */
function routerText(running: ShownGroup["running"], role: "active" | "standby"): string {
  if (running?.state === role) return "local";
  const seen: SeenRouter | undefined = running?.[role];
  if (running === undefined || seen === undefined) return "unknown";
  const expires = role === "active" ? running.activeExpiresMs : running.standbyExpiresMs;
  const until = expires === undefined ? "" : ` (expires in ${seconds(expires)} sec)`;
  return `${shownAddress(seen.address)}, priority ${seen.priority}${until}`;
}

function priorityLine({ model, running }: ShownGroup): string {
  const word = model.priority === HSRP_DEFAULTS.priority ? "default" : "configured";
  return `Priority ${running?.priority ?? model.priority} (${word} ${model.priority})`;
}

function trackLines({ model, tracks }: ShownGroup): string[] {
  return [...model.tracks]
    .sort(([a], [b]) => a - b)
    .map(([object, effect]) => {
      const found = tracks.get(object);
      if (found === undefined) return `Track object ${object} (unknown)`;
      const what = effect === "shutdown" ? "shutdown" : `decrement ${effect.decrement}`;
      return `Track object ${object} state ${found.state === "up" ? "Up" : "Down"} ${what}`;
    });
}

/** IOS writes the digits of IPv6 in upper case. */
export function shownAddress(address: IpAddress): string {
  return address.toUpperCase();
}

/** `1.936`. */
function seconds(milliseconds: number): string {
  return (Math.max(0, milliseconds) / 1000).toFixed(3);
}
