import { expect, test } from "vitest";
import { routeOutcome, routeStates } from "./route-watch.ts";

const ROUTE = "172.16.5.0/24";
const LINES = [
  "[2026-11-26T03:00:00.100000] 172.16.5.0/24 nhid 21 proto ospf metric 20 \\\tnexthop via 10.99.0.2 dev eth0 weight 1 \\\tnexthop via 10.99.0.1 dev eth0 weight 1 ",
  "[2026-11-26T03:00:00.110000] 172.16.6.0/24 nhid 22 via 10.99.0.2 dev eth0 proto ospf metric 20 ",
  "[2026-11-26T03:00:00.130000] 172.16.5.0/24 nhid 22 via 10.99.0.2 dev eth0 proto ospf metric 20 ",
  "[2026-11-26T03:00:01.000000] Deleted 172.16.5.0/24 nhid 22 via 10.99.0.2 dev eth0 proto ospf metric 20 ",
  "and something else",
];
const offsetMs = new Date("2026-11-26T03:00:00.000000").getTime();

test("each change of the watched route, and no other's", () => {
  expect(routeStates(LINES, ROUTE, offsetMs)).toEqual([
    { atMs: 100, by: ["10.99.0.1", "10.99.0.2"] },
    { atMs: 130, by: ["10.99.0.2"] },
    { atMs: 1_000, by: [] },
  ]);
});

test("it has moved when it leads by the new active, and is gone while it leads nowhere", () => {
  const states = [{ atMs: 0, by: ["10.99.0.1"] }, ...routeStates(LINES, ROUTE, offsetMs)];
  const times = { takeoverMs: 80, wanted: "10.99.0.2", endMs: 1_500 };
  expect(routeOutcome(states, times)).toEqual({ movedMs: 20, goneMs: 500 });
  expect(routeOutcome(states.slice(0, 3), times)).toEqual({ movedMs: 20, goneMs: 0 });
  expect(routeOutcome(states.slice(0, 1), times)).toEqual({ movedMs: undefined, goneMs: 0 });
});
