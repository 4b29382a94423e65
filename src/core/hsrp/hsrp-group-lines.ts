/** The lines of one group in `show running-config`, in IOS's order. */
import { word } from "../command/arguments.ts";
import { formatPrefix, type Prefix, widthOf } from "../wire/prefix.ts";
import { HSRP_DEFAULTS, type HsrpGroupModel } from "./hsrp-model.ts";

/** None when everything is as it would be without them. */
export function groupLines(model: HsrpGroupModel): string[] {
  const { timers: each, preempt: when } = model;
  const usual = each.helloMs === HSRP_DEFAULTS.helloMs && each.holdMs === HSRP_DEFAULTS.holdMs;
  const lines = [
    model.address === undefined ? undefined : model.address === "learn" ? "ip" : `ip ${model.address}`,
    ...model.secondaries.map(address => `ip ${address} secondary`),
    model.ipv6LinkLocal && `ipv6 ${model.ipv6LinkLocal}`,
    ...model.ipv6Globals.map(prefix => `ipv6 ${formatVirtual(prefix)}`),
    model.follow && `follow ${model.follow}`,
    usual ? undefined : `timers ${time(each.helloMs, 999)} ${time(each.holdMs, 3000)}`,
    model.priority === HSRP_DEFAULTS.priority ? undefined : `priority ${model.priority}`,
    when && `preempt${delayWords(when)}`,
    authenticationLine(model),
    model.name && `name ${model.name}`,
    ...[...model.tracks].sort(([a], [b]) => a - b).map(([object, effect]) => trackLine(object, effect)),
    model.macAddress && `mac-address ${model.macAddress}`,
  ];
  return lines
    .filter(line => line !== undefined)
    .map(line => `standby ${model.number === 0 ? "" : `${model.number} `}${line}`);
}

/** As it was entered: with a prefix length, or without. */
export function formatVirtual(prefix: Prefix): string {
  return prefix.length === widthOf(prefix.address) ? prefix.address : formatPrefix(prefix);
}

/** Seconds where they say it exactly, as IOS prefers. */
function time(milliseconds: number, msecMost: number): string {
  const exact = milliseconds % 1000 === 0;
  return exact || milliseconds > msecMost ? String(Math.floor(milliseconds / 1000)) : `msec ${milliseconds}`;
}

function delayWords({ minimumSeconds, reloadSeconds, syncSeconds }: NonNullable<HsrpGroupModel["preempt"]>): string {
  const parts = [
    ["minimum", minimumSeconds],
    ["reload", reloadSeconds],
    ["sync", syncSeconds],
  ] as const;
  const said = parts.filter(([, seconds]) => seconds > 0).map(([word, seconds]) => ` ${word} ${seconds}`);
  return said.length === 0 ? "" : ` delay${said.join("")}`;
}

function authenticationLine({ authentication: used }: HsrpGroupModel): string | undefined {
  switch (used?.kind) {
    case undefined:
      return undefined;
    case "text":
      return `authentication text ${word.print?.(used.text)}`;
    case "md5-chain":
      return `authentication md5 key-chain ${used.chain}`;
    case "md5-string": {
      const timeout = used.timeoutSeconds === undefined ? "" : ` timeout ${used.timeoutSeconds}`;
      return `authentication md5 key-string ${word.print?.(used.key)}${timeout}`;
    }
  }
}

function trackLine(object: number, effect: { readonly decrement: number } | "shutdown"): string {
  if (effect === "shutdown") return `track ${object} shutdown`;
  return `track ${object}${effect.decrement === HSRP_DEFAULTS.decrement ? "" : ` decrement ${effect.decrement}`}`;
}
