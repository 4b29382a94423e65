import { describe, expect, test } from "vitest";
import { ipv4FromNumber, parseIpv4 } from "../wire/address.ts";
import { type HsrpEffect, type HsrpFacts, type HsrpInput, HsrpMachine } from "./hsrp-machine.ts";
import type { HsrpMessage, HsrpState } from "./hsrp-message.ts";
import type { HsrpGroupSettings } from "./hsrp-settings.ts";
import { type HsrpEvent, hsrpTable } from "./hsrp-table.ts";

const ip = (text: string) => parseIpv4(text) ?? ipv4FromNumber(0);
const facts: HsrpFacts = { gated: false, synced: true, decrement: 0, jitter: 0 };
const settings = (more: Partial<HsrpGroupSettings> = {}): HsrpGroupSettings => ({
  interface: "FastEthernet0/0",
  version: 1,
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

const packet = (
  opcode: HsrpMessage["opcode"],
  state: HsrpState,
  priority: number,
  more: Partial<HsrpMessage> = {},
): HsrpInput => ({
  kind: "packet",
  source: ip("10.0.0.1"),
  message: {
    opcode,
    state,
    group: 1,
    priority,
    helloMs: 4_000,
    holdMs: 12_000,
    virtualAddress: ip("10.0.0.15"),
    ...more,
  },
});

/** How each event comes about. Timeouts are waited for. */
const cause: Partial<Record<HsrpEvent, HsrpInput>> = {
  start: { kind: "start", firstSinceBoot: true },
  "start-unaddressed": { kind: "start", firstSinceBoot: true },
  stop: { kind: "stop", because: "test" },
  "speak-hello-higher": packet("hello", "speak", 200),
  "active-hello-higher": packet("hello", "active", 200),
  "active-hello-lower": packet("hello", "active", 50),
  "active-hello-overthrown": packet("hello", "active", 50),
  "active-resigns": packet("resign", "active", 200),
  "coup-higher": packet("coup", "standby", 200),
  "standby-hello-higher": packet("hello", "standby", 200),
  "standby-hello-lower": packet("hello", "standby", 50),
  "gate-take": { kind: "order", order: "take", because: "test" },
  "gate-yield": { kind: "order", order: "yield", because: "test" },
  lapsed: { kind: "lapsed" },
};

/** The inputs that lead into a state, at these moments. */
const reach: Record<HsrpState, readonly (readonly [number, HsrpInput | "time"])[]> = {
  initial: [],
  learn: [[0, { kind: "start", firstSinceBoot: true }]],
  listen: [[0, { kind: "start", firstSinceBoot: true }]],
  speak: [
    [0, { kind: "start", firstSinceBoot: true }],
    [1_000, packet("hello", "active", 200, { helloMs: 3_000, holdMs: 10_000 })],
    [1_000, packet("resign", "active", 200)],
  ],
  standby: [
    [0, { kind: "start", firstSinceBoot: true }],
    [1_000, packet("hello", "active", 200)],
    [1_000, packet("hello", "standby", 50)],
    [1_000, packet("hello", "standby", 50)],
  ],
  active: [
    [0, { kind: "start", firstSinceBoot: true }],
    [1_000, { kind: "order", order: "take", because: "test" }],
  ],
};

function words(effect: HsrpEffect): string {
  switch (effect.do) {
    case "transmit":
      return `${effect.message.opcode}(${effect.message.state}${effect.fromVirtualMac ? ", virtual MAC" : ""})`;
    case "changed":
      return `${effect.from} -> ${effect.to}`;
    case "propose":
      return `propose ${effect.proposal}`;
    default:
      return effect.do;
  }
}

function machineIn(state: HsrpState, more: Partial<HsrpGroupSettings>): HsrpMachine {
  const machine = new HsrpMachine(settings({ ...(state === "learn" && { virtualAddress: undefined }), ...more }));
  for (const [at, input] of reach[state]) {
    if (input === "time") machine.handleTimeouts(facts, at);
    else machine.handle(input, facts, at);
  }
  expect(machine.state).toBe(state);
  return machine;
}

/** What comes out, and when the next deadlines are; the event happens at 2 s, or when its time has come. */
const examples: Record<string, { readonly out: string; readonly timers: string }> = {
  "initial / start": { out: "initial -> listen", timers: "active 12000 standby 12000" },
  "initial / start-unaddressed": { out: "initial -> learn", timers: "active 12000 standby 12000" },
  "learn / stop": { out: "learn -> initial", timers: "" },
  "listen / stop": { out: "listen -> initial", timers: "" },
  "speak / stop": { out: "speak -> initial", timers: "" },
  "standby / stop": { out: "standby -> initial", timers: "" },
  "active / stop": { out: "release-address; resign(active); active -> initial", timers: "" },
  "listen / active-timeout": {
    out: "listen -> speak; hello(speak)",
    timers: "active 20000 standby 20000 hello 13000",
  },
  "standby / active-timeout": {
    out: "take-address; hello(active, virtual MAC); announce; standby -> active",
    timers: "hello 17000",
  },
  "listen / standby-timeout": {
    out: "listen -> speak; hello(speak)",
    timers: "active 11000 standby 20000 hello 13000",
  },
  "speak / standby-timeout": { out: "speak -> standby", timers: "active 12000 hello 12000" },
  "speak / hello-timeout": { out: "hello(speak)", timers: "active 11000 standby 11000 hello 4000" },
  "standby / hello-timeout": { out: "hello(standby)", timers: "active 13000 hello 5000" },
  "active / hello-timeout": { out: "hello(active, virtual MAC)", timers: "standby 11000 hello 7000" },
  "speak / speak-hello-higher": { out: "speak -> listen", timers: "active 11000 standby 14000" },
  "standby / speak-hello-higher": { out: "standby -> listen", timers: "active 13000 standby 14000" },
  "learn / active-hello-higher": { out: "learn -> listen", timers: "active 14000 standby 14000" },
  "listen / active-hello-higher": { out: "", timers: "active 14000 standby 10000" },
  "speak / active-hello-higher": { out: "", timers: "active 14000 standby 11000 hello 1000" },
  "standby / active-hello-higher": { out: "", timers: "active 14000 hello 1000" },
  "active / active-hello-higher": {
    out: "release-address; active -> speak",
    timers: "active 14000 standby 14000 hello 4000",
  },
  "learn / active-hello-lower": { out: "learn -> listen", timers: "active 14000 standby 14000" },
  "listen / active-hello-lower": { out: "", timers: "active 14000 standby 10000" },
  "speak / active-hello-lower": { out: "", timers: "active 14000 standby 11000 hello 1000" },
  "standby / active-hello-lower": { out: "", timers: "active 14000 hello 1000" },
  "active / active-hello-lower": { out: "coup(active, virtual MAC)", timers: "standby 11000 hello 4000" },
  "listen / active-hello-overthrown": {
    out: "take-address; coup(active, virtual MAC); hello(active, virtual MAC); announce; listen -> active",
    timers: "active 10000 standby 14000 hello 5000",
  },
  "speak / active-hello-overthrown": {
    out: "take-address; coup(active, virtual MAC); hello(active, virtual MAC); announce; speak -> active",
    timers: "active 11000 standby 14000 hello 5000",
  },
  "standby / active-hello-overthrown": {
    out: "take-address; coup(active, virtual MAC); hello(active, virtual MAC); announce; standby -> active",
    timers: "active 13000 standby 14000 hello 6000",
  },
  "listen / active-resigns": { out: "listen -> speak", timers: "active 12000 standby 12000 hello 2000" },
  "speak / active-resigns": { out: "", timers: "active 12000 standby 11000 hello 1000" },
  "standby / active-resigns": {
    out: "take-address; hello(active, virtual MAC); announce; standby -> active",
    timers: "hello 6000",
  },
  "active / coup-higher": {
    out: "release-address; resign(active); active -> speak",
    timers: "active 12000 standby 12000 hello 4000",
  },
  "listen / standby-hello-higher": { out: "", timers: "active 10000 standby 14000" },
  "speak / standby-hello-higher": { out: "speak -> listen", timers: "active 11000 standby 14000" },
  "standby / standby-hello-higher": { out: "standby -> listen", timers: "active 13000 standby 14000" },
  "active / standby-hello-higher": { out: "", timers: "standby 14000 hello 4000" },
  "listen / standby-hello-lower": { out: "listen -> speak", timers: "active 10000 standby 14000 hello 2000" },
  "speak / standby-hello-lower": { out: "speak -> standby", timers: "active 11000 hello 1000" },
  "active / standby-hello-lower": { out: "", timers: "standby 14000 hello 4000" },
  "listen / gate-take": {
    out: "take-address; hello(active, virtual MAC); announce; listen -> active",
    timers: "standby 12000 hello 5000",
  },
  "speak / gate-take": {
    out: "take-address; hello(active, virtual MAC); announce; speak -> active",
    timers: "standby 12000 hello 5000",
  },
  "standby / gate-take": {
    out: "take-address; hello(active, virtual MAC); announce; standby -> active",
    timers: "hello 6000",
  },
  "active / gate-yield": {
    out: "release-address; active -> speak",
    timers: "active 12000 standby 12000 hello 4000",
  },
  "active / lapsed": {
    out: "release-address; active -> speak",
    timers: "active 12000 standby 12000 hello 4000",
  },
};

describe("every row has an example, and does what it says", () => {
  test.each(hsrpTable.map(([state, event]) => `${state} / ${event}`))("%s", name => {
    const example = examples[name];
    const [state = "initial", event = "start"] = name.split(" / ") as [HsrpState, HsrpEvent];
    const preempt = event === "active-hello-overthrown" ? { preempt: { minimumMs: 0, reloadMs: 0, syncMs: 0 } } : {};
    const unaddressed = event === "start-unaddressed" ? { virtualAddress: undefined } : {};
    const machine = machineIn(state, { ...preempt, ...unaddressed });
    const input = cause[event];
    // Only who is known to be active can resign.
    if (event === "active-resigns" && state !== "standby")
      machine.handle(packet("hello", "active", 50, { holdMs: 10_000 }), facts, 1_500);
    const out = input ? machine.handle(input, facts, 2_000) : timeout(machine, event);
    const timers = (["active", "standby", "hello"] as const).flatMap(timer => {
      const at = machine.timers.at(timer);
      return at === undefined ? [] : [`${timer} ${at}`];
    });
    expect({ out: out.map(words).join("; "), timers: timers.join(" ") }).toEqual(example);
  });

  test("and no example is about a row that is gone", () => {
    const rows = new Set(hsrpTable.map(([state, event]) => `${state} / ${event}`));
    expect(Object.keys(examples).filter(name => !rows.has(name))).toEqual([]);
    expect(rows.size).toBe(hsrpTable.length);
  });
});

/** Lets exactly this deadline come: the others are put off. */
function timeout(machine: HsrpMachine, event: HsrpEvent): HsrpEffect[] {
  const timer = event.replace("-timeout", "") as "active" | "standby" | "hello";
  const at = machine.timers.at(timer);
  if (at === undefined) throw new Error(`${timer} does not run`);
  for (const other of ["active", "standby", "hello"] as const) {
    const due = machine.timers.at(other);
    if (other !== timer && due !== undefined && due <= at) machine.timers.set(other, at + 1_000);
  }
  return machine.handleTimeouts(facts, at);
}
