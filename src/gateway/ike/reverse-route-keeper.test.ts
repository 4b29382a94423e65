import { expect, test } from "vitest";
import { SystemError } from "../../core/errors.ts";
import { REVERSE_ROUTE_PROTOCOL } from "../../core/net/kernel-view.ts";
import { type IpAddress, parseIp } from "../../core/wire/address.ts";
import { formatPrefix, type Prefix, parsePrefix } from "../../core/wire/prefix.ts";
import type { MainRoute } from "../../linux/main-routes.ts";
import { ReverseRouteKeeper } from "./reverse-route-keeper.ts";

const ip = (text: string): IpAddress => {
  const address = parseIp(text);
  if (address === undefined) throw new Error(text);
  return address;
};
const prefix = (text: string): Prefix => {
  const found = parsePrefix(text);
  if (found === undefined) throw new Error(text);
  return found;
};
const route = (to: string, change: Partial<MainRoute> = {}): MainRoute => ({
  prefix: prefix(to),
  protocol: 4,
  metric: 0,
  via: undefined,
  linkIndex: 2,
  realm: undefined,
  ...change,
});
const WISH = {
  prefix: prefix("172.16.5.0/24"),
  towards: ip("172.16.0.18"),
  interface: "f0/0",
  tag: undefined,
  metric: 5,
};

const refusal = (what: string): SystemError => new SystemError("add the route", {}, new Error(what));

/** As the kernel is: one route of a prefix and metric. */
function following(...routes: MainRoute[]) {
  let table = routes;
  const deeds: string[] = [];
  const reports: string[] = [];
  const kernel = { realms: true };
  const keeper = new ReverseRouteKeeper(
    {
      routes: () => table,
      add: each => {
        if (each.realm !== undefined && !kernel.realms) throw refusal("EINVAL");
        const place = (one: MainRoute): string => `${formatPrefix(one.prefix)} ${one.metric}`;
        if (table.some(other => place(other) === place(each))) throw refusal("EEXIST");
        table = [...table, each];
        const realm = each.realm === undefined ? "" : ` realm ${each.realm}`;
        deeds.push(`+${formatPrefix(each.prefix)} via ${each.via}${realm}`);
      },
      remove: each => {
        table = table.filter(other => other !== each);
        deeds.push(`-${formatPrefix(each.prefix)} via ${each.via}`);
      },
    },
    event => void reports.push(event.text),
  );
  return { keeper, deeds, reports, kernel, table: () => table };
}

test("the route goes where the main table sends the peer, and goes again with the wish", () => {
  const { keeper, deeds } = following(route("0.0.0.0/0", { via: ip("10.0.0.254") }));
  keeper.follow([WISH]);
  keeper.follow([WISH]);
  expect(deeds).toEqual(["+172.16.5.0/24 via 10.0.0.254"]);
  keeper.follow([]);
  expect(deeds.slice(1)).toEqual(["-172.16.5.0/24 via 10.0.0.254"]);
});

test("a peer on a network of ours is the next hop itself, and the longest prefix decides", () => {
  const { keeper, deeds } = following(
    route("0.0.0.0/0", { via: ip("10.0.0.254") }),
    route("172.16.0.16/30", { linkIndex: 3 }),
  );
  keeper.follow([WISH]);
  expect(deeds).toEqual(["+172.16.5.0/24 via 172.16.0.18"]);
});

test("what a gateway before us left is taken away, what others put there is not", () => {
  const left = route("172.16.9.0/24", { protocol: REVERSE_ROUTE_PROTOCOL, metric: 5, via: ip("10.0.0.254") });
  const { keeper, deeds, table } = following(route("0.0.0.0/0", { via: ip("10.0.0.254") }), left);
  keeper.follow([]);
  expect(deeds).toEqual(["-172.16.9.0/24 via 10.0.0.254"]);
  expect(table()).toHaveLength(1);
});

test("a way that changed moves the route at once", () => {
  const old = route("172.16.5.0/24", { protocol: REVERSE_ROUTE_PROTOCOL, metric: 5, via: ip("10.0.0.1") });
  const { keeper, deeds, reports } = following(route("0.0.0.0/0", { via: ip("10.0.0.254") }), old);
  keeper.follow([WISH]);
  expect(deeds).toEqual(["-172.16.5.0/24 via 10.0.0.1", "+172.16.5.0/24 via 10.0.0.254"]);
  expect(reports).toEqual([]);
});

test("a tag is the route's realm, and changes with the configuration", () => {
  const { keeper, deeds } = following(route("0.0.0.0/0", { via: ip("10.0.0.254") }));
  keeper.follow([{ ...WISH, tag: 77 }]);
  keeper.follow([{ ...WISH, tag: 77 }]);
  keeper.follow([{ ...WISH, tag: 78 }]);
  const [first, second] = ["77", "78"].map(tag => `+172.16.5.0/24 via 10.0.0.254 realm ${tag}`);
  expect(deeds).toEqual([first, "-172.16.5.0/24 via 10.0.0.254", second]);
});

test("where the kernel keeps no realm the route has no tag, which is told once", () => {
  const { keeper, deeds, reports, kernel } = following(route("0.0.0.0/0", { via: ip("10.0.0.254") }));
  kernel.realms = false;
  for (let time = 0; time < 3; time++) keeper.follow([{ ...WISH, tag: 77 }]);
  expect(deeds).toEqual(["+172.16.5.0/24 via 10.0.0.254"]);
  expect(reports).toHaveLength(1);
});

test("without a way to the peer there is no route", () => {
  const { keeper, deeds } = following();
  keeper.follow([WISH]);
  expect(deeds).toEqual([]);
});
