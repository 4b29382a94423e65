/**
 * Reverse route injection: which routes to what is behind peers belong into the main table now, so that a routing
 * daemon can tell others.
 *
 * As on IOS an entry with `reverse-route` has a route for what each of its pairs of SAs protects, for as long as there
 * is one; with `static` for what its permits say, for as long as the map is applied. Both only where this member is the
 * active of its owner. Via `remote-peer`, else via the peer itself as the main table reaches it.
 */
import type { IpAddress } from "../wire/address.ts";
import { prefixAround } from "../wire/address-set.ts";
import { formatPrefix, type Prefix } from "../wire/prefix.ts";
import type { Selector } from "../wire/selector.ts";
import type { ProtectedTraffic } from "./crypto-policies.ts";

export interface ReverseRouteWish {
  readonly prefix: Prefix;
  /** Towards whom; the route goes where the main table sends that address. */
  readonly towards: IpAddress;
  readonly interface: string;
  readonly tag: number | undefined;
  readonly metric: number;
}

/** What is up: one pair of SAs. */
export interface UpChild {
  readonly traffic: string;
  readonly owner: string;
  readonly remote: IpAddress;
  readonly selector: Selector;
}

export interface ReverseRouteFacts {
  readonly protected: readonly ProtectedTraffic[];
  readonly up: readonly UpChild[];
  readonly isActive: (owner: string) => boolean;
}

/** Below the 20 that FRR gives its own routes, so that ours is taken where both are. */
const METRIC = 5;
/** Where FRR looks for the administrative distance of a kernel route. */
const DISTANCE_UNIT = 2 ** 24;

/** One for each prefix: of several wishes the first, in the order of the maps. */
export function wantedReverseRoutes({ protected: permits, up, isActive }: ReverseRouteFacts): ReverseRouteWish[] {
  const wishes = new Map<string, ReverseRouteWish>();
  for (const traffic of permits) {
    const { reverseRoute } = traffic.entry;
    if (reverseRoute === undefined || !isActive(traffic.owner)) continue;
    const { tag, distance = 0, remotePeer } = reverseRoute;
    const metric = distance * DISTANCE_UNIT + METRIC;
    const children = up.filter(each => each.traffic === traffic.key && each.owner === traffic.owner);
    const [peer] = traffic.entry.peers;
    const ends = children.map(each => ({ selector: each.selector, peer: each.remote }));
    if (reverseRoute.static && peer !== undefined) ends.push({ selector: traffic.selector, peer });
    for (const each of ends) {
      const prefix = prefixAround(each.selector.destination.addresses);
      const key = formatPrefix(prefix);
      if (wishes.has(key)) continue;
      wishes.set(key, { prefix, towards: remotePeer ?? each.peer, interface: traffic.interface, tag, metric });
    }
  }
  return [...wishes.values()];
}
