/**
 * Whether a configuration makes sense as a whole. An error refuses the line that brought it about; a warning is told
 * and the line is taken.
 *
 * What may be completed by a later line (a crypto map whose access list is still to come) is neither: it is
 * incomplete, as IOS treats it.
 */
import type { HsrpGroupModel } from "../hsrp/hsrp-model.ts";
import { ipv4Prefixes } from "../net/net-model.ts";
import { formatPrefix, networkOf, type Prefix, prefixContains, prefixesOverlap } from "../wire/prefix.ts";
import type { Config } from "./config.ts";

export interface Problem {
  readonly severity: "error" | "warning";
  readonly message: string;
}

type Rule = (config: Config) => Problem[];

const rules: readonly Rule[] = [
  overlaps,
  sameDevice,
  groupNumbers,
  virtualAddresses,
  groupNames,
  holdTimes,
  ipv6Groups,
];

export function verify(config: Config): Problem[] {
  return rules.flatMap(rule => rule(config));
}

const error = (message: string): Problem => ({ severity: "error", message });
const warning = (message: string): Problem => ({ severity: "warning", message });

/** Two interfaces on one network would leave open by which of them its hosts are reached. */
function overlaps(config: Config): Problem[] {
  const networks = [...config.net.interfaces.values()].flatMap(each =>
    [...ipv4Prefixes(each), ...each.ipv6].map(prefix => ({ name: each.name, prefix })),
  );
  return networks.flatMap((one, at) =>
    networks
      .slice(at + 1)
      .filter(other => clash(one, other))
      .map(other =>
        error(
          `${networkOf(other.prefix).address} overlaps with ${one.name} ` +
            `(${formatPrefix(one.prefix)} and ${formatPrefix(other.prefix)})`,
        ),
      ),
  );
}

function clash(one: { name: string; prefix: Prefix }, other: { name: string; prefix: Prefix }): boolean {
  if (one.prefix.address === other.prefix.address) return true;
  return one.name !== other.name && prefixesOverlap(one.prefix, other.prefix);
}

function sameDevice(config: Config): Problem[] {
  const seen = new Map<string, string>();
  return [...config.net.interfaces.values()].flatMap(({ name, linuxDevice }) => {
    const device = linuxDevice ?? name;
    const other = seen.get(device);
    seen.set(device, name);
    return other === undefined ? [] : [error(`${other} and ${name} are both mapped to the Linux device ${device}`)];
  });
}

function groupNumbers(config: Config): Problem[] {
  return groups(config)
    .filter(({ version, group }) => version === 1 && group.number > 255)
    .map(({ name, group }) =>
      error(`${name}: group ${group.number} needs 'standby version 2'; version 1 has groups 0 to 255`),
    );
}

function virtualAddresses(config: Config): Problem[] {
  return groups(config).flatMap(({ name, group }) => {
    const model = config.net.interfaces.get(name);
    const prefixes = model ? ipv4Prefixes(model) : [];
    const virtual = [
      ...(group.address === undefined || group.address === "learn" ? [] : [group.address]),
      ...group.secondaries,
    ];
    return virtual.flatMap(address => {
      if (prefixes.some(prefix => prefix.address === address))
        return [error(`${name} group ${group.number}: ${address} is the interface's own address`)];
      const outside = prefixes.length > 0 && !prefixes.some(prefix => prefixContains(prefix, address));
      return outside ? [error(`${name} group ${group.number}: ${address} is not on a network of ${name}`)] : [];
    });
  });
}

function groupNames(config: Config): Problem[] {
  const seen = new Map<string, string>();
  return groups(config).flatMap(({ name, group }) => {
    if (group.name === undefined) return [];
    const where = `${name} group ${group.number}`;
    const other = seen.get(group.name);
    seen.set(group.name, where);
    return other === undefined ? [] : [error(`the name ${group.name} stands for ${other} and ${where}`)];
  });
}

/** Below this a process that the kernel did not run in time looks dead. */
const SAFE_HOLD_MS = 150;

function holdTimes(config: Config): Problem[] {
  return groups(config)
    .filter(({ group }) => group.timers.holdMs < SAFE_HOLD_MS)
    .map(({ name, group }) =>
      warning(
        `${name} group ${group.number}: a hold time of ${group.timers.holdMs} ms is kept ` +
          "only where SCHED_FIFO is permitted",
      ),
    );
}

function ipv6Groups(config: Config): Problem[] {
  return groups(config)
    .filter(({ version, group }) => version === 1 && group.ipv6.length > 0)
    .map(({ name, group }) => error(`${name} group ${group.number}: IPv6 needs 'standby version 2'`));
}

function groups(config: Config): { name: string; version: 1 | 2; group: HsrpGroupModel }[] {
  return [...config.hsrp].flatMap(([name, { version, groups: each }]) =>
    [...each.values()].map(group => ({ name, version, group })),
  );
}
