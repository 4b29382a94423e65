import { expect, test } from "vitest";
import { memberState, pairRoles, standbyRows } from "./standby-brief.ts";

const BRIEF = `                     P indicates configured to preempt.
                     |
Interface   Grp  Pri P State   Active          Standby         Virtual IP
Fa0/0       1    110 P Active  local           10.0.0.2        10.0.0.15
Fa0/1       2    100   Standby 10.99.0.2       local           10.99.0.15
`;

test("each group is a row", () => {
  expect(standbyRows(BRIEF)).toEqual([
    {
      interface: "Fa0/0",
      group: 1,
      priority: 110,
      preempt: true,
      state: "Active",
      active: "local",
      standby: "10.0.0.2",
      virtual: "10.0.0.15",
    },
    {
      interface: "Fa0/1",
      group: 2,
      priority: 100,
      preempt: false,
      state: "Standby",
      active: "10.99.0.2",
      standby: "local",
      virtual: "10.99.0.15",
    },
  ]);
  expect(standbyRows("")).toEqual([]);
});

test("a member has a state when its groups agree", () => {
  const [active, standby] = standbyRows(BRIEF);
  if (active === undefined || standby === undefined) throw new Error("two rows expected");
  expect(memberState([])).toBe("none");
  expect(memberState([active])).toBe("Active");
  expect(memberState([standby, standby])).toBe("Standby");
  expect(memberState([active, standby])).toBe("mixed");
});

test("a pair is whole when every group has one of each, and the groups acted on say who is who", () => {
  const [active, standby] = standbyRows(BRIEF);
  if (active === undefined || standby === undefined) throw new Error("two rows expected");
  const turned = [
    { ...active, state: "Standby" },
    { ...standby, state: "Active" },
  ];
  const members = { R1: [active, standby], R2: turned };
  expect(pairRoles(members, ["Fa0/0 1"])).toEqual({ active: "R1", standby: "R2" });
  expect(pairRoles(members, ["Fa0/1 2"])).toEqual({ active: "R2", standby: "R1" });
  // Without a word which groups count, a pair whose groups disagree is not whole.
  expect(pairRoles(members)).toBeUndefined();
  expect(pairRoles({ R1: [active], R2: [{ ...active, state: "Standby" }] })).toEqual({ active: "R1", standby: "R2" });
  expect(pairRoles({ R1: [active], R2: [active] })).toBeUndefined();
  expect(pairRoles({ R1: [active, standby], R2: [{ ...active, state: "Standby" }] }, ["Fa0/0 1"])).toBeUndefined();
  expect(pairRoles({ R1: [active], R2: [] })).toBeUndefined();
});
