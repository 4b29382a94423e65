import { expect, test } from "vitest";
import type { WantedProtection } from "../../core/config/wanted-protection.ts";
import { SystemError } from "../../core/errors.ts";
import { GUARD_NEXTHOP, type SteeringStep, type SteeringView } from "../../core/net/steering.ts";
import type { Ipv4 } from "../../core/wire/address.ts";
import { type SteeringDevices, SteeringKeeper } from "./steering-keeper.ts";

const prefix = (address: string) => ({ address: address as Ipv4, length: 24 });
const PROTECTION: WantedProtection = {
  applied: [],
  lines: [],
  policies: [],
  outbound: [
    { prefix: prefix("172.16.5.0"), owner: "A" },
    { prefix: prefix("172.16.6.0"), owner: "B" },
  ],
  guard: [prefix("10.99.0.0")],
  guardedDevices: ["outside"],
  outer: [],
  peer: undefined,
};
const TUN = { linkIndex: 9, via: undefined };
const PEER = { linkIndex: 2, via: "10.99.0.2" as Ipv4 };
const DEVICES: SteeringDevices = { outbound: TUN, guard: TUN, peer: PEER };

function keeper(perform: (step: SteeringStep) => void, view: Partial<SteeringView> = {}): SteeringKeeper {
  const empty = { links: [], nexthops: [], routes: [], rules: [], localFirst: true };
  return new SteeringKeeper(
    { view: () => ({ ...empty, ...view }), perform },
    () => {},
    owner => owner === "A",
  );
}

test("an owner's object is made where its role says: here for the active, the peer for another", () => {
  const steps: SteeringStep[] = [];
  const kept = keeper(step => steps.push(step));
  expect(kept.prepare(PROTECTION, DEVICES)).toEqual([]);
  expect(steps.filter(step => step.do === "add-nexthop")).toEqual([
    { do: "add-nexthop", id: GUARD_NEXTHOP, target: TUN },
    { do: "add-nexthop", id: GUARD_NEXTHOP + 1, target: TUN },
    { do: "add-nexthop", id: GUARD_NEXTHOP + 2, target: PEER },
  ]);
  expect(kept.targets(DEVICES)).toEqual([
    { owner: "A", nexthop: GUARD_NEXTHOP + 1, active: TUN, elsewhere: PEER },
    { owner: "B", nexthop: GUARD_NEXTHOP + 2, active: TUN, elsewhere: PEER },
  ]);
});

test("an owner keeps its object when others come before it", () => {
  const kept = keeper(() => {});
  kept.prepare({ ...PROTECTION, outbound: PROTECTION.outbound.slice(1) }, DEVICES);
  kept.prepare(PROTECTION, DEVICES);
  expect(kept.targets(DEVICES).map(({ owner, nexthop }) => [owner, nexthop - GUARD_NEXTHOP])).toEqual([
    ["B", 1],
    ["A", 2],
  ]);
});

test("what the kernel refuses is told, and the rest goes on", () => {
  const steps: string[] = [];
  const refusing = keeper(step => {
    if (step.do === "add-nexthop") throw new SystemError("add the nexthop", {}, new Error("EINVAL"));
    steps.push(step.do);
  });
  const refusals = refusing.prepare(PROTECTION, DEVICES);
  expect(refusals).toHaveLength(3);
  expect(refusals[0]).toMatch(/^the kernel refused to add a nexthop of what crypto maps protect: .*EINVAL/);
  expect(steps.filter(each => each === "add-steering-rule")).toHaveLength(3);
});

test("without a device nothing is told to who changes roles", () => {
  expect(keeper(() => {}).targets({ ...DEVICES, outbound: undefined })).toEqual([]);
});
