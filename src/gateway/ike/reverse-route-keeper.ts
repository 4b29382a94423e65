/**
 * Reverse routes in the host's main table: what is wanted is there, nothing else of ours is. They carry a protocol
 * number of their own, so that what a gateway left behind is found by the next one. A tag is the route's realm, the one
 * number beside the metric that the kernel keeps with a route for others; where it keeps none, the route has no tag.
 */
import { SystemError } from "../../core/errors.ts";
import type { ReverseRouteWish } from "../../core/ipsec/reverse-routes.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { REVERSE_ROUTE_PROTOCOL } from "../../core/net/kernel-view.ts";
import { isIpv4 } from "../../core/wire/address.ts";
import { formatPrefix, prefixContains } from "../../core/wire/prefix.ts";
import type { MainRoute, MainTable } from "../../linux/main-routes.ts";

export type RouteTable = Pick<MainTable, "routes" | "add" | "remove">;

export class ReverseRouteKeeper {
  readonly #table: RouteTable;
  readonly #report: (event: LogEvent) => void;
  #told = "";
  /** Until the kernel refuses one. */
  #tags = true;

  constructor(table: RouteTable, report: (event: LogEvent) => void) {
    this.#table = table;
    this.#report = report;
  }

  /** What moves is removed before it is added: the kernel has one route of a prefix and metric. */
  follow(wishes: readonly ReverseRouteWish[]): void {
    const all = this.#table.routes();
    const ours = all.filter(each => each.protocol === REVERSE_ROUTE_PROTOCOL);
    const others = all.filter(each => each.protocol !== REVERSE_ROUTE_PROTOCOL);
    const wanted = wishes.flatMap(wish => this.#routeOf(wish, others) ?? []);
    const [there, asked] = [new Set(ours.map(keyOf)), new Set(wanted.map(keyOf))];
    const problems: string[] = [];
    const attempt = (deed: () => void): void => {
      try {
        deed();
      } catch (error) {
        if (!(error instanceof SystemError)) throw error;
        problems.push(error.message);
      }
    };
    for (const route of ours) if (!asked.has(keyOf(route))) attempt(() => this.#table.remove(route));
    for (const route of wanted) if (!there.has(keyOf(route))) attempt(() => this.#add(route));
    const told = problems.join("; ");
    if (told !== "" && told !== this.#told)
      this.#report(log.sys.kernelRefused({ what: "follow the reverse routes", reason: told }));
    this.#told = told;
  }

  #add(route: MainRoute): void {
    try {
      this.#table.add(route);
    } catch (error) {
      if (!(error instanceof SystemError) || route.realm === undefined) throw error;
      // Without its tag it is worth more than not at all. Where even that fails, the tag was not what was wrong.
      this.#table.add({ ...route, realm: undefined });
      this.#tags = false;
      throw error;
    }
  }

  /** The way to the peer: by the longest prefix, then the smallest metric. `undefined` while there is none. */
  #routeOf({ prefix, towards, metric, tag }: ReverseRouteWish, others: readonly MainRoute[]): MainRoute | undefined {
    const [way] = others
      .filter(each => each.linkIndex !== undefined && prefixContains(each.prefix, towards))
      .sort((a, b) => b.prefix.length - a.prefix.length || a.metric - b.metric);
    if (way === undefined) return undefined;
    return {
      prefix,
      protocol: REVERSE_ROUTE_PROTOCOL,
      metric,
      via: way.via ?? towards,
      linkIndex: way.linkIndex,
      realm: this.#tags && isIpv4(prefix.address) ? tag : undefined,
    };
  }
}

function keyOf({ prefix, metric, via, linkIndex, realm }: MainRoute): string {
  return `${formatPrefix(prefix)} ${metric} ${via} ${linkIndex} ${realm}`;
}
