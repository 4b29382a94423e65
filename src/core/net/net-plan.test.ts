import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ipv4, parseIpv4 } from "../wire/address.ts";
import { formatPrefix, type Prefix, parsePrefix } from "../wire/prefix.ts";
import {
  CRYPTO_LINK_GROUP,
  type KernelAddress,
  type KernelLink,
  type KernelRoute,
  type KernelView,
  STATIC_ROUTE_PROTOCOL,
} from "./kernel-view.ts";
import { planNet } from "./net-plan.ts";
import {
  type NetStep,
  NOTHING_TO_UNDO,
  NOTHING_WANTED,
  type UndoRecord,
  type WantedInterface,
  type WantedNet,
  type WantedRoute,
} from "./net-steps.ts";

const prefix = (text: string): Prefix => parsePrefix(text) ?? { address: "0.0.0.0" as Ipv4, length: 0 };
const ip = (text: string): Ipv4 => parseIpv4(text) ?? ("0.0.0.0" as Ipv4);
const link = (index: number, device: string, up = true, mtu = 1500): KernelLink => ({
  index,
  device,
  up,
  carrier: up,
  mtu,
  group: 0,
  macAddress: undefined,
  counters: undefined,
});
const wants = (device: string, addresses: readonly string[], more: Partial<WantedInterface> = {}): WantedInterface => ({
  device,
  up: true,
  mtu: undefined,
  crypto: false,
  addresses: addresses.map(prefix),
  ...more,
});
const route = (to: string, via: string | undefined, more: Partial<WantedRoute> = {}): WantedRoute => ({
  prefix: prefix(to),
  via: via === undefined ? undefined : ip(via),
  device: undefined,
  discard: false,
  distance: 1,
  ...more,
});

/** A kernel that does what it is told, as Linux does: a link that goes down takes its routes along. */
function perform(kernel: KernelView, steps: readonly NetStep[]): KernelView {
  let { links, addresses, routes, forwarding } = kernel;
  const settings = new Map(kernel.settings);
  for (const step of steps) {
    switch (step.do) {
      case "set-link":
        links = links.map(each =>
          each.index === step.index
            ? { ...each, up: step.up ?? each.up, mtu: step.mtu ?? each.mtu, group: step.group ?? each.group }
            : each,
        );
        if (step.up === false) routes = routes.filter(each => each.linkIndex !== step.index);
        break;
      case "add-address":
        addresses = [...addresses, { linkIndex: step.index, prefix: step.prefix }];
        break;
      case "remove-address":
        addresses = addresses.filter(
          each => each.linkIndex !== step.index || formatPrefix(each.prefix) !== formatPrefix(step.prefix),
        );
        break;
      case "add-route":
        routes = [...routes, { ...step.route, protocol: STATIC_ROUTE_PROTOCOL }];
        break;
      case "remove-route":
        routes = routes.filter(
          each =>
            each.protocol !== STATIC_ROUTE_PROTOCOL || formatPrefix(each.prefix) !== formatPrefix(step.route.prefix),
        );
        break;
      case "set-forwarding":
        forwarding = step.on;
        break;
      case "set-sysctl":
        settings.set(step.key, step.value);
        break;
    }
  }
  return { links, addresses, routes, forwarding, settings };
}

function settle(wanted: WantedNet, kernel: KernelView, undo: UndoRecord): { kernel: KernelView; undo: UndoRecord } {
  let state = { kernel, undo };
  for (let round = 0; round < 5; round++) {
    const plan = planNet(wanted, state.kernel, state.undo);
    if (plan.steps.length === 0) return { kernel: state.kernel, undo: plan.undo };
    state = { kernel: perform(state.kernel, plan.steps), undo: plan.undo };
  }
  throw new Error(`a plan that does not settle: ${JSON.stringify(planNet(wanted, state.kernel, state.undo).steps)}`);
}

const bare: KernelView = {
  links: [link(2, "eth0", false), link(3, "eth1")],
  addresses: [],
  routes: [],
  forwarding: false,
  settings: new Map(),
};
const net = (wanted: Partial<WantedNet>): WantedNet => ({ ...NOTHING_WANTED, ...wanted });

test("an interface gets its addresses in order, then comes up, and only what differs is touched", () => {
  const wanted = {
    ...NOTHING_WANTED,
    interfaces: [wants("eth0", ["10.0.0.1/24", "10.0.0.2/24"], { mtu: 1400 })],
    routes: [],
  };
  const { steps } = planNet(wanted, bare, NOTHING_TO_UNDO);
  expect(steps).toEqual([
    { do: "set-link", index: 2, device: "eth0", mtu: 1400, up: true },
    { do: "add-address", index: 2, device: "eth0", prefix: prefix("10.0.0.1/24") },
    { do: "add-address", index: 2, device: "eth0", prefix: prefix("10.0.0.2/24") },
  ]);
  const done = settle(wanted, bare, NOTHING_TO_UNDO);
  expect(planNet(wanted, done.kernel, done.undo).steps).toEqual([]);
});

