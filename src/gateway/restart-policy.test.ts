import { expect, test } from "vitest";
import { RestartPolicy } from "./restart-policy.ts";

test("the first death is answered at once, the fifth in a row within a second, none after more than ten", () => {
  const policy = new RestartPolicy();
  const delays = Array.from({ length: 12 }, () => policy.delayAfter(10));
  expect(delays.slice(0, 5)).toEqual([50, 100, 200, 400, 800]);
  expect(Math.max(...delays)).toBe(10_000);
});

test("a long life forgives what was before it", () => {
  const policy = new RestartPolicy();
  for (let deaths = 0; deaths < 6; deaths++) policy.delayAfter(10);
  expect(policy.delayAfter(30_000)).toBe(50);
  expect(policy.delayAfter(10)).toBe(100);
});
