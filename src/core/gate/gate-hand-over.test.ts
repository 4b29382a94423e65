/** What the segment sees of a handover: the switches learn where the address is from whoever spoke last. */
import { expect, test } from "vitest";
import { Pair, settingsOf } from "./pair.test-support.ts";

test("after the heir's first frame as active the one before sends none: the switches stay with the heir", () => {
  const pair = new Pair();
  // The better priority of the one before would answer the heir's first hello with a coup.
  expect(settingsOf(1, {}).groups[0]?.settings.priority).toBeGreaterThan(100);
  pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
  const began = pair.net.sent.length;
  pair.net.run(1_000);
  const virtual = pair.net.sent.slice(began).filter(each => each.what.endsWith("virtual"));
  const first = virtual.findIndex(each => each.from === pair.b);
  expect(first).toBeGreaterThanOrEqual(0);
  expect(virtual.slice(first).filter(each => each.from === pair.a)).toEqual([]);
});

test("an offer that nobody takes: the switches are told again", () => {
  const pair = new Pair();
  pair.net.give(pair.a, { kind: "switchover", scheme: "tunnels" });
  pair.b.dead = true;
  const began = pair.net.now;
  pair.net.run(600);
  const after = pair.a.done.filter(each => each.at >= began).map(({ effect }) => effect);
  const kept = after.findIndex(each => each.do === "role" && each.role === "active");
  expect(after.slice(kept).some(each => each.do === "announce")).toBe(true);
  expect(after.slice(kept).some(each => each.do === "hsrp" && each.repeatMs !== undefined)).toBe(true);
});

test("a group that may stay after all, just as its handover was given up, is still ruled by its gate", () => {
  const pair = new Pair();
  const up = settingsOf(1, {});
  pair.net.give(pair.a, { kind: "configure", settings: { ...up, up: ["inside"] } });
  pair.net.run(1);
  pair.net.cut = () => true;
  pair.b.stalled = true;
  pair.net.run(100);
  // The offer ends while this member stands still; it wakes to what permits its interface again.
  pair.a.stalled = true;
  pair.net.run(300);
  pair.net.give(pair.a, { kind: "configure", settings: up });
  pair.net.wake(pair.a);
  pair.net.cut = () => false;
  pair.net.wake(pair.b);
  pair.net.run(60_000);
  expect([pair.a.scheme()?.role, pair.b.scheme()?.role].sort()).toEqual(["active", "standby"]);
});
