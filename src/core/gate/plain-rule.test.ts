/** Groups without a gate: RFC 2281 unaided, with followers, delays, leases. */
import { expect, test } from "vitest";
import type { HsrpGroup } from "../hsrp/hsrp-group.ts";
import type { LivenessEffect } from "./liveness-port.ts";
import { group, ip, Member, ToyNetwork } from "./toy-network.test-support.ts";

const UP = ["outside", "inside"];

function pair(one: readonly HsrpGroup[], two: readonly HsrpGroup[]) {
  const a = new Member("A", 1);
  const b = new Member("B", 2);
  const net = new ToyNetwork(a, b);
  net.give(a, { kind: "configure", settings: { groups: one, up: UP, schemes: [] } });
  net.give(b, { kind: "configure", settings: { groups: two, up: UP, schemes: [] } });
  return { a, b, net };
}

const kinds = (member: Member, from = 0): string[] => {
  const words = (effect: LivenessEffect): string => {
    if (effect.do === "changed") return `${effect.from}->${effect.to}`;
    if (effect.do === "role") return `role ${effect.role}`;
    if (effect.do === "hsrp") return `hsrp ${effect.message.opcode} ${effect.message.state}`;
    return effect.do;
  };
  return member.done.filter(each => each.at >= from).map(each => words(each.effect));
};

