/**
 * Two members under a gate on a toy network: what nobody may break. Ladders of named scenarios; seeds are the
 * simulation's.
 */
import { beforeEach, describe, expect, test } from "vitest";
import type { Ipv4 } from "../wire/address.ts";
import { counter, Pair, reports, type Side, settingsOf } from "./pair.test-support.ts";
import { group, ip } from "./toy-network.test-support.ts";

let pair: Pair;
beforeEach(() => {
  pair = new Pair();
});

describe("election", () => {
  test("one owns, one is hot, each knows the other, the epoch is one and on disk", () => {
    expect(pair.states).toEqual(["active", "standby"]);
    expect(pair.a.scheme()).toMatchObject({ plainBecause: undefined, role: "active", epoch: 1, hot: false });
    expect(pair.b.scheme()).toMatchObject({ role: "standby", epoch: 1, hot: true, peer: { role: "active", epoch: 1 } });
    expect(pair.a.scheme()?.peer).toMatchObject({ role: "standby", hot: true });
    expect(pair.b.scheme()?.channels).toBe(2);
  });

  test("alone, it asks, waits for the end of the asks, and takes", () => {
    const alone = new Pair({}, {}, false);
    alone.b.dead = true;
    alone.net.run(5_000);
    expect(alone.a.state()).toBe("active");
    expect(counter(alone.a, "asks")).toBe(12);
  });

  test("hellos that do not pass elect nobody twice: beacons settle it", () => {
    const split = new Pair({}, {}, false);
    split.net.cut = (_from, _to, medium) => medium === "outside";
    split.net.run(5_000);
    expect([split.a, split.b].filter(each => each.holds("outside 1"))).toHaveLength(1);
    expect(split.both).toEqual([]);
  });

  test.each(["no key", "no path to the peer", "no group of this name"])("plain HSRP because of %s", because => {
    const more =
      because === "no key" ? { key: undefined } : because === "no path to the peer" ? { paths: [] } : { name: "x" };
    const plain = new Pair({ scheme: more }, { scheme: more });
    expect(plain.states).toEqual(["active", "standby"]);
    expect(plain.a.scheme(more.name)?.plainBecause).toBe(because);
  });
});

describe("death", () => {
  test("silence of both channels: asks, then a takeover within the hold time and 26 ms, with the next epoch", () => {
    pair.a.dead = true;
    pair.net.run(750 + 26);
    expect(pair.b.state()).toBe("active");
    expect(pair.b.scheme()).toMatchObject({ role: "active", epoch: 2 });
    expect(counter(pair.b, "asks")).toBe(12);
    expect(reports(pair.b)).not.toContain("NOT_DURABLE");
  });

  test("its last will moves the role at once", () => {
    const will = pair.a.done.findLast(each => each.effect.do === "will")?.effect;
    pair.a.dead = true;
    expect(will).toMatchObject({ will: { resign: { opcode: "resign", state: "active" } } });
    if (will?.do !== "will") return;
    const [token] = will.will?.tokens ?? [];
    expect(token).toBeDefined();
    if (token !== undefined)
      pair.net.inject({ kind: "beacon", source: ip("192.168.0.1"), interface: "sync", octets: token.octets });
    pair.net.run(1);
    expect(pair.b.state()).toBe("active");
    expect(counter(pair.b, "asks")).toBe(0);
  });

  test("a will of an earlier time as the active moves nothing", () => {
    const old = pair.a.done.find(each => each.effect.do === "will" && each.effect.will !== undefined)?.effect;
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    pair.net.run(2_000);
    pair.net.give(pair.b, { kind: "switchover", scheme: "tunnels" });
    pair.net.run(2_000);
    expect(pair.states).toEqual(["active", "standby"]);
    const octets = (old?.do === "will" && old.will?.tokens[0]?.octets) || new Uint8Array(0);
    pair.net.inject({ kind: "beacon", source: ip("192.168.0.1"), interface: "sync", octets });
    pair.net.run(5);
    expect(pair.states).toEqual(["active", "standby"]);
    expect(counter(pair.b, "refused-token")).toBe(1);
  });

  test("a member that comes back with a new life has lost the role: the standby takes it at once", () => {
    const born = pair.reboot(pair.a, 11, settingsOf(1, { scheme: { storedEpoch: 1 } }));
    pair.net.run(30);
    expect([born.holds("outside 1"), pair.b.state()]).toEqual([false, "active"]);
    expect(pair.b.scheme()?.epoch).toBe(2);
    pair.net.run(3_000);
    expect([born.state(), pair.b.state()]).toEqual(["standby", "active"]);
  });

  test("one that still learns its address takes over nothing, whatever it is offered", () => {
    const learner = group({ address: "10.0.0.2", name: "tunnels" });
    const blank = { ...learner, settings: { ...learner.settings, virtualAddress: undefined } };
    const deaf = new Pair({}, {}, false);
    deaf.net.cut = (_from, _to, medium) => medium === "outside";
    deaf.begin(deaf.b, { ...settingsOf(2, {}), groups: [blank] });
    deaf.net.run(5_000);
    deaf.reboot(deaf.a, 11, settingsOf(1, { scheme: { storedEpoch: 1 } }));
    deaf.net.run(100);
    expect([deaf.b.state(), counter(deaf.b, "asks")]).toEqual(["learn", 0]);
    expect(deaf.b.scheme()).toMatchObject({ role: "standby" });
  });

  test("a standby whose epoch is not on disk is not hot, takes over all the same, and says so", () => {
    const sick = new Pair({}, {}, false);
    sick.diskWorks = false;
    sick.net.run(5_000);
    expect(sick.b.scheme()?.hot).toBe(false);
    sick.a.dead = true;
    sick.net.run(800);
    expect(sick.b.state()).toBe("active");
    expect(reports(sick.b)).toContain("NOT_DURABLE");
  });
});

