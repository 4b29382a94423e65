/**
 * The steps from the steering that the kernel has to the one that is wanted, in two halves: what must stand before the
 * interfaces change, and what may go only afterwards. Twins come before routes, routes before the rules that use them,
 * and everything goes the other way round, so that at no moment a protected packet leaves in clear.
 *
 * Where a nexthop object points is the liveness thread's to change; a plan makes one only where there is none.
 */
import type { IpAddress } from "../wire/address.ts";
import { formatPrefix, type Prefix, prefixContains, widthOf } from "../wire/prefix.ts";
import { CRYPTO_LINK_GROUP } from "./kernel-view.ts";
import {
  GUARD_NEXTHOP,
  STEERING_MARK,
  STEERING_PRIORITIES,
  type SteeringRoute,
  type SteeringRule,
  type SteeringStep,
  type SteeringView,
  type WantedSteering,
} from "./steering.ts";

export interface SteeringPlan {
  readonly before: readonly SteeringStep[];
  readonly after: readonly SteeringStep[];
}

export function planSteering(wanted: WantedSteering, kernel: SteeringView): SteeringPlan {
  const nexthops = planNexthops(wanted, kernel);
  const routes = planRoutes(wanted, kernel, nexthops.there);
  const rules = planRules(wanted, kernel);
  return {
    before: [...setRoutes(routes.twins), ...nexthops.add, ...setRoutes(routes.add), ...rules.add],
    after: [...rules.remove, ...removeRoutes(routes.remove), ...nexthops.remove],
  };
}

/** The devices themselves and what is stacked on them: a virtual MAC's packets arrive on its macvlan. */
export function guardedDevices(guarded: readonly string[], { links }: Pick<SteeringView, "links">): string[] {
  const below = new Set(links.filter(link => guarded.includes(link.device)).map(link => link.index));
  return links
    .filter(link => below.has(link.index) || (link.parent !== undefined && below.has(link.parent)))
    .map(link => link.device);
}

function planNexthops(
  wanted: WantedSteering,
  kernel: SteeringView,
): { add: SteeringStep[]; remove: SteeringStep[]; there: ReadonlySet<number> } {
  const has = new Set(kernel.nexthops);
  const asked = new Set(wanted.nexthops.map(each => each.id));
  const add = wanted.nexthops.flatMap(({ id, target }): SteeringStep[] =>
    has.has(id) || target === undefined ? [] : [{ do: "add-nexthop", id, target }],
  );
  const made = wanted.nexthops.filter(({ id, target }) => has.has(id) || target !== undefined);
  return {
    add,
    remove: kernel.nexthops.filter(id => !asked.has(id)).map((id): SteeringStep => ({ do: "remove-nexthop", id })),
    there: new Set(made.map(each => each.id)),
  };
}

/** A route without its nexthop object cannot be; its twin alone then says that nothing goes there. */
function planRoutes(
  wanted: WantedSteering,
  kernel: SteeringView,
  nexthops: ReadonlySet<number>,
): { twins: SteeringRoute[]; add: SteeringRoute[]; remove: SteeringRoute[] } {
  const routes = wantedRoutes(wanted).filter(({ to }) => typeof to === "string" || nexthops.has(to.nexthop));
  const asked = new Set(routes.map(placeOf));
  const has = new Set(kernel.routes.map(routeKey));
  const missing = routes.filter(route => !has.has(routeKey(route)));
  return {
    twins: missing.filter(({ to }) => typeof to === "string"),
    add: missing.filter(({ to }) => typeof to !== "string"),
    remove: kernel.routes.filter(route => !asked.has(placeOf(route))),
  };
}

function wantedRoutes({ outbound, guard, outer }: WantedSteering): SteeringRoute[] {
  const own = outer.filter(address => guard.some(prefix => prefixContains(prefix, address)));
  return [
    ...own.map((address): SteeringRoute => ({ table: "guard", prefix: hostPrefix(address), to: "throw" })),
    ...outbound.flatMap(({ prefix, nexthop }): SteeringRoute[] => [
      { table: "outbound", prefix, to: { nexthop } },
      { table: "outbound", prefix, to: "unreachable" },
    ]),
    ...guard
      .filter(prefix => !own.some(address => isHost(prefix, address)))
      .flatMap((prefix): SteeringRoute[] => [
        { table: "guard", prefix, to: { nexthop: GUARD_NEXTHOP } },
        { table: "guard", prefix, to: "blackhole" },
      ]),
  ];
}

function planRules(wanted: WantedSteering, kernel: SteeringView): { add: SteeringStep[]; remove: SteeringStep[] } {
  const rules = wantedRules(wanted, kernel);
  const has = new Set(kernel.rules.map(ruleKey));
  const asked = new Set(rules.map(ruleKey));
  const missing = rules.filter(rule => !has.has(ruleKey(rule)));
  const late = missing.some(isGuard) || (kernel.localFirst && rules.some(isGuard));
  return {
    add: [
      ...missing.map((rule): SteeringStep => ({ do: "add-steering-rule", rule })),
      ...(late ? [{ do: "local-after-guard" } as const] : []),
    ],
    remove: kernel.rules
      .filter(rule => !asked.has(ruleKey(rule)))
      .reverse()
      .map((rule): SteeringStep => ({ do: "remove-steering-rule", rule })),
  };
}

function isGuard(rule: SteeringRule): boolean {
  return rule.priority === STEERING_PRIORITIES.guard;
}

function wantedRules(wanted: WantedSteering, kernel: SteeringView): SteeringRule[] {
  const { guard: priority, marked, elsewhere, outbound } = STEERING_PRIORITIES;
  const devices = wanted.guard.length === 0 ? [] : guardedDevices(wanted.guarded, kernel);
  const guards = devices.map((inInterface): SteeringRule => ({ priority, inInterface, table: "guard" }));
  if (wanted.outbound.length === 0) return guards;
  return [
    ...guards,
    { priority: marked, mark: STEERING_MARK, table: "main" },
    { priority: elsewhere, suppressGroup: CRYPTO_LINK_GROUP, table: "main" },
    { priority: outbound, table: "outbound" },
  ];
}

function hostPrefix(address: IpAddress): Prefix {
  return { address, length: widthOf(address) };
}

function isHost(prefix: Prefix, address: IpAddress): boolean {
  return prefix.address === address && prefix.length === widthOf(address);
}

function setRoutes(routes: readonly SteeringRoute[]): SteeringStep[] {
  return routes.length === 0 ? [] : [{ do: "set-routes", routes }];
}

function removeRoutes(routes: readonly SteeringRoute[]): SteeringStep[] {
  return routes.length === 0 ? [] : [{ do: "remove-routes", routes }];
}

/** What one route can stand at; another there replaces it. */
function placeOf({ table, prefix, to }: SteeringRoute): string {
  return `${table} ${formatPrefix(prefix)} ${typeof to === "string" ? "twin" : "route"}`;
}

function routeKey(route: SteeringRoute): string {
  return `${placeOf(route)} ${typeof route.to === "string" ? route.to : route.to.nexthop}`;
}

function ruleKey(rule: SteeringRule): string {
  const { priority, table, mark, suppressGroup, inInterface } = rule;
  return [priority, table, mark, suppressGroup, inInterface].join(" ");
}
