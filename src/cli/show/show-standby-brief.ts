/** `show standby brief` and `show standby delay`: one line a group, one line an interface. */
import { compareInterfaces, shortInterface } from "../../core/command/interface-name.ts";
import type { Config } from "../../core/config/config.ts";
import { STATE_NAMES } from "../../core/hsrp/hsrp-names.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import { shownAddress, virtualAddressOf } from "./show-standby.ts";
import { isDisabled, type ShownGroup } from "./standby-groups.ts";

const BRIEF_HEADING = [
  "                     P indicates configured to preempt.",
  "                     |",
  "Interface   Grp  Pri P State   Active          Standby         Virtual IP",
];
/** A longer name stands on a line of its own, so that the columns hold. */
const NAME_WIDTH = 12;

export function showStandbyBrief(groups: readonly ShownGroup[]): string[] {
  return [...BRIEF_HEADING, ...groups.filter(each => !isDisabled(each)).flatMap(briefLines)];
}

function briefLines(group: ShownGroup): string[] {
  const { model, running } = group;
  const name = shortInterface(group.interface);
  const state = running?.state ?? "initial";
  const columns: [string, number][] = [
    [name.length < NAME_WIDTH ? name : "", NAME_WIDTH],
    [String(model.number), 5],
    [String(running?.priority ?? model.priority), 4],
    [model.preempt === undefined ? "" : "P", 2],
    [STATE_NAMES[state], 8],
    [state === "active" ? "local" : addressText(running?.active?.address), 16],
    [state === "standby" ? "local" : addressText(running?.standby?.address), 16],
    [addressText(virtualAddressOf(group)), 0],
  ];
  // Every column keeps a blank behind it, an IPv6 address that fills its own included.
  const line = columns.map(([text, width]) => text.padEnd(width - 1)).join(" ");
  return name.length < NAME_WIDTH ? [line] : [name, line];
}

function addressText(address: IpAddress | undefined): string {
  return address === undefined ? "unknown" : shownAddress(address);
}

export function showStandbyDelay(config: Config): string[] {
  const lines = [...config.hsrp]
    .filter(([, { delaySeconds: each }]) => each.minimum > 0 || each.reload > 0)
    .sort(([a], [b]) => compareInterfaces(a, b))
    .map(([name, { delaySeconds: each }]) => `${name.padEnd(18)} ${String(each.minimum).padEnd(7)} ${each.reload}`);
  return ["Interface          Minimum Reload", ...lines];
}
