/** What the rows of the table do not show: which packets become which events, and what becomes of deadlines. */
import { describe, expect, test } from "vitest";
import { ipv4FromNumber, parseIpv4 } from "../wire/address.ts";
import { type HsrpFacts, HsrpMachine } from "./hsrp-machine.ts";
import type { HsrpMessage } from "./hsrp-message.ts";
import type { HsrpGroupSettings } from "./hsrp-settings.ts";

const ip = (text: string) => parseIpv4(text) ?? ipv4FromNumber(0);
const facts: HsrpFacts = { gated: false, synced: true, decrement: 0, jitter: 0 };

function machine(more: Partial<HsrpGroupSettings> = {}): HsrpMachine {
  const made = new HsrpMachine({
    interface: "FastEthernet0/0",
    version: 2,
    group: 1,
    address: ip("10.0.0.2"),
    virtualAddress: ip("10.0.0.15"),
    priority: 100,
    helloMs: 3_000,
    holdMs: 10_000,
    timersConfigured: false,
    preempt: undefined,
    ...more,
  });
  made.handle({ kind: "start", firstSinceBoot: true }, facts, 0);
  return made;
}

function hear(to: HsrpMachine, now: number, more: Partial<HsrpMessage>, source = "10.0.0.1", at = facts) {
  const message: HsrpMessage = {
    opcode: "hello",
    state: "active",
    group: 1,
    priority: 110,
    helloMs: 3_000,
    holdMs: 10_000,
    virtualAddress: ip("10.0.0.15"),
    ...more,
  };
  return to.handle({ kind: "packet", message, source: ip(source) }, at, now);
}

/** As a shell does it: at each deadline, a little late. */
function runTo(each: HsrpMachine, end: number, lateMs = 0.3, at = facts): string[] {
  const changes: string[] = [];
  for (let next = each.timers.next; next !== undefined && next + lateMs <= end; next = each.timers.next)
    for (const effect of each.handleTimeouts(at, next + lateMs))
      if (effect.do === "changed") changes.push(`${Math.round(next)} ${effect.to}`);
  return changes;
}

describe("deadlines", () => {
  test("alone: a hold time in Listen, a hold time in Speak, and only then active", () => {
    expect(runTo(machine(), 40_000)).toEqual(["10000 speak", "20000 standby", "20000 active"]);
  });

  test("silence in a gap is forgiven, what is still to come is left alone", () => {
    const each = machine();
    hear(each, 5_000, {});
    each.forgiveGap(12_000);
    expect([each.timers.at("active"), each.timers.at("standby")]).toEqual([15_000, 22_000]);
  });

  test("hellos are jittered downwards, by a tenth at most", () => {
    for (const jitter of [0, 0.5, 1]) {
      const each = machine();
      each.handle({ kind: "order", order: "take", because: "test" }, { ...facts, jitter }, 0);
      expect(each.timers.at("hello")).toBe(3_000 * (1 - jitter / 10));
    }
  });
});

describe("what is learned", () => {
  test("the hold time of the active counts, within bounds; a configured one counts alone", () => {
    for (const [holdMs, until] of [
      [1, 1_050],
      [20_000, 21_000],
      [255_000, 101_000],
    ] as const) {
      const each = machine();
      hear(each, 1_000, { holdMs, helloMs: 1 });
      expect(each.timers.at("active")).toBe(until);
    }
    const configured = machine({ timersConfigured: true });
    hear(configured, 1_000, { holdMs: 20_000 });
    expect([configured.timers.at("active"), configured.holdMs]).toEqual([11_000, 10_000]);
  });

  test("timers never below 15 and 50 ms, nor above ten times our own", () => {
    const each = machine();
    hear(each, 0, { helloMs: 1, holdMs: 2 });
    expect([each.helloMs, each.holdMs]).toEqual([15, 50]);
    hear(each, 1, { helloMs: 254_000, holdMs: 255_000 });
    expect([each.helloMs, each.holdMs]).toEqual([30_000, 100_000]);
  });

  test("nothing from a standby, nor, in Listen, from an active that is lower", () => {
    const each = machine();
    hear(each, 0, { state: "standby", helloMs: 1_000 });
    hear(each, 0, { priority: 50, helloMs: 1_000 });
    expect(each.helloMs).toBe(3_000);
  });

  test("who waits for an address waits on where a hello has none", () => {
    const each = machine({ virtualAddress: undefined });
    hear(each, 0, { virtualAddress: undefined });
    expect(each.state).toBe("learn");
    hear(each, 0, {});
    expect([each.state, each.virtualAddress]).toEqual(["listen", "10.0.0.15"]);
  });
});

