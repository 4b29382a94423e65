import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ServiceManager, watchdogMs } from "./service-manager.ts";

describe("the watchdog", () => {
  test("is fed twice as often as the service manager looks", () => {
    expect(watchdogMs({ WATCHDOG_USEC: "10000000" })).toBe(5_000);
  });

  test.each([
    ["nobody watches", {}],
    ["somebody else is watched", { WATCHDOG_USEC: "10000000", WATCHDOG_PID: String(process.pid + 1) }],
    ["the time is none", { WATCHDOG_USEC: "soon" }],
    ["the time is nothing", { WATCHDOG_USEC: "0" }],
  ])("is left alone when %s", (_, environment) => {
    expect(watchdogMs(environment)).toBeUndefined();
  });
});

describe("what is said", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test("ready once the gateway answers, then one beat each half of the limit, however often it starts again", () => {
    const said: string[] = [];
    const manager = new ServiceManager(state => said.push(state.split("\n")[0] ?? ""));
    vi.advanceTimersByTime(60_000);
    expect(said).toEqual([]);
    manager.ready(1, { WATCHDOG_USEC: "2000000" });
    manager.ready(2, { WATCHDOG_USEC: "2000000" });
    vi.advanceTimersByTime(3_000);
    expect(said).toEqual(["READY=1", "READY=1", "WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"]);
    manager.stopping();
    manager.close();
    vi.advanceTimersByTime(3_000);
    expect(said.slice(5)).toEqual(["STOPPING=1"]);
  });

  test("a status is one line", () => {
    const said: string[] = [];
    new ServiceManager(state => said.push(state)).status("it died\nREADY=1");
    expect(said).toEqual(["STATUS=it died READY=1"]);
  });
});
