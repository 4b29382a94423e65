import { expect, test } from "vitest";
import { answerWaitMs, MAX_SENDINGS } from "./retransmission.ts";

test("half a second, twice as long each time, five seconds at most, fourteen times", () => {
  const waits = Array.from({ length: MAX_SENDINGS + 1 }, (_, at) => answerWaitMs(at + 1));
  expect(waits).toEqual([500, 1_000, 2_000, 4_000, ...Array(10).fill(5_000), undefined]);
});
