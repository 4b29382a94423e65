import { describe, expect, test } from "vitest";
import { memberLanes, momentOf } from "./member-lanes.ts";

const originAt = new Date(2026, 10, 26, 2, 26, 19, 400).getTime();
const row = (group: number, state: string) => ({
  interface: `Fa0/${group - 1}`,
  group,
  priority: 100,
  preempt: false,
  state,
  active: "",
  standby: "",
  virtual: "",
});
const change = (at: string, group: number, states: string): string =>
  `*Nov 26 02:26:${at}: %HSRP-5-STATECHANGE: FastEthernet0/${group - 1} Grp ${group} state ${states}`;

describe("the states of members over a run", () => {
  test("a killed member is down until it says that it has started, then goes through HSRP's states", () => {
    const lanes = memberLanes(
      {
        originAt,
        statesBefore: { R1: [row(1, "Standby"), row(2, "Standby")], R2: [row(1, "Active"), row(2, "Active")] },
        timeline: [
          { atMs: 0, what: "R2: SIGKILL to 1 process" },
          { atMs: 44, what: "R1: the first frame as active" },
        ],
        log: {
          R1: [change("19.449", 1, "Standby -> Active"), change("19.451", 2, "Standby -> Active")],
          R2: [
            "*Nov 26 02:26:22.371: %SYS-5-RESTART: System restarted -- Understudy 0.1.0, process 11993",
            change("23.636", 1, "Init -> Listen"),
            change("23.638", 2, "Init -> Listen"),
          ],
        },
      },
      -500,
      5_000,
    );
    expect(lanes).toEqual([
      {
        member: "R1",
        spans: [
          { fromMs: -500, toMs: 49, state: "Standby" },
          { fromMs: 49, toMs: 5_000, state: "Active" },
        ],
      },
      {
        member: "R2",
        spans: [
          { fromMs: -500, toMs: 0, state: "Active" },
          { fromMs: 0, toMs: 2_971, state: "down" },
          { fromMs: 2_971, toMs: 4_236, state: "Init" },
          { fromMs: 4_236, toMs: 5_000, state: "Listen" },
        ],
      },
    ]);
  });

  test("groups that do not move together have a lane each", () => {
    const lanes = memberLanes(
      {
        originAt,
        statesBefore: { R1: [row(1, "Active"), row(2, "Standby")] },
        timeline: [],
        log: { R1: [change("20.400", 1, "Active -> Speak")] },
      },
      0,
      2_000,
    );
    expect(lanes.map(({ group, spans }) => [group, spans.map(each => each.state)])).toEqual([
      ["Fa0/0 1", ["Active", "Speak"]],
      ["Fa0/1 2", ["Standby"]],
    ]);
  });

  test("who was stopped goes on as what it was", () => {
    const timeline = [
      { atMs: 100, what: "R1: SIGSTOP to 2 processes" },
      { atMs: 900, what: "R1: SIGCONT to 2 processes" },
    ];
    const [lane] = memberLanes({ originAt, statesBefore: { R1: [row(1, "Active")] }, timeline, log: {} }, 0, 1_000);
    expect(lane?.spans).toEqual([
      { fromMs: 0, toMs: 100, state: "Active" },
      { fromMs: 100, toMs: 900, state: "stopped" },
      { fromMs: 900, toMs: 1_000, state: "Active" },
    ]);
  });

  test("a change after the run's end has no span", () => {
    const log = { R1: [change("23.000", 1, "Standby -> Active")] };
    const [lane] = memberLanes({ originAt, statesBefore: { R1: [row(1, "Standby")] }, timeline: [], log }, 0, 1_000);
    expect(lane?.spans).toEqual([{ fromMs: 0, toMs: 1_000, state: "Standby" }]);
  });
});

test("a line of the log belongs to the year that is nearest", () => {
  const newYear = new Date(2027, 0, 1, 0, 0, 1).getTime();
  expect(momentOf("*Dec 31 23:59:59.500: %X", newYear)).toBe(newYear - 1_500);
  expect(momentOf("*Jan  1 00:00:02.000: %X", newYear - 2_000)).toBe(newYear + 1_000);
  expect(momentOf("no time at all", newYear)).toBeUndefined();
});