describe("who may move it", () => {
  test("a resign of the active alone", () => {
    const each = machine();
    hear(each, 0, {});
    hear(each, 0, { state: "standby", priority: 50 }, "10.0.0.3");
    hear(each, 0, { opcode: "resign" }, "10.0.0.66");
    expect(each.state).toBe("speak");
    runTo(each, 5);
    hear(each, 10, { state: "standby", priority: 50 }, "10.0.0.3");
    expect(each.state).toBe("standby");
    hear(each, 20, { opcode: "resign" });
    expect(each.state).toBe("active");
  });

  test("equal priorities: the address decides", () => {
    const each = machine();
    each.handle({ kind: "order", order: "take", because: "test" }, facts, 0);
    hear(each, 1, { priority: 100 }, "10.0.0.1");
    expect(each.state).toBe("active");
    hear(each, 1, { priority: 100 }, "10.0.0.3");
    expect(each.state).toBe("speak");
  });

  test("the priority is what is configured less what is tracked, never outside of 0 to 255", () => {
    const each = machine({ priority: 250 });
    expect([0, 20, 300, -20].map(decrement => each.priority({ ...facts, decrement }))).toEqual([250, 230, 0, 255]);
  });

  test.each([
    ["minimum, after every start", { minimumMs: 5_000, reloadMs: 0, syncMs: 0 }, false, 5_000],
    ["reload, after the first", { minimumMs: 0, reloadMs: 8_000, syncMs: 0 }, true, 8_000],
    ["reload, not after another", { minimumMs: 0, reloadMs: 8_000, syncMs: 0 }, false, 0],
    ["sync, while not synced", { minimumMs: 0, reloadMs: 0, syncMs: 6_000 }, true, 6_000],
  ])("preemption waits for %s", (_name, preempt, firstSinceBoot, fromMs) => {
    const each = machine({ preempt, timersConfigured: true });
    each.handle({ kind: "stop", because: "test" }, facts, 0);
    each.handle({ kind: "start", firstSinceBoot }, facts, 0);
    const at = { ...facts, synced: false };
    const active: number[] = [];
    for (let now = 0; now <= 20_000; now += 500) {
      hear(each, now, { priority: 50 }, "10.0.0.1", at);
      if (each.state === "active") active.push(now);
    }
    expect(active[0]).toBe(fromMs);
  });

  test("under a gate every way into Active, and out of it, is a proposal that names its source", () => {
    const gated = { ...facts, gated: true };
    const each = machine();
    hear(each, 0, {}, "10.0.0.1", gated);
    hear(each, 2, { state: "standby", priority: 50 }, "10.0.0.3", gated);
    hear(each, 2, { state: "standby", priority: 50 }, "10.0.0.3", gated);
    hear(each, 3, {}, "10.0.0.1", gated);
    const resigned = hear(each, 4, { opcode: "resign" }, "10.0.0.1", gated);
    expect(resigned).toEqual([{ do: "propose", proposal: "take", because: "active-resigns", source: "10.0.0.1" }]);
    // It stays the active, for all that is known.
    expect([each.state, each.activeRouter?.address]).toEqual(["standby", "10.0.0.1"]);
    each.handle({ kind: "order", order: "take", because: "test" }, gated, 5);
    const coup = hear(each, 6, { opcode: "coup" }, "10.0.0.1", gated);
    expect(coup).toEqual([{ do: "propose", proposal: "yield", because: "coup-higher", source: "10.0.0.1" }]);
    expect(each.state).toBe("active");
  });
});
