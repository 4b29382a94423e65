import { beforeEach, expect, test } from "vitest";
import { Epochs } from "./epochs.ts";
import type { LivenessEffect } from "./liveness-port.ts";

const effects: LivenessEffect[] = [];
const asked = (): number[] => effects.splice(0).flatMap(each => (each.do === "persist" ? [each.epoch] : []));
beforeEach(() => void effects.splice(0));
const epochs = (stored: number) => new Epochs("tunnels", stored, effect => effects.push(effect));

test("one who waits gets the next one onto disk, once for each that it learns of", () => {
  const each = epochs(0);
  each.reserve(each.known + 1, 0);
  expect([asked(), each.reserved]).toEqual([[1], false]);
  each.persisted(1);
  expect(each.reserved).toBe(true);
  each.learn(5);
  each.reserve(each.known + 1, 1);
  each.reserve(each.known + 1, 2);
  expect([asked(), each.reserved]).toEqual([[6], false]);
});

test("a takeover uses the next one, and writes nothing that is there", () => {
  const each = epochs(4);
  each.learn(7);
  each.reserve(each.known + 1, 0);
  each.persisted(8);
  asked();
  expect([each.raise(1), each.known, each.own, each.reserved, asked()]).toEqual([8, 8, 8, true, []]);
});

test("a takeover that found nothing on disk asks for it at once", () => {
  const each = epochs(4);
  expect([each.raise(0), each.reserved, asked()]).toEqual([5, false, [5]]);
});

test("what is on disk at the start may have been used: the next one is above", () => {
  expect(epochs(9).raise(0)).toBe(10);
});

test("a disk that does not answer is asked again after five seconds", () => {
  const each = epochs(0);
  each.reserve(each.known + 1, 0);
  expect([asked(), each.next]).toEqual([[1], 5_000]);
  each.reserve(each.known + 1, 4_999);
  expect(asked()).toEqual([]);
  each.reserve(each.known + 1, 5_000);
  expect(asked()).toEqual([1]);
  each.persisted(1);
  expect(each.next).toBeUndefined();
});

test("an older epoch lowers nothing", () => {
  const each = epochs(5);
  each.learn(3);
  each.persisted(2);
  each.reserve(each.known + 1, 0);
  expect([each.known, asked()]).toEqual([5, [6]]);
});
