import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Ipv4 } from "../wire/address.ts";
import { ipv4FromNumber } from "../wire/address.ts";
import { formatPrefix, type Prefix, parsePrefix } from "../wire/prefix.ts";
import {
  GUARD_NEXTHOP,
  type NexthopTarget,
  NO_STEERING,
  type SteeringRoute,
  type SteeringRule,
  type SteeringStep,
  type SteeringView,
  type WantedSteering,
} from "./steering.ts";
import { guardedDevices, planSteering } from "./steering-plan.ts";

const prefix = (text: string): Prefix => parsePrefix(text) ?? { address: "0.0.0.0" as Ipv4, length: 0 };
const TUN: NexthopTarget = { linkIndex: 9, via: undefined };
const PEER: NexthopTarget = { linkIndex: 2, via: "10.99.0.2" as Ipv4 };
const OWNER = GUARD_NEXTHOP + 1;

const LINKS: SteeringView["links"] = [
  { index: 1, device: "outside", parent: undefined },
  { index: 2, device: "inside", parent: undefined },
  { index: 3, device: "hsrp1", parent: 1 },
  { index: 4, device: "hsrp2", parent: 2 },
];

const EMPTY: SteeringView = { links: LINKS, nexthops: [], routes: [], rules: [], localFirst: true };

function wants(changes: Partial<WantedSteering> = {}): WantedSteering {
  return {
    guarded: ["outside"],
    outbound: [{ prefix: prefix("172.16.5.0/24"), nexthop: OWNER }],
    guard: [prefix("10.99.0.0/16")],
    outer: [],
    nexthops: [
      { id: GUARD_NEXTHOP, target: { linkIndex: 8, via: undefined } },
      { id: OWNER, target: TUN },
    ],
    ...changes,
  };
}

/** A kernel that does what it is told, rules in their order, the local table's among them. */
class Kernel {
  nexthops = new Set<number>();
  routes = new Map<string, SteeringRoute>();
  rules: (SteeringRule | "local")[] = ["local"];

  view(): SteeringView {
    const guard = this.rules.findIndex(rule => rule !== "local" && rule.priority === 0);
    return {
      links: LINKS,
      nexthops: [...this.nexthops],
      routes: [...this.routes.values()],
      rules: this.rules.filter(rule => rule !== "local"),
      localFirst: this.rules.indexOf("local") < guard,
    };
  }

  perform(step: SteeringStep): void {
    if (step.do === "add-nexthop") this.nexthops.add(step.id);
    else if (step.do === "remove-nexthop") this.#removeNexthop(step.id);
    else if (step.do === "set-routes") for (const route of step.routes) this.#setRoute(route);
    else if (step.do === "remove-routes") for (const route of step.routes) this.routes.delete(place(route));
    else if (step.do === "add-steering-rule") this.#insert(step.rule);
    else if (step.do === "remove-steering-rule") this.#remove(step.rule);
    else {
      this.#insert("local");
      this.rules.splice(this.rules.indexOf("local"), 1);
    }
  }

  #removeNexthop(id: number): void {
    this.nexthops.delete(id);
    for (const [key, { to }] of this.routes) if (typeof to !== "string" && to.nexthop === id) this.routes.delete(key);
  }

  #setRoute(route: SteeringRoute): void {
    if (typeof route.to !== "string") expect(this.nexthops).toContain(route.to.nexthop);
    this.routes.set(place(route), route);
  }

  /** Behind those of its priority. */
  #insert(rule: SteeringRule | "local"): void {
    const after = this.rules.findIndex(each => priority(each) > priority(rule));
    this.rules.splice(after === -1 ? this.rules.length : after, 0, rule);
  }

  #remove(rule: SteeringRule): void {
    const at = this.rules.findIndex(each => JSON.stringify(each) === JSON.stringify(rule));
    expect(at).toBeGreaterThanOrEqual(0);
    this.rules.splice(at, 1);
  }
}

function priority(rule: SteeringRule | "local"): number {
  return rule === "local" ? 0 : rule.priority;
}

