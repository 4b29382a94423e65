/**
 * Reverse routes in the host's main table: what is wanted is there, nothing else of ours is. They carry a protocol
 * number of their own, so that what a gateway left behind is found by the next one.
 */
import { SystemError } from "../../core/errors.ts";
import type { ReverseRouteWish } from "../../core/ipsec/reverse-routes.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { REVERSE_ROUTE_PROTOCOL } from "../../core/net/kernel-view.ts";
import { formatPrefix, prefixContains } from "../../core/wire/prefix.ts";
import type { MainRoute, MainTable } from "../../linux/main-routes.ts";

export type RouteTable = Pick<MainTable, "routes" | "add" | "remove">;

export class ReverseRouteKeeper {
  readonly #table: RouteTable;
  readonly #report: (event: LogEvent) => void;
  #told = "";

  constructor(table: RouteTable, report: (event: LogEvent) => void) {
    this.#table = table;
    this.#report = report;
  }

  /** Adds what is missing before it removes what is not wanted any more. */
  follow(wishes: readonly ReverseRouteWish[]): void {
    const all = this.#table.routes();
    const ours = all.filter(each => each.protocol === REVERSE_ROUTE_PROTOCOL);
    const others = all.filter(each => each.protocol !== REVERSE_ROUTE_PROTOCOL);
    const wanted = wishes.flatMap(wish => routeOf(wish, others) ?? []);
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
    for (const route of wanted) if (!there.has(keyOf(route))) attempt(() => this.#table.add(route));
    for (const route of ours) if (!asked.has(keyOf(route))) attempt(() => this.#table.remove(route));
    const told = problems.join("; ");
    if (told !== "" && told !== this.#told)
      this.#report(log.sys.kernelRefused({ what: "follow the reverse routes", reason: told }));
    this.#told = told;
  }
}

/** The way to the peer: by the longest prefix, then the smallest metric. `undefined` while there is none. */
function routeOf({ prefix, towards, metric }: ReverseRouteWish, others: readonly MainRoute[]): MainRoute | undefined {
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
  };
}

function keyOf({ prefix, metric, via, linkIndex }: MainRoute): string {
  return `${formatPrefix(prefix)} ${metric} ${via} ${linkIndex}`;
}
