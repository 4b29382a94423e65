import { expect, test } from "vitest";
import { DEBUG_FLAGS, type DebugLine, DebugSwitches } from "./debug-flags.ts";
import { iosLine } from "./message.ts";

const hello: DebugLine = { flag: "hsrp-hellos", text: "Hello out" };
const event: DebugLine = { flag: "hsrp-events", text: "Standby -> Active" };

test("everything is off at first, and then no line is even made", () => {
  const switches = new DebugSwitches();
  let made = 0;
  const lines = (): DebugLine[] => {
    made += 1;
    return [hello];
  };
  expect(switches.events(lines, 0)).toEqual([]);
  expect(made).toBe(0);
  switches.set(["hsrp-hellos"], true);
  expect(switches.events(lines, 0).map(iosLine)).toEqual(["%HSRP-7-DEBUG: Hello out"]);
});

test("only what is switched on is told", () => {
  const switches = new DebugSwitches();
  switches.set(["hsrp-events"], true);
  expect(switches.events(() => [hello, event], 0).map(each => each.text)).toEqual(["Standby -> Active"]);
  switches.set(DEBUG_FLAGS, false);
  expect(switches.events(() => [hello, event], 0)).toEqual([]);
  expect(switches.on().size).toBe(0);
});

test("a storm is cut to 50 lines a second, and the next line tells how many are missing", () => {
  const switches = new DebugSwitches();
  switches.set(["hsrp-hellos"], true);
  const told = Array.from({ length: 1000 }, (_, at) => switches.events(() => [hello], 100 + at / 2)).flat();
  expect(told).toHaveLength(50);
  expect(switches.events(() => [hello], 1099)).toEqual([]);
  expect(switches.events(() => [hello], 1100).map(each => each.text)).toEqual([
    "951 debug lines left out",
    "Hello out",
  ]);
  expect(switches.events(() => [hello], 1101).map(each => each.text)).toEqual(["Hello out"]);
});