function place({ table, prefix: at, to }: SteeringRoute): string {
  return `${table} ${formatPrefix(at)} ${typeof to === "string"}`;
}

function reach(kernel: Kernel, wanted: WantedSteering, each: () => void = () => {}): void {
  const { before, after } = planSteering(wanted, kernel.view());
  for (const step of [...before, ...after]) {
    kernel.perform(step);
    each();
  }
}

const steps = (plan: readonly SteeringStep[]): string[] => plan.map(step => step.do);

describe("from nothing", () => {
  test("twins before routes, routes before the rules that use them, our guard before the local table", () => {
    const { before, after } = planSteering(wants(), EMPTY);
    expect(steps(before)).toEqual([
      "set-routes",
      "add-nexthop",
      "add-nexthop",
      "set-routes",
      ...new Array(5).fill("add-steering-rule"),
      "local-after-guard",
    ]);
    expect(after).toEqual([]);
    const [twins] = before;
    expect(twins?.do === "set-routes" && twins.routes.map(({ to }) => to)).toEqual(["unreachable", "blackhole"]);
  });

  test("rules: the guard of each device stacked outside, the mark, the main table, the protected prefixes", () => {
    const kernel = new Kernel();
    reach(kernel, wants());
    expect(kernel.rules).toEqual([
      { priority: 0, inInterface: "outside", table: "guard" },
      { priority: 0, inInterface: "hsrp1", table: "guard" },
      "local",
      { priority: 29_999, mark: 0x5553, table: "main" },
      { priority: 30_000, suppressGroup: 0x4950, table: "main" },
      { priority: 30_001, table: "outbound" },
    ]);
  });

  test("without a device of ours there are twins and rules, and nothing gets through", () => {
    const kernel = new Kernel();
    const nexthops = wants().nexthops.map(({ id }) => ({ id, target: undefined }));
    reach(kernel, wants({ nexthops }));
    expect([...kernel.routes.values()].map(({ to }) => to)).toEqual(["unreachable", "blackhole"]);
    expect(kernel.rules).toHaveLength(6);
  });

  test("rules do not grow with prefixes, routes do, two each", () => {
    const outbound = Array.from({ length: 10_000 }, (_, at) => ({
      prefix: { address: ipv4FromNumber(0x1400_0000 + at * 256), length: 24 },
      nexthop: OWNER,
    }));
    const kernel = new Kernel();
    reach(kernel, wants({ outbound }));
    expect(kernel.rules).toHaveLength(6);
    expect(kernel.routes.size).toBe(20_002);
    expect(planSteering(wants({ outbound }), kernel.view())).toEqual({ before: [], after: [] });
  });
});

describe("changes", () => {
  test("what stands is left alone, wherever its nexthop points", () => {
    const kernel = new Kernel();
    reach(kernel, wants());
    const moved = wants({
      nexthops: [
        { id: GUARD_NEXTHOP, target: TUN },
        { id: OWNER, target: PEER },
      ],
    });
    expect(planSteering(moved, kernel.view())).toEqual({ before: [], after: [] });
  });

  test("a nexthop that went, with the routes that pointed at it, is made again", () => {
    const kernel = new Kernel();
    reach(kernel, wants());
    kernel.perform({ do: "remove-nexthop", id: OWNER });
    const { before } = planSteering(wants(), kernel.view());
    expect(steps(before)).toEqual(["add-nexthop", "set-routes"]);
  });

  test("a prefix that goes to another owner is replaced in place", () => {
    const kernel = new Kernel();
    reach(kernel, wants());
    const other = OWNER + 1;
    const wanted = wants({
      outbound: [{ prefix: prefix("172.16.5.0/24"), nexthop: other }],
      nexthops: [...wants().nexthops, { id: other, target: PEER }],
    });
    const { before, after } = planSteering(wanted, kernel.view());
    expect(steps(before)).toEqual(["add-nexthop", "set-routes"]);
    expect(after).toEqual([]);
  });

  test("our outer address is left out of a guard around it, and of one of its own", () => {
    const kernel = new Kernel();
    const outer = ["10.0.0.1" as Ipv4, "192.0.2.1" as Ipv4];
    reach(kernel, wants({ outer, guard: [prefix("10.0.0.0/8"), prefix("10.0.0.1/32")] }));
    const guards = [...kernel.routes.values()].filter(({ table }) => table === "guard");
    expect(guards.map(({ prefix: at, to }) => [formatPrefix(at), to])).toEqual([
      ["10.0.0.1/32", "throw"],
      ["10.0.0.0/8", "blackhole"],
      ["10.0.0.0/8", { nexthop: GUARD_NEXTHOP }],
    ]);
  });

  test("everything goes in the opposite order", () => {
    const kernel = new Kernel();
    reach(kernel, wants());
    const { before, after } = planSteering(NO_STEERING, kernel.view());
    expect(before).toEqual([]);
    expect(steps(after)).toEqual([
      ...new Array(5).fill("remove-steering-rule"),
      "remove-routes",
      "remove-nexthop",
      "remove-nexthop",
    ]);
    reach(kernel, NO_STEERING);
    expect(kernel).toMatchObject({ rules: ["local"], nexthops: new Set(), routes: new Map() });
  });
});

