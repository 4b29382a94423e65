import { expect, test } from "vitest";
import { IkeTally } from "./ike-tally.ts";

function message(exchange: number, initiator: number, responder: number, id: number): Uint8Array {
  const octets = new Uint8Array(28);
  octets[7] = initiator;
  octets[15] = responder;
  octets[18] = exchange;
  octets[23] = id;
  return octets;
}

test("phase 1 counts by its initiator, quick modes by message id; what is sent again counts once", () => {
  const tally = new IkeTally();
  for (const each of [
    message(2, 1, 0, 0),
    message(2, 1, 0, 0),
    message(2, 1, 9, 0),
    message(32, 1, 9, 5),
    message(32, 1, 9, 5),
    message(32, 1, 9, 6),
    message(2, 2, 0, 0),
    // An informational message, and one that is cut short.
    message(5, 3, 9, 7),
    message(2, 4, 0, 0).subarray(0, 27),
  ])
    tally.see(each);
  expect(tally.result()).toEqual({ phase1: 2, quickModes: 2 });
});