describe("switchover", () => {
  test("forced: drained, offered, taken, given up; never without an owner", () => {
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    const began = pair.net.now;
    pair.net.run(50);
    expect(pair.states).toEqual(["speak", "active"]);
    expect(pair.neither).toEqual([]);
    expect(Math.max(...pair.both) - Math.min(...pair.both)).toBeLessThan(2);
    expect(pair.b.scheme()?.epoch).toBe(2);
    const words = pair.a.done.filter(each => each.at >= began).map(({ effect }) => effect);
    const order = words.flatMap(each => {
      if (each.do === "role") return [`role ${each.role}`];
      return each.do === "drain" || each.do === "release-address" ? [each.do] : [];
    });
    expect(order).toEqual(["role draining", "drain", "role grace", "release-address"]);
    expect(words.find(each => each.do === "release-address")).toMatchObject({ graceMs: 100 });
    pair.net.run(100);
    expect(pair.a.done.findLast(({ effect }) => effect.do === "role")?.effect).toMatchObject({
      role: "standby",
      epoch: 2,
    });
    expect(pair.a.scheme()?.role).toBe("standby");
  });

  test("a drain that does not end is ended", () => {
    pair.drains = false;
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    pair.net.run(49);
    expect(pair.a.state()).toBe("active");
    pair.net.run(10);
    expect(pair.b.state()).toBe("active");
  });

  test("refused where the peer is not hot, given up where it does not take", () => {
    pair.net.give(pair.b, { kind: "synced", scheme: "tunnels", synced: false });
    pair.net.run(10);
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    expect(reports(pair.a)).toContain("SWITCHOVER_REFUSED");
    pair.net.give(pair.b, { kind: "synced", scheme: "tunnels", synced: true });
    pair.net.run(10);
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    pair.b.dead = true;
    pair.net.run(400);
    expect(pair.a.state()).toBe("active");
    expect(reports(pair.a)).toContain("SWITCHOVER_FAILED");
    expect(pair.a.scheme()).toMatchObject({ role: "active", epoch: 3 });
  });

  test.each(["stop", "link", "tracked"])("%s of the active: handed over first, released after the grace", how => {
    if (how === "stop") pair.net.give(pair.a, { kind: "stop" });
    if (how === "link") pair.net.give(pair.a, { kind: "link", interface: "outside", up: false });
    if (how === "tracked")
      pair.net.give(pair.a, {
        kind: "configure",
        settings: settingsOf(1, { group: { more: { decrement: undefined } } }),
      });
    pair.net.run(50);
    expect(pair.b.state()).toBe("active");
    expect(pair.neither).toEqual([]);
    const released = () => pair.a.done.filter(each => each.effect.do === "released").length;
    expect(released()).toBe(0);
    pair.net.run(110);
    expect(released()).toBe(1);
  });

  test("without a peer there is nothing to wait for", () => {
    pair.b.dead = true;
    pair.net.run(1_000);
    pair.net.give(pair.a, { kind: "stop" });
    const last = pair.a.done.slice(-8).map(({ effect }) => effect.do);
    expect(last).toContain("released");
    expect(pair.a.done.some(({ effect }) => effect.do === "hsrp" && effect.message.opcode === "resign")).toBe(true);
  });

  test("told to stop in the middle of a switchover, it hands over all the same", () => {
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    pair.net.give(pair.a, { kind: "stop" });
    pair.net.run(200);
    expect([pair.b.state(), pair.neither]).toEqual(["active", []]);
    expect(pair.a.done.filter(each => each.effect.do === "released")).toHaveLength(1);
  });

  test("a shut interface that comes back in the middle stays in the pair", () => {
    pair.net.give(pair.a, { kind: "link", interface: "outside", up: false });
    pair.net.run(1);
    pair.net.give(pair.a, { kind: "link", interface: "outside", up: true });
    pair.net.run(3_000);
    expect(pair.states).toEqual(["standby", "active"]);
    expect(pair.a.scheme()).toMatchObject({ role: "standby", hot: true });
    expect(pair.a.done.some(each => each.effect.do === "released")).toBe(false);
  });
});

