import { expect, test } from "vitest";
import { RateLimit } from "./rate-limit.ts";

test("each key has its own time", () => {
  const limit = new RateLimit(100);
  expect([limit.allows("a", 0), limit.allows("a", 99), limit.allows("b", 99), limit.allows("a", 100)]).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

test("a flood of keys costs no memory: the one that spoke first is forgotten", () => {
  const limit = new RateLimit(100, 2);
  expect([limit.allows("a", 0), limit.allows("b", 1), limit.allows("c", 2)]).toEqual([true, true, true]);
  expect([limit.allows("b", 3), limit.allows("a", 3)]).toEqual([false, true]);
});

test("a burst is let through, and the next one when the time of the first is over", () => {
  const limit = new RateLimit(100, 64, 3);
  const said = [0, 10, 20, 30, 99, 100, 101, 102, 103].map(now => limit.allows("a", now));
  expect(said).toEqual([true, true, true, false, false, true, true, true, false]);
});
