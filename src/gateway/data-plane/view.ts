/** The data plane as a session sees it, put together from the SPD, the SAD and the counters, read in one go. */
import type { Config } from "../../core/config/config.ts";
import type { DataPlaneView, SaView } from "../../core/ipsec/data-plane-view.ts";
import { remaining } from "../../core/ipsec/lifetimes.ts";
import type { KernelView } from "../../core/net/kernel-view.ts";
import { deviceOf } from "../../core/net/wanted-net.ts";
import { monotonicMs } from "../../linux/clock.ts";
import type { DataPlaneService } from "./data-plane-service.ts";

const DEFAULT_MTU = 1_500;

export function dataPlaneView(service: DataPlaneService, config: Config, host: KernelView): DataPlaneView {
  const { plane, spd, sad, wanted, failed } = service;
  const entries = [...sad];
  const counted = service.counters(entries.map(({ sa }) => sa));
  const now = monotonicMs();
  const views = new Map<number, SaView[]>();
  for (const [at, { sa, bundle }] of entries.entries()) {
    const counters = counted[at];
    if (counters === undefined) continue;
    const view = { sa, counters, remaining: remaining(sa.limits, counters.octets, now) };
    views.set(bundle, [...(views.get(bundle) ?? []), view]);
  }
  const flows = spd.protected.map(({ bundle, traffic }) => {
    const applied = wanted?.applied.find(each => each.interface === traffic.interface && each.map === traffic.map);
    const model = config.net.interfaces.get(traffic.interface);
    const device = model && deviceOf(model);
    return {
      traffic,
      localAddress: applied?.localAddress,
      active: service.isActive(traffic.owner),
      mtu: host.links.find(link => link.device === device)?.mtu ?? DEFAULT_MTU,
      sas: views.get(bundle) ?? [],
    };
  });
  const status = plane && { facts: plane.facts, totals: plane.totals(), drops: plane.drops() };
  return { plane: status, failed, flows };
}
