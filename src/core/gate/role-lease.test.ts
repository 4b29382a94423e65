import { beforeEach, expect, test } from "vitest";
import type { LivenessEffect } from "./liveness-port.ts";
import { RoleLease } from "./role-lease.ts";

const effects: LivenessEffect[] = [];
const said = (): string[] =>
  effects.splice(0).flatMap(each => (each.do === "role" ? [`${each.role} ${each.epoch} ${each.leaseMs}`] : []));
let lease: RoleLease;
beforeEach(() => {
  effects.length = 0;
  lease = new RoleLease("tunnels", effect => effects.push(effect));
});

test("an owner's lease is renewed every third of it", () => {
  lease.set("active", 3, 750, 0);
  expect([said(), lease.next]).toEqual([["active 3 750"], 250]);
  lease.handleTimeouts(750, 249);
  expect(said()).toEqual([]);
  lease.handleTimeouts(750, 250);
  expect([said(), lease.next]).toEqual([["active 3 750"], 500]);
});

test("one that ran out is not renewed: that would be for its owner to decide", () => {
  lease.set("active", 3, 750, 0);
  said();
  expect([lease.lapsed(749), lease.lapsed(750)]).toEqual([false, true]);
  lease.handleTimeouts(750, 750);
  expect(said()).toEqual([]);
});

test("another hold time counts at once", () => {
  lease.set("active", 3, 750, 0);
  said();
  lease.handleTimeouts(50, 10);
  expect([said(), lease.next]).toEqual([["active 3 50"], 10 + 50 / 3]);
});

test("who waits has none, and says its role once", () => {
  lease.set("standby", 3, 750, 0);
  lease.set("standby", 3, 750, 1);
  expect([said(), lease.next, lease.lapsed(10_000)]).toEqual([["standby 3 0"], undefined, false]);
});

test("a grace runs out by itself, once, and leads to standby", () => {
  lease.set("draining", 3, 750, 0);
  lease.grace(4, 100, 10);
  expect([said(), lease.next]).toEqual([["draining 3 750", "grace 3 100"], 110]);
  lease.handleTimeouts(750, 109);
  expect([said(), lease.lapsed(109)]).toEqual([[], false]);
  lease.handleTimeouts(750, 110);
  expect([said(), lease.next, lease.lapsed(10_000)]).toEqual([["standby 4 0"], undefined, false]);
});

test("a grace ends early where the role comes back", () => {
  lease.grace(4, 100, 0);
  lease.set("active", 5, 750, 50, "failover");
  lease.handleTimeouts(750, 110);
  expect(said()).toEqual(["grace 0 100", "active 5 750"]);
});

test("how the role came about is said with every renewal of its epoch, and forgotten with it", () => {
  const how = (): unknown[] => effects.splice(0).map(each => (each.do === "role" ? each.how : each));
  lease.set("active", 3, 750, 0, "switchover");
  lease.handleTimeouts(750, 250);
  lease.set("draining", 3, 750, 260);
  lease.set("active", 4, 750, 270);
  expect(how()).toEqual(["switchover", "switchover", "switchover", undefined]);
});

test("one that was given up neither lapses nor is renewed, until the role is set again", () => {
  lease.set("active", 3, 750, 0);
  lease.abandon();
  said();
  lease.handleTimeouts(750, 300);
  expect([said(), lease.next, lease.lapsed(10_000), lease.role]).toEqual([[], undefined, false, "active"]);
  lease.set("active", 3, 750, 400);
  expect([said(), lease.next]).toEqual([["active 3 750"], 650]);
});