test("the higher priority becomes active, and holds the address under a lease that is renewed", () => {
  const { a, b, net } = pair([group({ address: "10.0.0.1", priority: 110 })], [group({ address: "10.0.0.2" })]);
  net.run(5_000);
  expect([a.state(), b.state()]).toEqual(["active", "standby"]);
  expect([a.holds("outside 1"), b.holds("outside 1")]).toEqual([true, false]);
  const renewals = a.done.filter(each => each.effect.do === "role" && each.effect.role === "active");
  const gaps = renewals.slice(1).map((each, at) => each.at - (renewals[at]?.at ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(251);
  expect(renewals.every(each => each.effect.do === "role" && each.effect.leaseMs === 750)).toBe(true);
});

test("the standby takes over within the hold time of a death, a resign at once", () => {
  const { a, b, net } = pair([group({ address: "10.0.0.1", priority: 110 })], [group({ address: "10.0.0.2" })]);
  net.run(5_000);
  net.give(a, { kind: "stop" });
  expect(kinds(a).slice(-8)).toEqual([
    "quiet",
    "role standby",
    "will",
    "release-address",
    "hsrp resign active",
    "active->initial",
    "role init",
    "released",
  ]);
  net.run(1);
  expect(b.state()).toBe("active");
});

test("a core that stalls goes on saying hello until its lease ends, and then nothing more", () => {
  const { a, b, net } = pair([group({ address: "10.0.0.1", priority: 110 })], [group({ address: "10.0.0.2" })]);
  net.run(5_000);
  a.stalled = true;
  const until = a.leases.get("outside 1")?.until ?? 0;
  net.run(2_000);
  const late = net.sent.filter(each => each.from === a && each.at > 5_000);
  expect(late.length).toBeGreaterThan(0);
  expect(late.every(each => each.at < until)).toBe(true);
  expect(b.state()).toBe("active");
});

test("who wakes after the lease sends nothing as active, and learns who is", () => {
  const { a, b, net } = pair([group({ address: "10.0.0.1", priority: 110 })], [group({ address: "10.0.0.2" })]);
  net.run(5_000);
  a.paused = true;
  net.run(10_000);
  expect(b.state()).toBe("active");
  const wokenAt = net.now;
  net.wake(a);
  net.run(3_000);
  expect(net.sent.filter(each => each.from === a && each.at >= wokenAt && each.what.includes("active"))).toEqual([]);
  expect([a.holds("outside 1"), b.holds("outside 1")]).toEqual([false, true]);
  expect(a.state()).toBe("standby");
});

test("a follower moves with its leader, says what it says, and elects nobody", () => {
  const one = (address: string, inside: string, priority: number) => [
    group({ address, priority, name: "out" }),
    group({ interface: "inside", group: 2, address: inside, virtual: "10.1.0.15", follow: "out" }),
  ];
  const { a, b, net } = pair(one("10.0.0.1", "10.1.0.1", 110), one("10.0.0.2", "10.1.0.2", 100));
  net.run(5_000);
  expect([a.state("inside 2"), b.state("inside 2")]).toEqual(["active", "standby"]);
  expect([a.holds("inside 2"), b.holds("inside 2")]).toEqual([true, false]);
  expect(
    net.sent.some(each => each.from === a && each.medium === "inside" && each.what === "hello active virtual"),
  ).toBe(true);
  net.give(a, { kind: "link", interface: "outside", up: false });
  net.run(10);
  expect([a.holds("inside 2"), b.holds("inside 2")]).toEqual([false, true]);
});

test("a follower whose own link is down releases, and takes again when it is back", () => {
  const groups = [
    group({ address: "10.0.0.1", name: "out" }),
    group({ interface: "inside", group: 2, address: "10.1.0.1", virtual: "10.1.0.15", follow: "out" }),
  ];
  const { a, net } = pair(groups, []);
  net.run(5_000);
  expect(a.holds("inside 2")).toBe(true);
  net.give(a, { kind: "link", interface: "inside", up: false });
  expect([a.holds("inside 2"), a.state("inside 2"), a.holds("outside 1")]).toEqual([false, "initial", true]);
  net.give(a, { kind: "link", interface: "inside", up: true });
  expect([a.holds("inside 2"), a.state("inside 2")]).toEqual([true, "active"]);
  expect(kinds(a).at(-1)).toBe("announce");
});

test("a follower without its leader stays in Init", () => {
  const { a, net } = pair([group({ address: "10.0.0.1", follow: "nobody" })], []);
  net.run(5_000);
  expect(a.core.snapshot(net.now).groups.map(each => [each.state, each.initBecause])).toEqual([
    ["initial", "no-leader"],
  ]);
});

test("start delays: the reload delay once, the minimum after every loss of the link", () => {
  const slow = { startDelayMs: { minimum: 1_000, reload: 3_000 } };
  const { a, net } = pair([group({ address: "10.0.0.1", more: slow })], []);
  net.run(2_999);
  expect(a.core.snapshot(net.now).groups[0]?.initBecause).toBe("start-delay");
  net.run(2);
  expect(a.state()).toBe("listen");
  net.give(a, { kind: "link", interface: "outside", up: false });
  net.give(a, { kind: "link", interface: "outside", up: true });
  net.run(999);
  expect(a.state()).toBe("initial");
  net.run(2);
  expect(a.state()).toBe("listen");
});

test("tracking: a decrement makes the other preempt, a shutdown gives everything up", () => {
  const mine = (decrement: number | undefined) => [group({ address: "10.0.0.1", priority: 110, more: { decrement } })];
  const { a, b, net } = pair(mine(0), [group({ address: "10.0.0.2", preempt: true })]);
  net.run(5_000);
  expect(a.state()).toBe("active");
  net.give(a, { kind: "configure", settings: { groups: mine(20), up: UP, schemes: [] } });
  net.run(2_000);
  expect([a.state(), b.state()]).toEqual(["standby", "active"]);
  net.give(a, { kind: "configure", settings: { groups: mine(undefined), up: UP, schemes: [] } });
  expect(a.core.snapshot(net.now).groups[0]?.initBecause).toBe("tracked-shutdown");
});

test("what is no longer wanted is released, once, and forgotten", () => {
  const { a, net } = pair([group({ address: "10.0.0.1" })], []);
  net.run(5_000);
  net.give(a, { kind: "configure", settings: { groups: [], up: UP, schemes: [] } });
  net.run(2_000);
  expect(kinds(a).filter(each => each === "released")).toEqual(["released"]);
  expect(a.core.snapshot(net.now).groups).toEqual([]);
  expect(a.core.next).toBeUndefined();
});

test("another priority keeps the address, another address gives it up", () => {
  const { a, net } = pair([group({ address: "10.0.0.1" })], []);
  net.run(5_000);
  const configure = (one: HsrpGroup) =>
    net.give(a, { kind: "configure", settings: { groups: [one], up: UP, schemes: [] } });
  configure(group({ address: "10.0.0.1", priority: 120 }));
  expect(a.holds("outside 1")).toBe(true);
  configure(group({ address: "10.0.0.1", virtual: "10.0.0.16" }));
  expect(a.holds("outside 1")).toBe(false);
  net.run(5_000);
  expect(a.addresses.get("outside 1")).toEqual(["10.0.0.16"]);
});

test("IPv6 groups elect as IPv4 ones do, beside one of the same number", () => {
  const both = (n: number) => [
    group({ address: `10.0.0.${n}`, priority: 100 + n }),
    group({ address: `fe80::${n}`, virtual: "fe80::15", priority: 100 - n }),
  ];
  const { a, b, net } = pair(both(1), both(2));
  net.run(5_000);
  expect([a.holds("outside 1"), a.holds("outside 1 ipv6")]).toEqual([false, true]);
  expect([b.addresses.get("outside 1"), a.addresses.get("outside 1 ipv6")]).toEqual([["10.0.0.15"], ["fe80::15"]]);
});

test("a switchover without a scheme: a resign, where somebody stands by", () => {
  const { a, b, net } = pair(
    [group({ address: "10.0.0.1", priority: 110, name: "tunnels" })],
    [group({ address: "10.0.0.2", name: "tunnels" })],
  );
  net.run(5_000);
  net.give(a, { kind: "switchover", scheme: "tunnels" });
  net.run(1);
  expect([a.state(), b.state()]).toEqual(["listen", "active"]);
  a.dead = true;
  net.run(5_000);
  net.give(b, { kind: "switchover", scheme: "tunnels" });
  expect(b.state()).toBe("active");
});

test("H10: an address is learned only where a group here could have it", () => {
  for (const [virtual, learned] of [
    ["10.0.0.15", "10.0.0.15"],
    ["10.0.0.2", undefined],
    ["10.0.0.255", undefined],
    ["10.0.0.0", undefined],
    ["10.9.0.1", undefined],
    ["224.0.0.5", undefined],
  ] as const) {
    const learner = group({ address: "10.0.0.2" });
    const blank = { ...learner, settings: { ...learner.settings, virtualAddress: undefined } };
    const { b, net } = pair([group({ address: "10.0.0.1", virtual })], [blank]);
    net.run(5_000);
    expect(b.core.snapshot(net.now).groups[0]?.virtualAddress, virtual).toBe(learned);
  }
});

test("another secondary address is taken at once", () => {
  const { a, net } = pair([group({ address: "10.0.0.1" })], []);
  net.run(5_000);
  const more = { secondaries: [ip("10.0.0.20")] };
  net.give(a, {
    kind: "configure",
    settings: { groups: [group({ address: "10.0.0.1", more })], up: UP, schemes: [] },
  });
  expect(a.addresses.get("outside 1")).toEqual(["10.0.0.15", "10.0.0.20"]);
});
