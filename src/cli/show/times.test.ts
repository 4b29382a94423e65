import { expect, test } from "vitest";
import { sinceText } from "./times.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

test.each([
  [0, "00:00:00"],
  [11_999, "00:00:11"],
  [DAY - 1, "23:59:59"],
  [DAY, "1d00h"],
  [5 * DAY + 14.9 * HOUR, "5d14h"],
  [7 * DAY, "1w0d"],
  [26 * 7 * DAY + 2 * DAY, "26w2d"],
  [365 * DAY, "1y0w"],
  [(3 * 365 + 37 * 7) * DAY, "3y37w"],
])("%i ms ago", (milliseconds, text) => {
  expect(sinceText(milliseconds)).toBe(text);
});