describe("preemption", () => {
  const preempting = { group: { preempt: true } };

  test("by request, when hot, and handed over", () => {
    pair = new Pair(preempting, {}, false);
    pair.a.paused = true;
    pair.net.run(3_000);
    expect(pair.b.state()).toBe("active");
    pair.net.wake(pair.a);
    pair.net.run(3_000);
    expect(pair.states).toEqual(["active", "standby"]);
    expect(pair.a.scheme()?.epoch).toBe(2);
  });

  test("never before everything is held here, nor before the hold-down is over", () => {
    pair = new Pair(preempting, { scheme: { holdDownMs: 20_000 } }, false);
    pair.a.paused = true;
    pair.net.run(3_000);
    pair.net.wake(pair.a);
    pair.net.give(pair.a, { kind: "synced", scheme: "tunnels", synced: false });
    pair.net.run(10_000);
    expect(pair.b.state()).toBe("active");
    expect(counter(pair.a, "preemptions-requested")).toBe(0);
    pair.net.give(pair.a, { kind: "synced", scheme: "tunnels", synced: true });
    pair.net.run(5_000);
    expect(pair.b.state()).toBe("active");
    expect(counter(pair.b, "preemptions-refused")).toBeGreaterThan(0);
    pair.net.run(10_000);
    expect(pair.a.state()).toBe("active");
  });

  test("a standby that was told that it is not hot does not, until redundancy says so again", () => {
    pair.net.give(pair.a, { kind: "not-hot", scheme: "tunnels" });
    pair.net.run(5);
    expect(pair.b.scheme()?.hot).toBe(false);
    pair.net.give(pair.b, { kind: "synced", scheme: "tunnels", synced: true });
    expect(pair.b.scheme()?.hot).toBe(true);
  });
});

describe("zombies", () => {
  test("one that slept while the other took over sends nothing as active, ever, and yields", () => {
    pair.a.paused = true;
    pair.net.run(10_000);
    expect(pair.b.state()).toBe("active");
    const wokeAt = pair.net.now;
    pair.net.wake(pair.a);
    pair.net.run(20);
    const asActive = pair.net.sent.filter(
      each => each.from === pair.a && each.at >= wokeAt && /active/.test(each.what),
    );
    expect(asActive).toEqual([]);
    expect(pair.a.holds("outside 1")).toBe(false);
    expect(pair.b.scheme()?.epoch).toBe(2);
    // Nor does the core want to: the lease is not the only guard.
    const wanted = pair.a.done.filter(
      ({ at, effect }) => at >= wokeAt && effect.do === "hsrp" && effect.fromVirtualMac,
    );
    expect(wanted).toEqual([]);
  });

  test("a core that stalls falls silent with its lease, beacons too", () => {
    pair.a.stalled = true;
    const until = pair.a.leases.get("tunnels")?.until ?? 0;
    pair.net.run(5_000);
    const late = pair.net.sent.filter(each => each.from === pair.a && each.at > 5_000);
    expect(late.some(each => each.what === "beacon")).toBe(true);
    expect(late.every(each => each.at < until)).toBe(true);
    expect(pair.b.state()).toBe("active");
  });

  test("one that slept while nobody took over asks, and then goes on with the same epoch", () => {
    pair.net.cut = () => true;
    pair.b.dead = true;
    pair.a.paused = true;
    pair.net.run(10_000);
    const wokeAt = pair.net.now;
    pair.net.wake(pair.a);
    pair.net.run(25);
    expect(pair.net.sent.filter(each => each.from === pair.a && each.at >= wokeAt && /active/.test(each.what))).toEqual(
      [],
    );
    pair.net.run(5);
    expect(pair.a.scheme()).toMatchObject({ role: "active", epoch: 1 });
    expect(pair.a.done.filter(each => each.at >= wokeAt).map(each => each.effect.do)).toContain("take-address");
    expect(pair.net.sent.at(-1)?.what).toBe("hello active virtual");
  });

  test("a stall shorter than the lease is none", () => {
    pair.a.stalled = true;
    pair.net.run(400);
    pair.net.wake(pair.a);
    pair.net.run(1_000);
    expect(pair.states).toEqual(["active", "standby"]);
    expect(counter(pair.a, "lapses")).toBe(0);
  });
});