test("an address that was there before is not ours to remove", () => {
  const there = { ...bare, addresses: [{ linkIndex: 2, prefix: prefix("10.0.0.1/24") }] };
  const wanted = { ...NOTHING_WANTED, interfaces: [wants("eth0", ["10.0.0.1/24", "10.0.0.2/24"])], routes: [] };
  const { kernel, undo } = settle(wanted, there, NOTHING_TO_UNDO);
  expect(undo.addresses).toEqual([{ device: "eth0", prefix: prefix("10.0.0.2/24") }]);
  expect(settle(NOTHING_WANTED, kernel, undo).kernel).toEqual(there);
});

test("what another program put there stays", () => {
  const foreign: KernelRoute = {
    prefix: prefix("10.5.0.0/16"),
    kind: "unicast",
    via: ip("10.0.0.9"),
    linkIndex: 2,
    metric: 20,
    protocol: 11,
  };
  const there = { ...bare, addresses: [{ linkIndex: 3, prefix: prefix("192.0.2.1/24") }], routes: [foreign] };
  expect(
    planNet({ ...NOTHING_WANTED, interfaces: [wants("eth1", [])], routes: [] }, there, NOTHING_TO_UNDO).steps,
  ).toEqual([]);
});

test("a mtu that is no longer configured goes back to the device's own", () => {
  const changed = settle(
    { ...NOTHING_WANTED, interfaces: [wants("eth1", [], { mtu: 1300 })], routes: [] },
    bare,
    NOTHING_TO_UNDO,
  );
  const { kernel } = settle(
    { ...NOTHING_WANTED, interfaces: [wants("eth1", [])], routes: [] },
    changed.kernel,
    changed.undo,
  );
  expect(kernel.links.find(each => each.device === "eth1")?.mtu).toBe(1500);
});

test("a device that does not exist is waited for", () => {
  expect(
    planNet({ ...NOTHING_WANTED, interfaces: [wants("eth7", ["10.7.0.1/24"])], routes: [] }, bare, NOTHING_TO_UNDO),
  ).toEqual({
    steps: [],
    undo: NOTHING_TO_UNDO,
  });
});

test("a route stands while its next hop is on a network of a link that is up, or behind another route", () => {
  const interfaces = [wants("eth1", ["10.0.0.1/24"])];
  const routes = [
    route("0.0.0.0/0", "10.0.0.254"),
    route("10.9.0.0/16", "10.5.0.1"),
    route("10.5.0.0/24", "10.0.0.5"),
    route("10.8.0.0/16", "10.77.0.1"),
  ];
  const { kernel, undo } = settle({ ...NOTHING_WANTED, interfaces, routes }, bare, NOTHING_TO_UNDO);
  expect(kernel.routes.map(each => [formatPrefix(each.prefix), each.via, each.linkIndex])).toEqual([
    ["0.0.0.0/0", "10.0.0.254", 3],
    ["10.9.0.0/16", "10.0.0.5", 3],
    ["10.5.0.0/24", "10.0.0.5", 3],
  ]);
  const down = settle(
    { ...NOTHING_WANTED, interfaces: [wants("eth1", ["10.0.0.1/24"], { up: false })], routes },
    kernel,
    undo,
  );
  expect(down.kernel.routes).toEqual([]);
});

test("routes that reach each other in a circle resolve to nothing", () => {
  const routes = [route("10.1.0.0/16", "10.2.0.1"), route("10.2.0.0/16", "10.1.0.1")];
  expect(
    planNet({ ...NOTHING_WANTED, interfaces: [wants("eth1", ["10.0.0.1/24"])], routes }, bare, NOTHING_TO_UNDO).steps,
  ).toHaveLength(1);
});

test("of two routes to one prefix the nearer is installed, and the other when that cannot be", () => {
  const interfaces = [wants("eth0", ["10.0.0.1/24"]), wants("eth1", ["10.1.0.1/24"])];
  const routes = [route("0.0.0.0/0", "10.1.0.254", { distance: 200 }), route("0.0.0.0/0", "10.0.0.254")];
  const both = settle({ ...NOTHING_WANTED, interfaces, routes }, bare, NOTHING_TO_UNDO);
  expect(both.kernel.routes.map(each => [each.via, each.metric])).toEqual([["10.0.0.254", 1]]);
  const one = settle(
    {
      ...NOTHING_WANTED,
      interfaces: [wants("eth0", ["10.0.0.1/24"], { up: false }), wants("eth1", ["10.1.0.1/24"])],
      routes,
    },
    both.kernel,
    both.undo,
  );
  expect(one.kernel.routes.map(each => [each.via, each.metric])).toEqual([["10.1.0.254", 200]]);
});

