/**
 * Whether a configuration makes sense as a whole. An error refuses the line that brought it about; a warning is told
 * and the line is taken.
 *
 * What may be completed by a later line (a crypto map whose access list is still to come) is neither: it is
 * incomplete, as IOS treats it.
 */
import { ipv4Prefixes } from "../net/net-model.ts";
import { formatPrefix, networkOf, type Prefix, prefixesOverlap } from "../wire/prefix.ts";
import type { Config } from "./config.ts";
import { error, type HostFacts, type Problem } from "./problem.ts";
import { verifyHsrp } from "./verify-hsrp.ts";
import { verifyRedundancy } from "./verify-redundancy.ts";

type Rule = (config: Config, facts: HostFacts) => Problem[];

const rules: readonly Rule[] = [overlaps, sameDevice, verifyHsrp, verifyRedundancy];

export function verify(config: Config, facts: HostFacts): Problem[] {
  return rules.flatMap(rule => rule(config, facts));
}

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
