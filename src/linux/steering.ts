/**
 * Steering in the kernel: nexthop objects, the two tables, the rules that lead to them. CAP_NET_ADMIN.
 *
 * All of it carries our protocol number and outlives this process, which is the point. Our tables are ours alone, so
 * their routes are read once and then remembered; what the kernel takes away by itself (routes go with their nexthop,
 * a nexthop with its link) is found by looking at the nexthops.
 */
import { STATIC_ROUTE_PROTOCOL } from "../core/net/kernel-view.ts";
import {
  type NexthopTarget,
  STEERING_METRICS,
  STEERING_NEXTHOPS,
  STEERING_PRIORITIES,
  STEERING_TABLES,
  type SteeringRoute,
  type SteeringRule,
  type SteeringStep,
  type SteeringTable,
  type SteeringView,
} from "../core/net/steering.ts";
import { formatPrefix } from "../core/wire/prefix.ts";
import { RouteTable } from "./netlink/constants.ts";
import { listLinks } from "./netlink/link.ts";
import { addNexthop, listNexthops, type NewNexthop, removeNexthop, replaceNexthop } from "./netlink/nexthop.ts";
import type { Request } from "./netlink/request.ts";
import { listRoutes, type NewRoute, type Route, removeRoute, replaceRoute } from "./netlink/route.ts";
import { Rtnetlink } from "./netlink/rtnetlink.ts";
import { appendRule, listRules, type Rule, removeRule } from "./netlink/rule.ts";

const TABLES = Object.keys(STEERING_TABLES) as SteeringTable[];
/** Beyond the last that this product could have given. */
const NEXTHOPS_END = STEERING_NEXTHOPS + 0x1_0000;
/** RTPROT_KERNEL: the local table's rule is the kernel's own, and stays so. */
const KERNEL_PROTOCOL = 2;

export class LinuxSteering {
  readonly #rtnetlink = new Rtnetlink();
  /** As far as known, by table, prefix and rank; `undefined` before they were read. */
  #routes: Map<string, SteeringRoute> | undefined;

  /** Throws a `SystemError`. */
  view(): SteeringView {
    const rules = this.#rtnetlink.request(listRules(4));
    const links = this.#rtnetlink.request(listLinks());
    const nexthops = this.#rtnetlink
      .request(listNexthops())
      .map(({ id }) => id)
      .filter(id => id >= STEERING_NEXTHOPS && id < NEXTHOPS_END);
    return {
      links: links.map(({ index, name, kind, parent }) => ({
        index,
        device: name,
        // Of a veth this is the other end, perhaps of another namespace.
        parent: kind === "macvlan" ? parent : undefined,
      })),
      nexthops,
      routes: this.#routesWith(new Set(nexthops)),
      rules: rules.filter(each => each.protocol === STATIC_ROUTE_PROTOCOL).flatMap(each => steeringRule(each) ?? []),
      localFirst: localFirst(rules),
    };
  }

  /** Throws a `SystemError`; what is known of the routes is then read again. */
  perform(step: SteeringStep): void {
    try {
      for (const request of requestsOf(step)) this.#rtnetlink.request(request);
      this.#remember(step);
    } catch (error) {
      this.#routes = undefined;
      throw error;
    }
  }

  close(): void {
    this.#rtnetlink.close();
  }

  #routesWith(nexthops: ReadonlySet<number>): SteeringRoute[] {
    this.#routes ??= new Map(this.#read().map(route => [placeOf(route), route]));
    for (const [key, { to }] of this.#routes) {
      if (typeof to !== "string" && !nexthops.has(to.nexthop)) this.#routes.delete(key);
    }
    return [...this.#routes.values()];
  }

  #read(): SteeringRoute[] {
    return TABLES.flatMap(table =>
      this.#rtnetlink.request(listRoutes(STEERING_TABLES[table])).flatMap(route => steeringRoute(table, route) ?? []),
    );
  }

  #remember(step: SteeringStep): void {
    if (step.do === "set-routes") for (const route of step.routes) this.#routes?.set(placeOf(route), route);
    else if (step.do === "remove-routes") for (const route of step.routes) this.#routes?.delete(placeOf(route));
  }
}

