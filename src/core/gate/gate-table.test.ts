/** Each row of the gate's table by name: what it does, where it leads, and which deadlines it leaves. */
import { describe, expect, test } from "vitest";
import type { GateState } from "./beacon-codec.ts";
import { GateMachine, type GateTimer, type GateTimes } from "./gate-machine.ts";
import { type GateEvent, gateTable, ownsIn, roleIn } from "./gate-table.ts";

const times: GateTimes = { drainMs: 50, leaving: false };

/** The events, all at 0 ms, that lead into a state. */
const reach: Record<GateState, readonly GateEvent[]> = {
  init: [],
  standby: ["start"],
  asking: ["start", "suspect"],
  active: ["adopt"],
  contested: ["adopt", "outranked"],
  draining: ["adopt", "switchover"],
  handing: ["adopt", "switchover", "drained"],
  doubting: ["adopt", "lapsed"],
};

const TIMERS: readonly GateTimer[] = ["ask", "asks-end", "drain", "offer", "offer-end"];

interface Example {
  readonly out: string;
  readonly to: GateState;
  readonly timers: string;
}

/** The event comes at 1,000 ms. */
const examples: Record<string, Example> = {
  "init / start": { out: "wait", to: "standby", timers: "" },
  "init / adopt": { out: "own", to: "active", timers: "" },

  "standby / suspect": { out: "ask", to: "asking", timers: "ask 1002" },
  "standby / peer-gone": { out: "take", to: "active", timers: "" },
  "standby / offered": { out: "take", to: "active", timers: "" },
  "standby / overthrow": { out: "request-preemption", to: "standby", timers: "" },
  "standby / leave-alone": { out: "stop", to: "init", timers: "" },

  // So late that the plan of one every 2 ms is behind: a little later, not at once.
  "asking / ask-due": { out: "ask-again", to: "asking", timers: "ask 1001" },
  "asking / unanswered": { out: "take", to: "active", timers: "" },
  "asking / stand-back": { out: "", to: "standby", timers: "" },
  "asking / way-free": { out: "take", to: "active", timers: "" },
  "asking / peer-gone": { out: "take", to: "active", timers: "" },
  "asking / offered": { out: "take", to: "active", timers: "" },
  "asking / leave-alone": { out: "stop", to: "init", timers: "" },

  "active / owner-above": { out: "yield", to: "standby", timers: "" },
  "active / owner-below": { out: "assert", to: "active", timers: "" },
  "active / outranked": { out: "ask", to: "contested", timers: "ask 1002" },
  "active / switchover": { out: "drain", to: "draining", timers: "drain 1050" },
  "active / overthrown": { out: "drain", to: "draining", timers: "drain 1050" },
  "active / outrun": { out: "raise", to: "active", timers: "" },
  "active / leave": { out: "drain", to: "draining", timers: "drain 1050" },
  "active / leave-alone": { out: "stop", to: "init", timers: "" },
  "active / lapsed": { out: "hush ask", to: "doubting", timers: "ask 1002" },

  "contested / ask-due": { out: "ask-again", to: "contested", timers: "ask 1001" },
  "contested / unanswered": { out: "yield", to: "standby", timers: "" },
  "contested / owner-above": { out: "yield", to: "standby", timers: "" },
  "contested / owner-below": { out: "assert", to: "active", timers: "" },
  "contested / way-free": { out: "", to: "active", timers: "" },
  "contested / leave": { out: "drain", to: "draining", timers: "drain 1050" },
  "contested / leave-alone": { out: "stop", to: "init", timers: "" },
  "contested / lapsed": { out: "hush ask", to: "doubting", timers: "ask 1002" },

  "draining / drained": { out: "offer", to: "handing", timers: "offer 1010 offer-end 1250" },
  "draining / drain-limit": { out: "offer", to: "handing", timers: "offer 1010 offer-end 1250" },
  "draining / owner-above": { out: "yield", to: "standby", timers: "" },
  "draining / declined": { out: "keep", to: "active", timers: "" },
  "draining / abandoned": { out: "stop", to: "init", timers: "" },
  "draining / leave-alone": { out: "stop", to: "init", timers: "" },
  "draining / lapsed": { out: "hush ask", to: "doubting", timers: "ask 1002" },

  "handing / offer-due": { out: "offer-again", to: "handing", timers: "offer 1010 offer-end 250" },
  "handing / owner-above": { out: "yield-gracefully", to: "standby", timers: "" },
  "handing / declined": { out: "keep", to: "active", timers: "" },
  "handing / abandoned": { out: "stop", to: "init", timers: "" },
  "handing / leave-alone": { out: "stop", to: "init", timers: "" },
  "handing / lapsed": { out: "hush ask", to: "doubting", timers: "ask 1002" },

  "doubting / ask-due": { out: "ask-again", to: "doubting", timers: "ask 1001" },
  "doubting / owner-above": { out: "yield", to: "standby", timers: "" },
  "doubting / owner-below": { out: "resume", to: "active", timers: "" },
  "doubting / way-free": { out: "resume", to: "active", timers: "" },
  "doubting / unanswered": { out: "resume", to: "active", timers: "" },
  "doubting / leave-alone": { out: "yield stop", to: "init", timers: "" },
};

