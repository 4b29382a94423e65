/** Schedules made up to break the gate's promises, each from reading it as somebody who wants it to fail. */
import { beforeEach, describe, expect, test } from "vitest";
import type { MacAddress } from "../wire/address.ts";
import type { LivenessEffect } from "./liveness-port.ts";
import { counter, Pair, reports, settingsOf } from "./pair.test-support.ts";
import type { Member } from "./toy-network.test-support.ts";

let pair: Pair;
beforeEach(() => {
  pair = new Pair();
});

const since = (member: Member, at: number): LivenessEffect[] =>
  member.done.filter(each => each.at >= at).map(({ effect }) => effect);
const epochs = (effects: readonly LivenessEffect[]): number[] =>
  effects.flatMap(each => (each.do === "role" && each.role === "active" ? [each.epoch] : []));

describe("an offer that was not taken up", () => {
  const failedSwitchover = (): void => {
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    pair.net.run(1);
    pair.b.paused = true;
    pair.net.run(450);
    expect(pair.a.state()).toBe("active");
    expect(reports(pair.a)).toContain("SWITCHOVER_FAILED");
  };

  test("taken up by an heir that stood still: the epoch of that takeover is nobody else's, and it loses", () => {
    failedSwitchover();
    const began = pair.net.now;
    pair.net.wake(pair.b);
    pair.net.run(200);
    const taken = epochs(since(pair.b, began));
    // Otherwise this schedule shows nothing.
    expect(taken).toEqual([2]);
    expect(pair.a.scheme()).toMatchObject({ role: "active", epoch: 3 });
    expect([pair.a.holds("outside 1"), pair.b.holds("outside 1")]).toEqual([true, false]);
    pair.net.run(3_000);
    expect([pair.states, pair.b.scheme()?.hot]).toEqual([["active", "standby"], true]);
  });

  test("leaves the active with an epoch that is on disk before it goes on", () => {
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    const began = pair.net.now;
    pair.b.dead = true;
    pair.net.run(400);
    const words = since(pair.a, began);
    const persisted = words.findIndex(each => each.do === "persist" && each.epoch === 3);
    const active = words.findIndex(each => each.do === "role" && each.role === "active");
    expect(epochs(words)[0]).toBe(3);
    expect(persisted).toBeGreaterThanOrEqual(0);
    expect(persisted).toBeLessThan(active);
    expect(reports(pair.a)).not.toContain("NOT_DURABLE");
  });

  test("counts after a stall in the middle of it too", () => {
    pair.net.cut = () => true;
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    pair.net.run(20);
    pair.a.paused = true;
    pair.net.run(5_000);
    pair.net.wake(pair.a);
    pair.net.run(100);
    expect(pair.a.scheme()).toMatchObject({ role: "active", epoch: 3 });
  });

  test("before anything was offered too: the heir may hold exact numbers already", () => {
    pair.drains = false;
    pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
    pair.net.give(pair.b, { kind: "link", interface: "outside", up: false });
    pair.net.run(20);
    expect(reports(pair.a)).toContain("SWITCHOVER_FAILED");
    expect(pair.a.scheme()).toMatchObject({ role: "active", epoch: 3 });
  });
});

test("an active goes on above a higher epoch that its standby knows of, once its own next one is on disk", () => {
  const began = pair.net.now;
  pair.net.give(pair.b, { kind: "synced", scheme: "tunnels", synced: true, epoch: 7 });
  pair.net.run(200);
  const words = since(pair.a, began);
  const persisted = words.findIndex(each => each.do === "persist" && each.epoch === 8);
  const raised = words.findIndex(each => each.do === "role" && each.role === "active" && each.epoch === 8);
  expect(persisted).toBeGreaterThanOrEqual(0);
  expect(persisted).toBeLessThan(raised);
  expect(pair.a.scheme()).toMatchObject({ role: "active", epoch: 8 });
  expect(pair.b.scheme()?.role).toBe("standby");
});

