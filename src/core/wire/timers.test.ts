import fc from "fast-check";
import { expect, test } from "vitest";
import { TimerHeap, Timers, timerHandle } from "./timers.ts";
import { fromUtf8, utf8 } from "./utf8.ts";

const commands = fc.array(
  fc.oneof(
    fc.record({ do: fc.constant("set" as const), timer: fc.nat(9), at: fc.nat(50) }),
    fc.record({ do: fc.constant("clear" as const), timer: fc.nat(9) }),
    fc.record({ do: fc.constant("due" as const), now: fc.nat(60) }),
  ),
  { maxLength: 60 },
);

test("the heap does what a sorted list would do, whatever is set, moved and cleared", () => {
  fc.assert(
    fc.property(commands, script => {
      const heap = new TimerHeap<number>();
      const handles = Array.from({ length: 10 }, (_, n) => timerHandle(n));
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

test("UTF-8 agrees with the platform", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), text => {
      expect(fromUtf8(utf8(text))).toBe(text);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), text => {
      expect(utf8(text)).toEqual(new TextEncoder().encode(text));
    }),
  );
});

test("octets that are not UTF-8 become replacement characters, and no more than they are", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), octets => {
      const text = fromUtf8(octets);
      expect([...text].length).toBeLessThanOrEqual(octets.length);
      if (!text.includes("\ufffd")) expect(utf8(text)).toEqual(octets);
    }),
  );
  for (const overlong of [
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
  ]) {
    expect([...fromUtf8(Uint8Array.from(overlong))].every(char => char === "\ufffd")).toBe(true);
  }
});
