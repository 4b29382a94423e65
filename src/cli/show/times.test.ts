import { expect, test } from "vitest";
import { duration, sinceText } from "./times.ts";

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

test.each([
  [59_999, "0 minutes"],
  [HOUR, "1 hour, 0 minutes"],
  [DAY + 61_000, "1 day, 1 minute"],
  [(365 + 8) * DAY + 2 * HOUR, "1 year, 1 week, 1 day, 2 hours, 0 minutes"],
])("%i ms long", (milliseconds, text) => {
  expect(duration(milliseconds)).toBe(text);
});
