import { expect, test } from "vitest";
import { loadConfig } from "../core/config/config-document.ts";
import type { KernelView } from "../core/net/kernel-view.ts";
import { parsePrefix } from "../core/wire/prefix.ts";
import { TrackWatch } from "./track-watch.ts";

const { config } = loadConfig(`
track 1 interface eth0 line-protocol
track 2 ip route 10.9.0.0/16 reachability
interface eth0
 standby 1 track 1 decrement 10
 standby 4 track 1 shutdown
`);

function view(carrier: boolean, route: boolean): KernelView {
  const link = { index: 2, device: "eth0", up: true, carrier, mtu: 1500, group: 0, macAddress: undefined };
  const prefix = parsePrefix("10.9.0.0/16");
  if (prefix === undefined) throw new Error("10.9.0.0/16 is a prefix");
  const there = { prefix, kind: "unicast" as const, via: undefined, linkIndex: 2, metric: 0, protocol: 4 };
  return {
    links: [{ ...link, counters: undefined }],
    addresses: [],
    routes: route ? [there] : [],
    forwarding: true,
  };
}

test("states, their changes and their ages, and who hangs on each", () => {
  const watch = new TrackWatch();
  expect(watch.see(config, view(true, false), 1_000)).toEqual(
    new Map([
      [1, "up"],
      [2, "down"],
    ]),
  );
  watch.see(config, view(true, false), 2_000);
  watch.see(config, view(false, true), 3_000);
  watch.see(config, view(true, true), 4_000);
  expect(watch.snapshots(config, 4_500)).toMatchObject([
    {
      number: 1,
      state: "up",
      changes: 3,
      sinceChangeMs: 500,
      trackedBy: [
        { interface: "eth0", group: 1 },
        { interface: "eth0", group: 4 },
      ],
    },
    { number: 2, state: "up", changes: 2, sinceChangeMs: 1_500, trackedBy: [] },
  ]);
});

test("an object that is gone is forgotten", () => {
  const watch = new TrackWatch();
  watch.see(config, view(true, true), 0);
  const { config: less } = loadConfig("track 1 interface eth0 line-protocol\n");
  expect([...watch.see(less, view(true, true), 1).keys()]).toEqual([1]);
  expect(watch.snapshots(less, 2).map(each => each.number)).toEqual([1]);
});