/** What a takeover does to the kernel, whatever it protects: one object points elsewhere. */
export function pointNexthop(id: number, target: NexthopTarget): Request<void> {
  return replaceNexthop(newNexthop(id, target));
}

function requestsOf(step: SteeringStep): Request<void>[] {
  switch (step.do) {
    case "add-nexthop":
      return [addNexthop(newNexthop(step.id, step.target))];
    case "remove-nexthop":
      return [removeNexthop(step.id)];
    case "set-routes":
      return step.routes.map(route => replaceRoute(newRoute(route)));
    case "remove-routes":
      return step.routes.map(route => removeRoute(newRoute(route)));
    case "add-steering-rule":
      return [appendRule(ruleOf(step.rule))];
    case "remove-steering-rule":
      return [removeRule(ruleOf(step.rule))];
    case "local-after-guard":
      return [appendRule(LOCAL_RULE), removeRule(LOCAL_RULE)];
  }
  return step satisfies never;
}

/** What every host has; of two alike the kernel removes the first, so the one that is left stands behind our guard. */
const LOCAL_RULE: Rule = {
  family: 4,
  priority: STEERING_PRIORITIES.guard,
  action: "table",
  table: RouteTable.local,
  protocol: KERNEL_PROTOCOL,
};

function newNexthop(id: number, { linkIndex, via }: NexthopTarget): NewNexthop {
  return { id, family: 4, to: via === undefined ? { linkIndex } : { linkIndex, via }, protocol: STATIC_ROUTE_PROTOCOL };
}

function newRoute({ table, prefix, to }: SteeringRoute): NewRoute {
  const common = { prefix, table: STEERING_TABLES[table], protocol: STATIC_ROUTE_PROTOCOL };
  return typeof to === "string"
    ? { ...common, kind: to, metric: STEERING_METRICS.twin }
    : { ...common, nexthop: to.nexthop, metric: STEERING_METRICS.route };
}

/** `undefined` for what is not ours. */
function steeringRoute(table: SteeringTable, { prefix, kind, nexthop, metric }: Route): SteeringRoute | undefined {
  if (metric === STEERING_METRICS.route && nexthop !== undefined) return { table, prefix, to: { nexthop } };
  const known = kind === "unreachable" || kind === "blackhole" || kind === "throw";
  return metric === STEERING_METRICS.twin && known ? { table, prefix, to: kind } : undefined;
}

const TABLE_NUMBERS = { ...STEERING_TABLES, main: RouteTable.main, local: RouteTable.local } as const;
const TABLE_NAMES: ReadonlyMap<number, keyof typeof TABLE_NUMBERS> = new Map(
  Object.entries(TABLE_NUMBERS).map(([name, number]) => [number, name as keyof typeof TABLE_NUMBERS]),
);

function ruleOf({ table, ...rest }: SteeringRule): Rule {
  return { family: 4, ...rest, action: "table", table: TABLE_NUMBERS[table], protocol: STATIC_ROUTE_PROTOCOL };
}

/** `undefined` for a rule that leads to no table of ours; such were there before this steering was. */
function steeringRule(rule: Rule): SteeringRule | undefined {
  const table = TABLE_NAMES.get(rule.table ?? 0);
  if (rule.action !== "table" || table === undefined) return undefined;
  const { priority, mark, suppressGroup, inInterface } = rule;
  return {
    priority,
    table,
    ...(mark !== undefined && { mark }),
    ...(suppressGroup !== undefined && { suppressGroup }),
    ...(inInterface !== undefined && { inInterface }),
  };
}

function localFirst(rules: readonly Rule[]): boolean {
  const ours = (rule: Rule): boolean => rule.protocol === STATIC_ROUTE_PROTOCOL;
  const local = rules.findIndex(rule => rule.table === RouteTable.local && !ours(rule));
  const guard = rules.findIndex(({ table }) => table === STEERING_TABLES.guard);
  return guard !== -1 && local !== -1 && local < guard;
}

function placeOf({ table, prefix, to }: SteeringRoute): string {
  return `${table} ${formatPrefix(prefix)} ${typeof to === "string"}`;
}
