import { expect, test } from "vitest";
import { MainWatch } from "./main-watch.ts";

test("a main thread that beats is never silent", () => {
  let beat = 0;
  const watch = new MainWatch(() => beat);
  for (let now = 0; now < 60_000; now += 50) {
    if (now % 1_900 === 0) beat = now;
    expect(watch.isSilent(now)).toBe(false);
  }
});

test("after two seconds without a beat it is", () => {
  const watch = new MainWatch(() => 1);
  const silentAt = Array.from({ length: 100 }, (_, at) => at * 100).find(now => watch.isSilent(now));
  expect(silentAt).toBe(2_100);
});

test("a stop of the whole process is nobody's silence", () => {
  let beat = 0;
  const watch = new MainWatch(() => beat);
  expect(watch.isSilent(0)).toBe(false);
  // Both stood still for a minute; main needs a moment to say so.
  expect(watch.isSilent(60_000)).toBe(false);
  expect(watch.isSilent(60_200)).toBe(false);
  beat = 1;
  expect(watch.isSilent(60_400)).toBe(false);
  expect(watch.isSilent(62_300)).toBe(false);
});
