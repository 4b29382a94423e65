/** `show crypto ha`: the virtual addresses that phase 1 and phase 2 use, and whether a standby knows their tunnels. */
import type { Config } from "../../core/config/config.ts";
import { groupName, type ShownGroup } from "./standby-groups.ts";

export function showCryptoHa(config: Config, groups: readonly ShownGroup[]): string[] {
  const applied = [...config.appliedMaps.values()].flat().filter(each => each.redundancy !== undefined);
  if (applied.length === 0) return ["No crypto map is bound to an HSRP group"];
  return applied.flatMap(({ map, redundancy, stateful }) => {
    const group = groups.find(each => groupName(each) === redundancy);
    const address = group?.running?.virtualAddress ?? group?.model.address ?? "unknown";
    const replicated = stateful && config.redundancy.schemes.some(each => each === redundancy);
    return [
      `IKE VIP: ${address}`,
      `IPSec VIP: ${address}`,
      `  Crypto map ${map}, group ${redundancy}: tunnels are ${replicated ? "replicated" : "made anew at a takeover"}`,
    ];
  });
}
