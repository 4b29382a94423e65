import { expect, test } from "vitest";
import { FAST, faultNamed, faults, isBoundKept } from "./faults.ts";
import { parseRun } from "./run-action.ts";

test("a run is a topology, a fault and how", () => {
  expect(parseRun(["--fault", "kill"], "article")).toEqual({
    topology: "article",
    name: undefined,
    fault: "kill",
    timers: undefined,
    json: false,
    repeat: 1,
    lastsMs: undefined,
    keying: undefined,
    transforms: undefined,
    branch: "understudy",
    random: undefined,
    end: "near",
    report: undefined,
  });
  const words = [
    "pair",
    "--fault",
    "dead",
    "--timers",
    "msec 15 msec 50",
    "--json",
    "--repeat",
    "5",
    "--duration",
    "2.5",
  ];
  expect(parseRun([...words, "--name", "mine", "--keying", "manual", "--transforms", "esp-gcm"], "article")).toEqual({
    topology: "pair",
    name: "mine",
    fault: "dead",
    timers: "msec 15 msec 50",
    json: true,
    repeat: 5,
    lastsMs: 2_500,
    keying: "manual",
    transforms: "esp-gcm",
    branch: "understudy",
    random: undefined,
    end: "near",
    report: undefined,
  });
  expect(parseRun(["--random", "200"], "article")).toMatchObject({ fault: "none", random: 200 });
});

test("what is wrong is named with what is expected", () => {
  const saying = (...args: string[]): string => {
    try {
      parseRun(args, "article");
      return "nothing";
    } catch (error) {
      return String(error);
    }
  };
  expect(saying()).toContain("which --fault? There are none, switchover, shutdown, preemption, kill");
  expect(saying("--fault", "kill", "--timers", "fast")).toContain('"msec 15 msec 50", found "fast"');
  expect(saying("--fault", "kill", "--repeat", "0")).toContain('--repeat is a number above 0, found "0"');
  expect(saying("--fault", "kill", "--repeat", "some")).toContain('--repeat is a number above 0, found "some"');
  expect(saying("--fault", "kill", "--duration", "-1")).toContain("--duration");
  expect(saying("--fault", "kill", "--often")).toContain("--often");
  expect(saying("--fault", "kill", "--keying", "magic")).toContain('found "magic"');
  expect(saying("--fault", "kill", "--branch", "other")).toContain('"understudy" or "strongswan", found "other"');
  expect(saying("a", "b", "--fault", "kill")).toContain('one TOPOLOGY, found "a" and "b"');
});

test("every fault has a name of its own and says how it heals", () => {
  expect(new Set(faults.map(each => each.name)).size).toBe(faults.length);
  expect(faults.filter(each => each.summary === "" || each.heals === "")).toEqual([]);
});

test("a promise is kept when every direction keeps it, and is made for its timers alone", () => {
  const [good, bad] = [
    { lost: 0, gapMs: 100 },
    { lost: 0, gapMs: 100.1 },
  ];
  const dead = faultNamed("dead");
  expect(isBoundKept(dead, FAST, [good, good])).toBe(true);
  expect(isBoundKept(dead, FAST, [good, bad])).toBe(false);
  expect(isBoundKept(dead, undefined, [bad])).toBeUndefined();
  expect(isBoundKept(faultNamed("switchover"), undefined, [{ lost: 1, gapMs: 0 }])).toBe(false);
  expect(isBoundKept(faultNamed("flap"), undefined, [bad])).toBeUndefined();
});
