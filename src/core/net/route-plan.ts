/**
 * Static routes: which of the configured ones can be installed, and what differs from what the kernel has.
 *
 * A route stands while its next hop can be reached over a link that is up, itself over a connected network or another
 * static route; of several to one prefix
 * the one with the smallest distance that resolves is installed.
 */
import { familyOf, type IpAddress } from "../wire/address.ts";
import { formatPrefix, networkOf, prefixContains } from "../wire/prefix.ts";
import { type KernelRoute, type KernelView, STATIC_ROUTE_PROTOCOL } from "./kernel-view.ts";
import type { NetStep, PlannedRoute, WantedRoute } from "./net-steps.ts";

/** The steps from the static routes that the kernel has to those that can be installed now. */
export function planRoutes(wanted: readonly WantedRoute[], kernel: KernelView): NetStep[] {
  const planned = new Map<string, PlannedRoute>();
  for (const route of [...wanted].sort((a, b) => a.distance - b.distance)) {
    const key = formatPrefix(route.prefix);
    if (planned.has(key)) continue;
    const resolved = resolveRoute(route, wanted, kernel);
    if (resolved) planned.set(key, resolved);
  }
  const ours = kernel.routes.filter(route => route.protocol === STATIC_ROUTE_PROTOCOL);
  const stale = ours.filter(route => !sameRoute(route, planned.get(formatPrefix(route.prefix))));
  const missing = [...planned.values()].filter(route => !ours.some(each => sameRoute(each, route)));
  return [
    ...stale.map(
      (route): NetStep => ({
        do: "remove-route",
        route: { ...route, kind: route.kind === "blackhole" ? "blackhole" : "unicast" },
      }),
    ),
    ...missing.map((route): NetStep => ({ do: "add-route", route })),
  ];
}

function sameRoute(route: KernelRoute, planned: PlannedRoute | undefined): boolean {
  return (
    planned !== undefined &&
    formatPrefix(route.prefix) === formatPrefix(planned.prefix) &&
    route.kind === planned.kind &&
    route.via === planned.via &&
    route.metric === planned.metric &&
    (planned.linkIndex === undefined || route.linkIndex === planned.linkIndex)
  );
}

/** A next hop may itself be reached over a static route; deeper than this is a loop. */
const RECURSION_LIMIT = 4;

function resolveRoute(route: WantedRoute, all: readonly WantedRoute[], kernel: KernelView): PlannedRoute | undefined {
  const base = { prefix: networkOf(route.prefix), metric: route.distance, via: undefined, linkIndex: undefined };
  if (route.discard) return { ...base, kind: "blackhole" };
  if (route.via === undefined) {
    const link = kernel.links.find(each => each.device === route.device);
    return link?.up ? { ...base, kind: "unicast", linkIndex: link.index } : undefined;
  }
  const hop = resolveNextHop(route.via, all, kernel, RECURSION_LIMIT);
  return hop && { ...base, kind: "unicast", ...hop };
}

function resolveNextHop(
  via: IpAddress,
  all: readonly WantedRoute[],
  kernel: KernelView,
  depth: number,
): { via: IpAddress; linkIndex: number } | undefined {
  const connected = kernel.addresses
    .filter(each => familyOf(each.prefix.address) === familyOf(via) && prefixContains(each.prefix, via))
    .sort((a, b) => b.prefix.length - a.prefix.length)
    .find(each => each.prefix.address !== via && kernel.links.some(link => link.index === each.linkIndex && link.up));
  if (connected) return { via, linkIndex: connected.linkIndex };
  if (depth === 0) return undefined;
  const [over] = all
    .filter(each => each.via !== undefined && each.prefix.length > 0 && familyOf(each.prefix.address) === familyOf(via))
    .filter(each => prefixContains(each.prefix, via) && each.via !== via)
    .sort((a, b) => b.prefix.length - a.prefix.length || a.distance - b.distance);
  return over?.via === undefined ? undefined : resolveNextHop(over.via, all, kernel, depth - 1);
}