function machineIn(state: GateState): GateMachine {
  const machine = new GateMachine();
  for (const event of reach[state]) machine.handle(event, times, 0);
  expect(machine.state).toBe(state);
  return machine;
}

function timersOf(machine: GateMachine): string {
  return TIMERS.flatMap(name => {
    const at = machine.timers.at(name);
    return at === undefined ? [] : [`${name} ${at}`];
  }).join(" ");
}

describe("every row has an example, and does what it says", () => {
  test.each(gateTable.map(([state, event]) => `${state} / ${event}`))("%s", name => {
    const [state = "init", event = "start"] = name.split(" / ") as [GateState, GateEvent];
    const machine = machineIn(state);
    const actions = machine.handle(event, times, 1_000);
    expect({ out: actions?.join(" "), to: machine.state, timers: timersOf(machine) }).toEqual(examples[name]);
  });

  test("and no example is about a row that is gone", () => {
    const rows = gateTable.map(([state, event]) => `${state} / ${event}`);
    expect(Object.keys(examples).filter(name => !rows.includes(name))).toEqual([]);
    expect(new Set(rows).size).toBe(gateTable.length);
  });
});

test("twelve asks, every 2 ms, and 4 ms for the answer to the last", () => {
  const machine = machineIn("asking");
  const asked = [0];
  let end: number | undefined;
  for (let now = 0; now <= 40; now++) {
    for (let event = machine.due(times, now); event !== undefined; event = machine.due(times, now)) {
      if (event === "ask-due") asked.push(now);
      if (event === "unanswered") end = now;
      machine.handle(event, times, now);
    }
  }
  expect(asked).toEqual([0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22]);
  expect(end).toBe(26);
});

test("a thread that is late sends all its asks all the same, before it gives up", () => {
  const machine = machineIn("asking");
  let asks = 1;
  let now = 0;
  while (machine.state === "asking") {
    now += 17;
    const event = machine.due(times, now);
    if (event === "ask-due") asks += 1;
    if (event !== undefined) machine.handle(event, times, now);
  }
  expect([asks, now]).toEqual([12, 17 * 12]);
});

test("an offer that nobody takes up is repeated, and then declined, or abandoned by one who must go", () => {
  for (const leaving of [false, true]) {
    const machine = machineIn("handing");
    const events: (GateEvent | undefined)[] = [];
    for (let now = 0; machine.state === "handing"; now += 5) {
      const event = machine.due({ ...times, leaving }, now);
      if (event === undefined) continue;
      events.push(event);
      machine.handle(event, { ...times, leaving }, now);
    }
    expect(events.slice(0, -1).every(each => each === "offer-due")).toBe(true);
    expect(events.length).toBeGreaterThan(20);
    expect(events.at(-1)).toBe(leaving ? "abandoned" : "declined");
    expect(machine.state).toBe(leaving ? "init" : "active");
  }
});

test("whoever answers for the address has a role that says so", () => {
  for (const state of Object.keys(reach) as GateState[])
    expect(ownsIn(state)).toBe(roleIn(state) === "active" || roleIn(state) === "draining");
});