describe("whoever doubts", () => {
  const doubting = (): number => {
    pair.b.dead = true;
    pair.a.paused = true;
    pair.net.run(10_000);
    const wokeAt = pair.net.now;
    pair.net.wake(pair.a);
    pair.net.run(5);
    expect(counter(pair.a, "lapses")).toBe(1);
    return wokeAt;
  };

  test("announces nothing, whoever claims the address", () => {
    const wokeAt = doubting();
    pair.net.give(pair.a, { kind: "claimed", group: "outside 1", mac: "0000.0c9f.f001" as MacAddress });
    expect(since(pair.a, wokeAt).filter(each => each.do === "announce")).toEqual([]);
    pair.net.run(100);
    expect(since(pair.a, wokeAt).some(each => each.do === "announce")).toBe(true);
  });

  test("signs nothing that stands, wants no hello sent, and asks", () => {
    const wokeAt = doubting();
    const rings = since(pair.a, wokeAt).flatMap(each => (each.do === "beacons" ? [each.octets.length] : []));
    expect([rings, counter(pair.a, "asks") > 0]).toEqual([[0], true]);
    expect(since(pair.a, wokeAt).filter(each => each.do === "hsrp")).toEqual([]);
  });

  test("believes no answer that it had asked for before it stood still", () => {
    const quick = { group: { helloMs: 15, holdMs: 50 } };
    pair = new Pair(quick, quick);
    const born = pair.reboot(pair.b, 12, settingsOf(2, { ...quick, scheme: { storedEpoch: 2 } }));
    pair.net.run(0.6);
    // Its answer to the question who it is waits here meanwhile.
    pair.a.paused = true;
    pair.net.run(400);
    expect(born.scheme()?.role).toBe("active");
    const wokeAt = pair.net.now;
    pair.net.wake(pair.a);
    pair.net.run(200);
    expect(epochs(since(pair.a, wokeAt))).toEqual([]);
    expect([pair.a.holds("outside 1"), born.holds("outside 1")]).toEqual([false, true]);
  });

  test("in the middle of its end ends all the same", () => {
    pair.drains = false;
    pair.net.give(pair.a, { kind: "stop" });
    pair.b.dead = true;
    pair.a.paused = true;
    pair.net.run(2_000);
    pair.net.wake(pair.a);
    pair.net.run(100);
    expect(reports(pair.a)).toContain("LAPSED");
    expect(pair.a.done.some(({ effect }) => effect.do === "released")).toBe(true);
    expect(pair.a.holds("outside 1")).toBe(false);
  });

  test("and loses its scheme meanwhile goes back into the election, and speaks again", () => {
    const wokeAt = doubting();
    pair.net.give(pair.a, { kind: "configure", settings: settingsOf(1, { scheme: { key: undefined } }) });
    expect(pair.a.holds("outside 1")).toBe(false);
    expect(epochs(since(pair.a, wokeAt))).toEqual([]);
    pair.net.run(5_000);
    expect(pair.a.state()).toBe("active");
    expect(pair.net.sent.filter(each => each.from === pair.a).at(-1)?.what).toBe("hello active virtual");
  });
});

describe("what is held of an active that is none any more", () => {
  test("counts for nothing: no preemption after a split before everything of the new epoch is held", () => {
    pair = new Pair({ group: { preempt: true } });
    const synced = (epoch: number): void =>
      pair.net.give(pair.a, { kind: "synced", scheme: "tunnels", synced: true, epoch });
    pair.net.cut = () => true;
    pair.net.run(2_000);
    expect(pair.states).toEqual(["active", "active"]);
    synced(1);
    pair.net.cut = () => false;
    pair.net.run(200);
    // Said by a main thread that has not learned yet that its member is a standby.
    synced(1);
    pair.net.run(10_000);
    expect([pair.states, pair.a.scheme()?.hot]).toEqual([["standby", "active"], false]);
    expect(counter(pair.a, "preemptions-requested")).toBe(0);
    synced(2);
    expect(pair.a.scheme()?.hot).toBe(true);
    pair.net.run(5_000);
    expect(pair.states).toEqual(["active", "standby"]);
  });
});

describe("nobody is hot", () => {
  test("before there is an active that it holds everything of", () => {
    pair = new Pair({}, {}, false);
    pair.net.run(500);
    const schemes = [pair.a.scheme(), pair.b.scheme()];
    expect(schemes.map(each => [each?.role, each?.peer?.role, each?.hot])).toEqual([
      ["standby", "standby", false],
      ["standby", "standby", false],
    ]);
  });
});
