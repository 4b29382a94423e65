import { expect, test } from "vitest";
import { hundredths, pointsOf, traceOf } from "./probe-trace.ts";

const sender = { sent: [-250, -150, -50, 60, 160] };
const receiver = { arrived: [-220, null, -15, 55] };

test("a trace says when each probe was sent and what it took; what never arrived took -1", () => {
  expect(traceOf(sender, receiver)).toEqual({ sentAfter: [-250, 100, 100, 110, 100], took: [30, -1, 35, 0, -1] });
});

test("read back, it is what was measured, in milliseconds", () => {
  expect(pointsOf(traceOf(sender, receiver))).toEqual({
    atMs: [-2.5, -1.5, -0.5, 0.6, 1.6],
    tookMs: [0.3, null, 0.35, 0, null],
  });
});

test("nothing sent, nothing to show", () => {
  expect(pointsOf(traceOf({ sent: [] }, { arrived: [5] }))).toEqual({ atMs: [], tookMs: [] });
});

test("hundredths of a millisecond are rounded", () => {
  expect([hundredths(1.004), hundredths(1.006), hundredths(-0.5)]).toEqual([100, 101, -50]);
});