test("guarded devices are those named and what is stacked on them", () => {
  expect(guardedDevices(["outside"], EMPTY)).toEqual(["outside", "hsrp1"]);
  expect(guardedDevices(["none"], EMPTY)).toEqual([]);
});

const somePrefix = fc.constantFrom("10.0.0.0/8", "10.1.0.0/16", "172.16.5.0/24", "0.0.0.0/0").map(prefix);
const owner = fc.constantFrom(OWNER, OWNER + 1);
const someWanted: fc.Arbitrary<WantedSteering> = fc
  .record({
    guarded: fc.subarray(["outside", "inside"]),
    outbound: fc.uniqueArray(fc.record({ prefix: somePrefix, nexthop: owner }), {
      selector: each => formatPrefix(each.prefix),
    }),
    guard: fc.uniqueArray(somePrefix, { selector: formatPrefix }),
    outer: fc.subarray(["10.1.0.1", "192.0.2.1"]) as fc.Arbitrary<Ipv4[]>,
    target: fc.constantFrom(TUN, PEER, undefined),
  })
  .map(({ target, ...rest }) => ({
    ...rest,
    nexthops: [GUARD_NEXTHOP, OWNER, OWNER + 1].map(id => ({ id, target })),
  }));

/** Where a packet to a protected prefix goes, by the rules alone. */
function failsOpen(kernel: Kernel, wanted: WantedSteering): boolean {
  const elsewhere = kernel.rules.findIndex(rule => rule !== "local" && rule.priority === 30_000);
  const protects = kernel.rules.findIndex(rule => rule !== "local" && rule.table === "outbound");
  if (protects === -1 || elsewhere > protects) return true;
  return wanted.outbound.some(each => !kernel.routes.has(`outbound ${formatPrefix(each.prefix)} true`));
}

test("from any steering to any other: one plan arrives, and what both protect is protected at every step", () => {
  fc.assert(
    fc.property(someWanted, someWanted, (first, second) => {
      const kernel = new Kernel();
      reach(kernel, first);
      const both = first.outbound.filter(a =>
        second.outbound.some(b => formatPrefix(a.prefix) === formatPrefix(b.prefix)),
      );
      reach(kernel, second, () => {
        if (both.length > 0) expect(failsOpen(kernel, { ...second, outbound: both })).toBe(false);
      });
      expect(planSteering(second, kernel.view())).toEqual({ before: [], after: [] });
      const fresh = new Kernel();
      reach(fresh, second);
      // A nexthop that stands keeps its routes where another could not be made now.
      const twins = (of: Kernel): string[] => [...of.routes.keys()].filter(key => key.endsWith("true")).sort();
      expect(twins(kernel)).toEqual(twins(fresh));
      for (const key of fresh.routes.keys()) expect(kernel.routes.has(key)).toBe(true);
      expect(kernel.rules.length).toBe(fresh.rules.length);
      if (kernel.rules.some(rule => priority(rule) === 0 && rule !== "local"))
        expect(kernel.view().localFirst).toBe(false);
    }),
  );
});