describe("a split that heals", () => {
  const split = (one: Side, two: Side): Pair => {
    const torn = new Pair(one, two);
    torn.net.cut = () => true;
    torn.net.run(2_000);
    expect(torn.states).toEqual(["active", "active"]);
    return torn;
  };

  test.each([
    ["the one with the higher priority began", 110, 100],
    ["the one with the lower priority took over", 100, 110],
  ])("the higher epoch wins, whatever the priorities: %s", (_name, first, second) => {
    const torn = split({ group: { priority: first } }, { group: { priority: second } });
    const [low, high] = torn.a.scheme()?.epoch === 1 ? [torn.a, torn.b] : [torn.b, torn.a];
    expect([low.scheme()?.epoch, high.scheme()?.epoch]).toEqual([1, 2]);
    torn.net.cut = () => false;
    torn.net.run(250);
    expect([low.holds("outside 1"), high.holds("outside 1")]).toEqual([false, true]);
    torn.net.run(10_000);
    expect([low.state(), high.state()]).toEqual(["standby", "active"]);
  });

  test.each([
    ["priority", 110, 100, "A"],
    ["priority, the other way round", 100, 110, "B"],
    ["address", 100, 100, "B"],
  ])("at equal epochs %s decides", (_name, one, two, winner) => {
    const torn = new Pair({ group: { priority: one } }, { group: { priority: two } }, false);
    torn.net.cut = () => true;
    torn.net.run(5_000);
    expect([torn.a.scheme()?.epoch, torn.b.scheme()?.epoch]).toEqual([1, 1]);
    torn.net.cut = () => false;
    torn.net.run(250);
    expect([torn.a, torn.b].filter(each => each.holds("outside 1")).map(each => each.name)).toEqual([winner]);
  });

  test("beacons cut, hellos not: the segment carries the beacons, nothing moves", () => {
    pair.net.cut = (_from, _to, medium) => medium === "sync";
    pair.net.run(30_000);
    expect(pair.states).toEqual(["active", "standby"]);
    expect([counter(pair.b, "takeovers"), counter(pair.b, "asks")]).toEqual([0, 0]);
  });

  test("hellos cut, beacons not: what HSRP proposes is refused", () => {
    pair.net.cut = (_from, _to, medium) => medium === "outside";
    pair.net.run(30_000);
    expect(pair.a.state()).toBe("active");
    expect(pair.b.holds("outside 1")).toBe(false);
    expect(counter(pair.b, "takes-refused")).toBeGreaterThan(0);
  });

  test("the beacons one way only: the other is told on the segment, and asks nothing", () => {
    pair.net.cut = (from, _to, medium) => medium === "sync" && from === pair.a;
    pair.net.run(30_000);
    expect([pair.states, counter(pair.b, "asks")]).toEqual([["active", "standby"], 0]);
  });

  test("one way only: whoever hears the higher epoch yields", () => {
    pair.net.cut = (from, _to) => from === pair.a;
    pair.net.run(3_000);
    expect([pair.a.holds("outside 1"), pair.b.holds("outside 1")]).toEqual([false, true]);
  });
});

