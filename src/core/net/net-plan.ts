/**
 * What to change on the host so that it is as configured.
 *
 * A plan compares what is wanted with what the kernel has and gives the steps from one to the other. It is made afresh whenever either changes, so it needs no
 * memory of what was tried; its one memory is the undo record: what the host was like before us, and which addresses are ours.
 */
import { familyOf, type IpAddress } from "../wire/address.ts";
import { formatPrefix, networkOf, type Prefix, prefixContains } from "../wire/prefix.ts";
import { type KernelLink, type KernelRoute, type KernelView, STATIC_ROUTE_PROTOCOL } from "./kernel-view.ts";

export interface WantedInterface {
  readonly device: string;
  readonly up: boolean;
  /** `undefined` leaves the device's own. */
  readonly mtu: number | undefined;
  /** The primary first. */
  readonly addresses: readonly Prefix[];
}

export interface WantedRoute {
  readonly prefix: Prefix;
  readonly via: IpAddress | undefined;
  /** A Linux device, for a route without a next hop. */
  readonly device: string | undefined;
  /** `Null0`. */
  readonly discard: boolean;
  /** Also the kernel metric: of several routes to one prefix, the nearest that resolves is installed. */
  readonly distance: number;
}

export interface WantedNet {
  readonly interfaces: readonly WantedInterface[];
  readonly routes: readonly WantedRoute[];
}

/** What the host was like before us. It outlives a crash, so that an orderly exit afterwards still puts everything back. */
export interface UndoRecord {
  readonly links: readonly { readonly device: string; readonly up: boolean; readonly mtu: number }[];
  readonly addresses: readonly { readonly device: string; readonly prefix: Prefix }[];
}

export const NOTHING_TO_UNDO: UndoRecord = { links: [], addresses: [] };

export type NetStep =
  | {
      readonly do: "set-link";
      readonly index: number;
      readonly device: string;
      readonly up?: boolean;
      readonly mtu?: number;
    }
  | {
      readonly do: "add-address" | "remove-address";
      readonly index: number;
      readonly device: string;
      readonly prefix: Prefix;
    }
  | { readonly do: "add-route" | "remove-route"; readonly route: PlannedRoute };

export interface PlannedRoute {
  readonly prefix: Prefix;
  readonly kind: "unicast" | "blackhole";
  readonly via: IpAddress | undefined;
  readonly linkIndex: number | undefined;
  readonly metric: number;
}

export interface NetPlan {
  readonly steps: readonly NetStep[];
  /** Holds once the steps have been tried; to be on disk before they are. */
  readonly undo: UndoRecord;
}

export function planNet(wanted: WantedNet, kernel: KernelView, undo: UndoRecord): NetPlan {
  const links = new Map(kernel.links.map(link => [link.device, link]));
  const next: { links: UndoRecord["links"][number][]; addresses: UndoRecord["addresses"][number][] } = {
    links: [],
    addresses: [],
  };
  const steps: NetStep[] = [];
  for (const each of wanted.interfaces) {
    const link = links.get(each.device);
    if (link === undefined) continue;
    const before = undo.links.find(record => record.device === each.device) ?? {
      device: each.device,
      up: link.up,
      mtu: link.mtu,
    };
    next.links.push(before);
    const addresses = planAddresses(each, link, kernel, undo);
    next.addresses.push(...addresses.ours);
    steps.push(...planLink(link, each.up, each.mtu ?? before.mtu), ...addresses.steps);
  }
  for (const before of undo.links) {
    const link = links.get(before.device);
    if (link === undefined || wanted.interfaces.some(each => each.device === before.device)) continue;
    const nothing = { device: before.device, up: before.up, mtu: before.mtu, addresses: [] };
    steps.push(...planAddresses(nothing, link, kernel, undo).steps, ...planLink(link, before.up, before.mtu));
  }
  return { steps: [...steps, ...planRoutes(wanted.routes, kernel)], undo: next };
}

function planLink(link: KernelLink, up: boolean, mtu: number): NetStep[] {
  const change = { ...(link.mtu !== mtu && { mtu }), ...(link.up !== up && { up }) };
  return Object.keys(change).length === 0
    ? []
    : [{ do: "set-link", index: link.index, device: link.device, ...change }];
}

function planAddresses(
  wanted: WantedInterface,
  link: KernelLink,
  kernel: KernelView,
  undo: UndoRecord,
): { steps: NetStep[]; ours: UndoRecord["addresses"][number][] } {
  const { device } = wanted;
  const there = new Set(
    kernel.addresses.filter(each => each.linkIndex === link.index).map(each => formatPrefix(each.prefix)),
  );
  const ours = new Set(undo.addresses.filter(each => each.device === device).map(each => formatPrefix(each.prefix)));
  const asked = new Set(wanted.addresses.map(formatPrefix));
  const gone = undo.addresses.filter(
    each => each.device === device && there.has(formatPrefix(each.prefix)) && !asked.has(formatPrefix(each.prefix)),
  );
  const fresh = wanted.addresses.filter(prefix => !there.has(formatPrefix(prefix)));
  return {
    steps: [
      ...gone.map(({ prefix }): NetStep => ({ do: "remove-address", index: link.index, device, prefix })),
      ...fresh.map((prefix): NetStep => ({ do: "add-address", index: link.index, device, prefix })),
    ],
    ours: wanted.addresses
      .filter(prefix => ours.has(formatPrefix(prefix)) || !there.has(formatPrefix(prefix)))
      .map(prefix => ({ device, prefix })),
  };
}

function planRoutes(wanted: readonly WantedRoute[], kernel: KernelView): NetStep[] {
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
