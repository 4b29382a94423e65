import { expect, test } from "vitest";
import { TakeoverWatch } from "./takeover-watch.ts";

function watched(): { readonly watch: TakeoverWatch; readonly at: (ms: number) => TakeoverWatch } {
  let now = 0;
  const watch = new TakeoverWatch(() => now);
  const at = (ms: number): TakeoverWatch => {
    now = ms;
    return watch;
  };
  return { watch, at };
}

test("each step counts from the wake to its end, and of several groups the last", () => {
  const { watch, at } = watched();
  watch.begin(100);
  at(100.5).took("OUTSIDE");
  at(101).mark("steering");
  at(103).did({ do: "take-address", group: "eth0 1", addresses: [] });
  at(104).did({ do: "take-address", group: "eth1 2", addresses: [] });
  at(104.5).did({ do: "announce", group: "eth0 1" });
  expect(watch.end()).toEqual({
    owner: "OUTSIDE",
    beganMs: 100,
    times: { role: 0.5, steering: 1, address: 4, announce: 4.5 },
  });
});

test("what happens where nobody takes over is not timed, and is not kept for the next", () => {
  const { watch, at } = watched();
  watch.begin(100);
  at(101).did({ do: "announce", group: "eth0 1" });
  expect(watch.end()).toBeUndefined();
  watch.begin(200);
  at(201).took("OUTSIDE");
  watch.begin(300);
  at(301).did({ do: "announce", group: "eth0 1" });
  expect(watch.end()).toBeUndefined();
});

test("of two owners in one turn the first is timed", () => {
  const { watch, at } = watched();
  watch.begin(0);
  at(1).took("OUTSIDE");
  at(2).took("INSIDE");
  expect(watch.end()).toMatchObject({ owner: "OUTSIDE", times: { role: 1 } });
});
