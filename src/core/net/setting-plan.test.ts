import { expect, test } from "vitest";
import { planSettings } from "./setting-plan.ts";

const found = new Map([
  ["ipv4/conf/eth0/arp_ignore", "0"],
  ["ipv4/conf/all/send_redirects", "1"],
]);
const ignore = { key: "ipv4/conf/eth0/arp_ignore", value: "1" };

test("what is wanted differently is recorded as it was, and changed", () => {
  expect(planSettings([ignore], found, [])).toEqual({
    steps: [{ do: "set-sysctl", ...ignore }],
    undo: [{ key: ignore.key, value: "0" }],
  });
});

test("what is so already is recorded all the same: it is ours to keep, and to put back", () => {
  const already = new Map([[ignore.key, "1"]]);
  expect(planSettings([ignore], already, [])).toEqual({ steps: [], undo: [ignore] });
});

test("the record of a run before this one counts, not what that run made of it", () => {
  const left = new Map([[ignore.key, "1"]]);
  const before = [{ key: ignore.key, value: "0" }];
  expect(planSettings([ignore], left, before)).toEqual({ steps: [], undo: before });
});

test("what is no longer wanted is put back", () => {
  const left = new Map([[ignore.key, "1"]]);
  const before = [{ key: ignore.key, value: "0" }];
  expect(planSettings([], left, before)).toEqual({ steps: [{ do: "set-sysctl", ...before[0] }], undo: [] });
});

test("settings of an interface that is gone are forgotten", () => {
  expect(planSettings([ignore], new Map(), [{ key: "ipv4/conf/eth1/arp_ignore", value: "0" }])).toEqual({
    steps: [],
    undo: [],
  });
});
