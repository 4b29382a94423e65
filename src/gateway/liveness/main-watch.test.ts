import { expect, test } from "vitest";
import type { GroupSnapshot, SchemeSnapshot } from "../../core/gate/liveness-port.ts";
import { canHandOver, MainWatch } from "./main-watch.ts";

const ready = (): boolean => true;
const nobody = (): boolean => false;

test("a main thread that beats is never lost, and nobody asks who could take over", () => {
  let beat = 0;
  const watch = new MainWatch(() => beat);
  for (let now = 0; now < 60_000; now += 50) {
    if (now % 1_900 === 0) beat = now;
    const lost = watch.isLost(now, () => {
      throw new Error("asked");
    });
    expect(lost).toBe(false);
  }
});

test("after two seconds without a beat it is, where somebody can take over", () => {
  const watch = new MainWatch(() => 1);
  const lostAt = Array.from({ length: 100 }, (_, at) => at * 100).find(now => watch.isLost(now, ready));
  expect(lostAt).toBe(2_100);
});

test("alone, it is given half a minute; a beat meanwhile counts", () => {
  const silent = new MainWatch(() => 1);
  const times = Array.from({ length: 1_000 }, (_, at) => at * 100);
  expect(times.find(now => silent.isLost(now, nobody))).toBe(30_100);
  let beat = 0;
  const slow = new MainWatch(() => beat);
  for (const now of times) {
    if (now % 20_000 === 0) beat = now;
    expect(slow.isLost(now, nobody)).toBe(false);
  }
});

test("a stop of the whole process is nobody's silence", () => {
  let beat = 0;
  const watch = new MainWatch(() => beat);
  expect(watch.isLost(0, ready)).toBe(false);
  // Both stood still for a minute; main needs a moment to say so.
  expect(watch.isLost(60_000, ready)).toBe(false);
  expect(watch.isLost(60_200, ready)).toBe(false);
  beat = 1;
  expect(watch.isLost(60_400, ready)).toBe(false);
  expect(watch.isLost(62_300, ready)).toBe(false);
});

type Facts = Partial<Pick<GroupSnapshot, "state" | "leader" | "standby">> & { readonly name?: string };
const router = { address: "10.0.0.2", priority: 100 } as unknown as GroupSnapshot["standby"];

function group({ name, state = "active", leader, standby }: Facts): GroupSnapshot {
  return { group: { name }, state, leader, standby } as unknown as GroupSnapshot;
}

function scheme(hot: boolean | undefined, plainBecause?: string): SchemeSnapshot {
  return { name: "S", plainBecause, peer: hot === undefined ? undefined : { hot } } as unknown as SchemeSnapshot;
}

test("who is active for nothing has nothing to hand over", () => {
  expect(canHandOver({ groups: [], schemes: [] })).toBe(false);
  expect(canHandOver({ groups: [group({ state: "standby", standby: router })], schemes: [] })).toBe(false);
});

test("a plain group is handed to its standby", () => {
  expect(canHandOver({ groups: [group({ standby: router })], schemes: [] })).toBe(true);
  expect(canHandOver({ groups: [group({})], schemes: [] })).toBe(false);
  expect(canHandOver({ groups: [group({ standby: router }), group({})], schemes: [] })).toBe(false);
});

test("under a gate only a peer that is hot will do; without one the group's own standby does", () => {
  const groups = [group({ name: "S", standby: router }), group({ leader: "S" })];
  expect(canHandOver({ groups, schemes: [scheme(true)] })).toBe(true);
  expect(canHandOver({ groups, schemes: [scheme(false)] })).toBe(false);
  expect(canHandOver({ groups, schemes: [scheme(undefined)] })).toBe(false);
  expect(canHandOver({ groups, schemes: [scheme(undefined, "no key")] })).toBe(true);
});
