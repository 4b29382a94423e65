/** Each row of the redundancy facility's table by name: where it leads, and with which number. */
import { describe, expect, test } from "vitest";
import { RfMachine } from "./rf-machine.ts";
import { RF_STATES, type RfEvent, type RfState, rfRowFor, rfStateOf, rfTable } from "./rf-table.ts";

const COLD: readonly RfEvent[] = ["waits", "peer-owns"];
const BULK: readonly RfEvent[] = [...COLD, "compare", "agree", "join"];

/** The events that lead into a state. */
const reach: Partial<Record<RfState, readonly RfEvent[]>> = {
  INITIALIZATION: [],
  NEGOTIATION: ["waits"],
  "STANDBY COLD": COLD,
  "STANDBY COLD-CONFIG": [...COLD, "compare"],
  "STANDBY COLD-FILESYS": [...COLD, "compare", "agree"],
  "STANDBY COLD-BULK": BULK,
  "STANDBY HOT": [...BULK, "hot"],
  "ACTIVE-FAST": ["owns"],
  "ACTIVE-PRECONFIG": ["owns", "proceed"],
  "ACTIVE-POSTCONFIG": ["owns", "proceed", "proceed"],
  ACTIVE: ["owns", "proceed", "proceed", "proceed"],
  "ACTIVE-DRAIN": ["owns", "proceed", "proceed", "proceed", "drain"],
};

/** The state that follows, and its number. */
const examples: Record<string, string> = {
  "INITIALIZATION / waits": "3 NEGOTIATION",
  "INITIALIZATION / owns": "9 ACTIVE-FAST",

  "NEGOTIATION / owns": "9 ACTIVE-FAST",
  "NEGOTIATION / peer-owns": "4 STANDBY COLD",

  "STANDBY COLD / owns": "9 ACTIVE-FAST",
  "STANDBY COLD / peer-idle": "3 NEGOTIATION",
  "STANDBY COLD / compare": "5 STANDBY COLD-CONFIG",

  "STANDBY COLD-CONFIG / owns": "9 ACTIVE-FAST",
  "STANDBY COLD-CONFIG / peer-idle": "3 NEGOTIATION",
  "STANDBY COLD-CONFIG / link-lost": "4 STANDBY COLD",
  "STANDBY COLD-CONFIG / agree": "6 STANDBY COLD-FILESYS",

  "STANDBY COLD-FILESYS / join": "7 STANDBY COLD-BULK",

  "STANDBY COLD-BULK / owns": "9 ACTIVE-FAST",
  "STANDBY COLD-BULK / peer-idle": "3 NEGOTIATION",
  "STANDBY COLD-BULK / link-lost": "4 STANDBY COLD",
  "STANDBY COLD-BULK / differ": "5 STANDBY COLD-CONFIG",
  "STANDBY COLD-BULK / hot": "8 STANDBY HOT",

  "STANDBY HOT / owns": "9 ACTIVE-FAST",
  "STANDBY HOT / differ": "5 STANDBY COLD-CONFIG",
  "STANDBY HOT / not-hot": "7 STANDBY COLD-BULK",
  "STANDBY HOT / join": "7 STANDBY COLD-BULK",
  "STANDBY HOT / separated": "4 STANDBY COLD",

  "ACTIVE-FAST / proceed": "11 ACTIVE-PRECONFIG",
  "ACTIVE-PRECONFIG / proceed": "12 ACTIVE-POSTCONFIG",
  "ACTIVE-POSTCONFIG / proceed": "13 ACTIVE",

  "ACTIVE / drain": "10 ACTIVE-DRAIN",
  "ACTIVE / yields": "3 NEGOTIATION",
  "ACTIVE-DRAIN / owns": "13 ACTIVE",
  "ACTIVE-DRAIN / yields": "3 NEGOTIATION",
};

function machineIn(state: RfState): RfMachine {
  const machine = new RfMachine();
  for (const event of reach[state] ?? []) machine.handle(event, "", 0);
  return machine;
}

describe("every row", () => {
  test.each(Object.entries(examples))("%s", (name, then) => {
    const [from, on] = name.split(" / ") as [RfState, RfEvent];
    const machine = machineIn(from);
    expect(machine.state).toBe(from);
    expect(machine.handle(on, "test", 7)).toEqual({ at: 7, from, to: machine.state, because: "test" });
    expect(`${RF_STATES[machine.state]} ${machine.state}`).toBe(then);
  });

  test("has its example, and no example is without a row", () => {
    expect(rfTable.map(([from, on]) => `${from} / ${on}`).sort()).toEqual(Object.keys(examples).sort());
  });
});

test("a pair without a row has no effect and leaves no history", () => {
  const machine = machineIn("STANDBY HOT");
  const before = machine.history.length;
  for (const event of ["peer-idle", "link-lost", "waits", "peer-owns", "proceed"] as const) {
    expect(rfRowFor("STANDBY HOT", event)).toBeUndefined();
    expect(machine.handle(event, "", 1)).toBeUndefined();
  }
  expect(machine.history).toHaveLength(before);
});

test("numbers name states, and no other number does", () => {
  expect([1, 8, 13].map(rfStateOf)).toEqual(["DISABLED", "STANDBY HOT", "ACTIVE"]);
  expect([0, 14].map(rfStateOf)).toEqual([undefined, undefined]);
});

test("history and switchovers remember the last ones alone", () => {
  const machine = new RfMachine();
  machine.handle("waits", "", 0);
  for (let n = 1; n <= 80; n++) {
    machine.handle("peer-owns", "", n);
    machine.handle("peer-idle", "", n);
    machine.switchedOver({ at: n, epoch: n, how: "failover", stateful: true, active: "peer" });
  }
  expect(machine.history).toHaveLength(100);
  expect(machine.history[0]?.at).toBe(31);
  expect([machine.switchovers.length, machine.switchovers[0]?.epoch]).toEqual([50, 31]);
  machine.forget();
  expect(machine.history).toEqual([]);
});
