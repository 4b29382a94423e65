import fc from "fast-check";
import { expect, test } from "vitest";
import { TimerHeap, Timers, timerHandle } from "./timers.ts";

/** Enough for a heap of several levels, whose branches differ. */
const TIMERS = 40;

const commands = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("set" as const), timer: fc.nat(TIMERS - 1), at: fc.nat(20) }),
    fc.record({ do: fc.constant("clear" as const), timer: fc.nat(TIMERS - 1) }),
    fc.record({ do: fc.constant("due" as const), now: fc.nat(21) }),
  ),
  // Of the largest size, for by default arrays stay at about ten elements.
  { maxLength: 150, size: "max" },
);

test("the heap does what a sorted list would do, whatever is set, moved and cleared", () => {
  fc.assert(
    fc.property(commands, script => {
      const heap = new TimerHeap<number>();
      const handles = Array.from({ length: TIMERS }, (_, n) => timerHandle(n));
      let list: { timer: number; at: number }[] = [];
      for (const step of script) {
        const handle = handles["timer" in step ? step.timer : 0];
        if (handle === undefined) continue;
        if (step.do !== "due") list = list.filter(each => each.timer !== step.timer);
        if (step.do === "set") {
          heap.set(handle, step.at);
          list.push({ timer: step.timer, at: step.at });
        } else if (step.do === "clear") heap.clear(handle);
        else {
          const due = list.filter(each => each.at <= step.now).sort((a, b) => a.at - b.at);
          list = list.filter(each => each.at > step.now);
          expect(heap.due(step.now)).toEqual(due.map(each => each.timer));
        }
        expect(heap.size).toBe(list.length);
        expect(heap.next).toBe(list.length === 0 ? undefined : Math.min(...list.map(each => each.at)));
      }
    }),
    { numRuns: 500 },
  );
});

test("names: the earliest first, equal ones as they were set, each once", () => {
  const timers = new Timers<"hello" | "hold" | "delay">();
  expect(timers.next).toBeUndefined();
  timers.set("hold", 30);
  timers.set("hello", 10);
  timers.set("delay", 30);
  timers.set("hold", 30);
  expect(timers.next).toBe(10);
  expect(timers.due(9)).toEqual([]);
  expect(timers.due(30)).toEqual(["hello", "delay", "hold"]);
  expect(timers.due(30)).toEqual([]);
  timers.set("hello", 5);
  timers.set("hold", 6);
  timers.clear("hello");
  expect(timers.at("hold")).toBe(6);
  timers.clear();
  expect(timers.next).toBeUndefined();
});

test("taken one by one, what handling the first clears or moves does not come", () => {
  const heap = new TimerHeap<string>();
  const [a, b, c] = [timerHandle("a"), timerHandle("b"), timerHandle("c")];
  for (const each of [b, a, c]) heap.set(each, 10);
  const timers = new Timers<"a" | "b" | "c">();
  for (const each of ["b", "a", "c"] as const) timers.set(each, 10);
  timers.set("c", 9);
  heap.set(c, 9);

  expect([heap.take(8), timers.take(8)]).toEqual([undefined, undefined]);
  expect([heap.take(10), timers.take(10)]).toEqual([c, "c"]);
  heap.clear(b);
  timers.clear("b");
  heap.set(a, 11);
  timers.set("a", 11);
  expect([heap.take(10), timers.take(10)]).toEqual([undefined, undefined]);
  expect([heap.take(11), timers.take(11)]).toEqual([a, "a"]);
  expect([heap.size, timers.next]).toEqual([0, undefined]);
});

test("one by one is the same order as all at once", () => {
  const names = ["a", "b", "c", "d", "e"] as const;
  const deadlines = fc.array(fc.tuple(fc.constantFrom(...names), fc.nat(4)), { maxLength: 10 });
  fc.assert(
    fc.property(deadlines, fc.nat(4), (set, now) => {
      const [one, all] = [new Timers<string>(), new Timers<string>()];
      for (const [name, at] of set) {
        one.set(name, at);
        all.set(name, at);
      }
      const taken = names.map(() => one.take(now)).filter(name => name !== undefined);
      expect(taken).toEqual(all.due(now));
      expect(one.next).toBe(all.next);
    }),
  );
});

test("a deadline that is no time, and a handle of another heap, are bugs of ours", () => {
  const [one, other] = [new TimerHeap<string>(), new TimerHeap<string>()];
  const handle = timerHandle("hello");
  expect(() => one.set(handle, Number.NaN)).toThrow("a deadline at NaN");
  expect(() => new Timers<"hello">().set("hello", Number.POSITIVE_INFINITY)).toThrow(
    "a deadline at Infinity for hello",
  );
  one.set(handle, 1);
  expect(() => other.set(handle, 2)).toThrow("a timer handle of another heap");
  expect(() => other.clear(handle)).toThrow("a timer handle of another heap");
  one.clear(handle);
  other.set(handle, 2);
  expect([one.next, other.next]).toEqual([undefined, 2]);
});