describe("inside and outside", () => {
  const inside = (n: 1 | 2) =>
    group({ interface: "inside", group: 2, address: `10.1.0.${n}`, virtual: "10.1.0.15", follow: "tunnels" });

  test("only the inside is whole: it is asked there too, and nothing moves", () => {
    const both = new Pair({ groups: [inside(1)] }, { groups: [inside(2)] });
    both.net.cut = (_from, _to, medium) => medium !== "inside";
    both.net.run(10_000);
    expect(both.both).toEqual([]);
    expect([both.a.holds("inside 2"), both.b.holds("inside 2")]).toEqual([true, false]);
  });

  test("the end of the process: followers wait for their leader", () => {
    const both = new Pair({ groups: [inside(1)] }, { groups: [inside(2)] });
    both.net.give(both.a, { kind: "stop" });
    expect(both.a.holds("inside 2")).toBe(true);
    both.net.run(300);
    expect([both.a.holds("inside 2"), both.b.holds("inside 2")]).toEqual([false, true]);
    expect(both.a.done.filter(each => each.effect.do === "released")).toHaveLength(2);
  });

  test("an inside that is down takes nothing when the outside takes over", () => {
    const both = new Pair({ groups: [inside(1)] }, { groups: [inside(2)] });
    both.net.give(both.b, { kind: "link", interface: "inside", up: false });
    both.a.dead = true;
    both.net.run(1_000);
    expect([both.b.holds("outside 1"), both.b.holds("inside 2")]).toEqual([true, false]);
  });

  test("the will of each group is its own, and the token its leader's", () => {
    const both = new Pair({ groups: [inside(1)] }, { groups: [inside(2)] });
    const wills = both.a.done.flatMap(({ effect }) => (effect.do === "will" && effect.will ? [effect] : []));
    const last = (key: string) => wills.findLast(each => each.group === key)?.will;
    expect(last("outside 1")?.tokens.length).toBe(3);
    expect(last("inside 2")).toMatchObject({ resign: { group: 2, opcode: "resign" }, tokens: [] });
  });

  test("one interface for everything is said once", () => {
    const path = {
      local: ip("10.0.0.1") as Ipv4,
      remote: ip("10.0.0.2") as Ipv4,
      localPort: 1,
      remotePort: 1,
      interface: "outside",
    };
    const one = new Pair({ scheme: { paths: [path] } });
    one.net.give(one.a, { kind: "configure", settings: settingsOf(1, { scheme: { paths: [path] } }) });
    expect(reports(one.a).filter(each => each === "ONE_CHANNEL")).toHaveLength(1);
    expect(reports(one.b)).not.toContain("ONE_CHANNEL");
  });
});

describe("what is changed while it works", () => {
  test("a scheme that comes and goes keeps the address where it is", () => {
    const plain = new Pair({ scheme: { key: undefined } }, { scheme: { key: undefined } });
    for (const [member, n] of [
      [plain.a, 1],
      [plain.b, 2],
    ] as const)
      plain.begin(member, settingsOf(n, {}));
    plain.net.run(3_000);
    expect(plain.a.scheme()).toMatchObject({ plainBecause: undefined, role: "active", epoch: 1 });
    expect(plain.b.scheme()?.hot).toBe(true);
    for (const [member, n] of [
      [plain.a, 1],
      [plain.b, 2],
    ] as const)
      plain.begin(member, settingsOf(n, { scheme: { key: undefined } }));
    plain.net.run(3_000);
    expect(plain.states).toEqual(["active", "standby"]);
    expect([plain.both, plain.neither]).toEqual([[], []]);
  });

  test("what redundancy said before there was a gate counts", () => {
    const late = new Pair({ scheme: { key: undefined } }, { scheme: { key: undefined } });
    for (const [member, n] of [
      [late.a, 1],
      [late.b, 2],
    ] as const)
      late.net.give(member, { kind: "configure", settings: settingsOf(n, {}) });
    late.net.run(3_000);
    expect(late.b.scheme()?.hot).toBe(true);
  });

  test("the key, one member after the other: nothing moves", () => {
    const key = new Uint8Array(32).fill(8);
    pair.net.give(pair.a, { kind: "configure", settings: settingsOf(1, { scheme: { key } }) });
    pair.net.run(20_000);
    pair.net.give(pair.b, { kind: "configure", settings: settingsOf(2, { scheme: { key } }) });
    pair.net.run(5_000);
    expect(pair.states).toEqual(["active", "standby"]);
    expect(pair.both).toEqual([]);
    expect(pair.b.scheme()?.hot).toBe(true);
  });

  test("a shorter hold time shortens the lease at once", () => {
    const quick = { group: { helloMs: 15, holdMs: 50 } };
    pair.net.give(pair.a, { kind: "configure", settings: settingsOf(1, quick) });
    const role = pair.a.done.findLast(({ effect }) => effect.do === "role")?.effect;
    expect(role).toMatchObject({ role: "active", leaseMs: 50 });
  });
});
