import { expect, test } from "vitest";
import { RekeySteps } from "./rekey-steps.ts";

/** Cookies and a message id made of one octet each, and something encrypted. */
function message(exchange: number, id: number, content: number): Uint8Array {
  const octets = new Uint8Array(60).fill(content);
  octets.fill(0xc0, 0, 16);
  octets[18] = exchange;
  octets.fill(id, 20, 24);
  return octets;
}
const quick = (id: number, content: number): Uint8Array => message(32, id, content);
const informational = (id: number): Uint8Array => message(5, id, 9);

test("the messages of a quick mode are counted, and what is sent again is not", () => {
  const steps = new RekeySteps();
  const sent = [quick(1, 1), quick(1, 1), quick(1, 2), quick(1, 3), quick(1, 2), quick(1, 4)];
  expect(sent.map(each => steps.see(each))).toEqual([1, undefined, 2, 3, undefined, undefined]);
});

test("two at once are counted each for itself", () => {
  const steps = new RekeySteps();
  expect([quick(1, 1), quick(2, 5), quick(1, 2)].map(each => steps.see(each))).toEqual([1, 1, 2]);
});

test("an informational message counts once, and only after a quick mode that is complete", () => {
  const steps = new RekeySteps();
  expect(steps.see(informational(7))).toBeUndefined();
  for (const content of [1, 2, 3]) steps.see(quick(1, content));
  expect(steps.see(informational(8))).toBe(4);
  expect(steps.see(informational(9))).toBeUndefined();
});

test("other exchanges and fragments of messages are none of it", () => {
  const steps = new RekeySteps();
  expect(steps.see(message(2, 0, 1))).toBeUndefined();
  expect(steps.see(quick(1, 1).subarray(0, 27))).toBeUndefined();
});
