/** Sees to it that what has keys of its own in the file has SAs, and that nothing else has. */
import type { Config } from "../../core/config/config.ts";
import type { WantedProtection } from "../../core/config/wanted-protection.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import { encodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import type { ProtectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import { newReservation, SEQUENCE_JUMP } from "../../core/ipsec/sequence-reservation.ts";
import { childKey } from "../../core/redundancy/replication-port.ts";
import type { Outlet } from "../outlet.ts";
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
  /** Another member makes the SAs of this owner, and this one is told of them. */
  readonly waits: (owner: string) => boolean;
  /** Somebody was active for this owner before, and may have used numbers that nobody knows. */
  readonly spent: (owner: string) => boolean;
  readonly replicated: (owner: string) => boolean;
  readonly outlet: Outlet;
  readonly now: () => number;
}

/** Returns what does not fit, as sentences. */
export function keyManually(keying: ManualKeying): string[] {
  const { tunnels, traffic, wanted, config, children } = keying;
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
    if (children.find(child.spi) !== undefined || keying.waits(child.owner)) continue;
    if (keying.spent(child.owner))
      problems.push(`manual keys of ${child.traffic}: they were used before, by whom is lost`);
    else place(child, keying);
  }
  return problems;
}

/** As IKE would: what the standby must have first, then the SAs. */
function place(child: ChildSa, { children, config, replicated, outlet, now }: ManualKeying): void {
  // Where nobody tells the second member what the first has used, it begins where the first cannot come.
  const apart = replicated(child.owner) ? 0 : memberOf(config) * 2 * SEQUENCE_JUMP;
  const acknowledged = newReservation(child.esn).acknowledged + apart;
  const put = { kind: "child", key: childKey(child.spi), esn: child.esn, octets: encodeChildSa(child, now()) } as const;
  const install = (): void => {
    children.install(child, { acknowledged });
    children.enable(child.spi);
  };
  outlet.decided(child.owner, `manual ${child.spi}`, [
    { do: "checkpoint", checkpoint: { put } },
    { do: "perform", effect: install, reveals: true },
  ]);
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
