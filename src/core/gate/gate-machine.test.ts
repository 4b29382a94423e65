import { expect, test } from "vitest";
import { GateMachine } from "./gate-machine.ts";

const times = { drainMs: 50, leaving: false };

test("what a state waits for ends with it", () => {
  const machine = new GateMachine();
  machine.handle("start", times, 0);
  machine.handle("suspect", times, 0);
  expect(machine.timers.next).toBe(2);
  machine.handle("stand-back", times, 1);
  expect([machine.state, machine.timers.next]).toEqual(["standby", undefined]);
});

test("an ask that comes late does not make the next one follow at once", () => {
  const machine = new GateMachine();
  machine.handle("start", times, 0);
  machine.handle("suspect", times, 0);
  expect(machine.due(times, 9)).toBe("ask-due");
  machine.handle("ask-due", times, 9);
  expect(machine.timers.next).toBe(10);
});
