/** Sees to it that what has keys of its own in the file has SAs, and that nothing else has. */
import type { Config } from "../../core/config/config.ts";
import type { WantedProtection } from "../../core/config/wanted-protection.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import type { ProtectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import { newReservation, SEQUENCE_JUMP } from "../../core/ipsec/sequence-reservation.ts";
import type { ChildSaKeeper } from "./child-sa-keeper.ts";
import { memberOf } from "./fast-path-door.ts";
import { manualChild } from "./manual-child.ts";
import { type ManualTunnel, manualTunnelFor, misfit } from "./manual-keys.ts";

export interface ManualKeying {
  readonly tunnels: readonly ManualTunnel[];
  readonly traffic: readonly ProtectedTraffic[];
  readonly wanted: WantedProtection;
  readonly config: Config;
  readonly children: ChildSaKeeper;
}

/** Returns what does not fit, as sentences. */
export function keyManually({ tunnels, traffic, wanted, config, children }: ManualKeying): string[] {
  const problems: string[] = [];
  const keyed = new Map<number, ChildSa>();
  for (const each of traffic) {
    const tunnel = manualTunnelFor(tunnels, each);
    if (tunnel === undefined || each.part) continue;
    const child = childFor(tunnel, each, wanted, config);
    if (typeof child === "string") problems.push(child);
    else keyed.set(child.spi, child);
  }
  const stale = children.children.filter(each => each.ike === undefined && !isSame(each, keyed.get(each.spi)));
  for (const { spi } of stale) children.remove(spi);
  for (const child of keyed.values()) {
    if (children.find(child.spi) !== undefined) continue;
    // Nobody tells the second member what the first has used: it begins where the first cannot come.
    const acknowledged = newReservation(child.esn).acknowledged + memberOf(config) * 2 * SEQUENCE_JUMP;
    children.install(child, { acknowledged });
    children.enable(child.spi);
  }
  return problems;
}

function childFor(
  tunnel: ManualTunnel,
  traffic: ProtectedTraffic,
  { applied }: WantedProtection,
  { ipsec }: Config,
): ChildSa | string {
  const at = applied.find(each => each.interface === traffic.interface && each.map === traffic.map);
  if (at?.localAddress === undefined) return `manual keys of ${traffic.map}: its interface has no address`;
  return misfit(tunnel, traffic, ipsec) ?? manualChild(tunnel, traffic, ipsec, at.localAddress);
}

function isSame(a: ChildSa, b: ChildSa | undefined): boolean {
  return a.owner === b?.owner && a.traffic === b.traffic && a.local === b.local && a.remote === b.remote;
}