test("Null0 discards", () => {
  const routes = [route("10.0.0.0/8", undefined, { discard: true })];
  expect(planNet({ ...NOTHING_WANTED, interfaces: [], routes }, bare, NOTHING_TO_UNDO).steps).toEqual([
    {
      do: "add-route",
      route: { prefix: prefix("10.0.0.0/8"), kind: "blackhole", via: undefined, linkIndex: undefined, metric: 1 },
    },
  ]);
});

const anyWanted: fc.Arbitrary<WantedNet> = fc.record({
  forwarding: fc.boolean(),
  interfaces: fc.uniqueArray(
    fc.record({
      device: fc.constantFrom("eth0", "eth1", "eth2"),
      up: fc.boolean(),
      mtu: fc.constantFrom(undefined, 1300, 1400),
      crypto: fc.boolean(),
      addresses: fc.uniqueArray(
        fc.constantFrom("10.0.0.1/24", "10.0.1.1/24", "10.0.2.1/24", "10.0.0.7/24").map(prefix),
        { maxLength: 3, selector: formatPrefix },
      ),
    }),
    { selector: each => each.device },
  ),
  routes: fc.array(
    fc.constantFrom(
      route("0.0.0.0/0", "10.0.0.254"),
      route("10.7.0.0/16", "10.0.1.9"),
      route("10.8.0.0/16", undefined, { discard: true }),
    ),
    { maxLength: 3 },
  ),
  settings: fc.subarray([
    { key: "ipv4/conf/eth0/arp_ignore", value: "1" },
    { key: "ipv4/conf/all/send_redirects", value: "0" },
    { key: "ipv4/conf/gone/arp_ignore", value: "1" },
  ]),
});
const settingsBefore = new Map([
  ["ipv4/conf/eth0/arp_ignore", "0"],
  ["ipv4/conf/all/send_redirects", "1"],
]);
const anyAddress: fc.Arbitrary<KernelAddress> = fc.record({
  linkIndex: fc.constantFrom(2, 3, 4),
  prefix: fc.constantFrom("10.0.0.1/24", "192.0.2.9/24").map(prefix),
});

test("whatever was configured on the way, undoing everything gives the host back as it was", () => {
  const links = [link(2, "eth0", false), link(3, "eth1"), link(4, "eth2", true, 9000)];
  fc.assert(
    fc.property(
      fc.uniqueArray(anyAddress, { selector: each => `${each.linkIndex}${formatPrefix(each.prefix)}` }),
      fc.array(anyWanted, { maxLength: 5 }),
      fc.boolean(),
      (addresses, history, forwarded) => {
        const settings = settingsBefore;
        const before: KernelView = { links, addresses, routes: [], forwarding: forwarded, settings };
        let state = { kernel: before, undo: NOTHING_TO_UNDO as UndoRecord };
        for (const wanted of history) state = settle(wanted, state.kernel, state.undo);
        const after = settle(NOTHING_WANTED, state.kernel, state.undo);
        expect(after.kernel.links).toEqual(before.links);
        expect(after.kernel.routes).toEqual([]);
        expect(after.kernel.forwarding).toBe(forwarded);
        expect(after.kernel.settings).toEqual(settingsBefore);
        expect(new Set(after.kernel.addresses.map(each => `${each.linkIndex} ${formatPrefix(each.prefix)}`))).toEqual(
          new Set(addresses.map(each => `${each.linkIndex} ${formatPrefix(each.prefix)}`)),
        );
      },
    ),
  );
});

test("an interface is marked as one with a crypto map before it can carry anything", () => {
  const wanted = net({ interfaces: [wants("eth0", ["10.0.0.1/24"], { crypto: true })], forwarding: true });
  const { steps } = planNet(wanted, bare, NOTHING_TO_UNDO);
  expect(steps.map(step => step.do)).toEqual(["set-link", "add-address", "set-forwarding"]);
  expect(steps[0]).toMatchObject({ group: CRYPTO_LINK_GROUP });
  expect(settle(wanted, bare, NOTHING_TO_UNDO).kernel.links[0]?.group).toBe(CRYPTO_LINK_GROUP);
});
