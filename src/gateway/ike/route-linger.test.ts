import { expect, test } from "vitest";
import { LINGER_MS, RouteLinger } from "./route-linger.ts";

const OWNERS = ["ONE", "TWO"];

test("who was active a moment ago still leads here, and then not any more", () => {
  const linger = new RouteLinger();
  const active = new Set(["ONE"]);
  const led = (nowMs: number): string[] => [...linger.ledHere(OWNERS, owner => active.has(owner), nowMs)];
  expect(led(0)).toEqual(["ONE"]);
  expect(linger.nextMs).toBeUndefined();
  // It has been active all the time since, though nobody looked.
  active.delete("ONE");
  expect(led(10_000)).toEqual(["ONE"]);
  expect(linger.nextMs).toBe(10_000 + LINGER_MS);
  expect(led(10_000 + LINGER_MS - 1)).toEqual(["ONE"]);
  expect(led(10_000 + LINGER_MS)).toEqual([]);
  expect(linger.nextMs).toBeUndefined();
});

test("each owner lingers for itself, and not while it is active again", () => {
  const linger = new RouteLinger();
  const active = new Set(OWNERS);
  const led = (nowMs: number): string[] => [...linger.ledHere(OWNERS, owner => active.has(owner), nowMs)].toSorted();
  led(0);
  active.delete("ONE");
  expect(led(100)).toEqual(OWNERS);
  active.add("ONE");
  expect(led(200)).toEqual(OWNERS);
  expect(linger.nextMs).toBeUndefined();
  expect(led(100 + 2 * LINGER_MS)).toEqual(OWNERS);
});

test("who never was active leads nothing here", () => {
  expect([...new RouteLinger().ledHere(OWNERS, () => false, 0)]).toEqual([]);
});

test("who is about to be active leads here at once, and goes on if it becomes so", () => {
  const linger = new RouteLinger();
  const active = new Set<string>();
  const led = (nowMs: number): string[] => [...linger.ledHere(OWNERS, owner => active.has(owner), nowMs)];
  linger.expect("ONE", 1_000);
  expect(led(1_000)).toEqual(["ONE"]);
  active.add("ONE");
  expect(led(1_020)).toEqual(["ONE"]);
  expect(linger.nextMs).toBeUndefined();
  expect(led(10_000)).toEqual(["ONE"]);
});

test("a role that was expected and did not come takes its routes with it", () => {
  const linger = new RouteLinger();
  const led = (nowMs: number): string[] => [...linger.ledHere(OWNERS, () => false, nowMs)];
  linger.expect("ONE", 1_000);
  expect(led(1_000)).toEqual(["ONE"]);
  expect(linger.nextMs).toBe(1_000 + LINGER_MS);
  expect(led(1_000 + LINGER_MS)).toEqual([]);
});
