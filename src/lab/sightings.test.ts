import { expect, test } from "vitest";
import { afterWaking, type Sighting, timeline } from "./sightings.ts";

const claim = (atMs: number, host: string): Sighting => ({ atMs, host, claims: ["a hello as active"], resigns: false });
const silent = (atMs: number, host: string): Sighting => ({ atMs, host, claims: [], resigns: false });

const deeds = {
  active: "R1",
  standby: "R2",
  marks: [
    { atMs: 1_000, what: "R1: SIGSTOP to 2 processes" },
    { atMs: 11_000, what: "R1: SIGCONT to 2 processes" },
  ],
};

test("after waking, only what the woken member claims counts", () => {
  const seen = [claim(990, "R1"), claim(1_040, "R2"), silent(11_001, "R1"), claim(11_002, "R2")];
  expect(afterWaking(deeds, seen)).toEqual({ framesAsActiveAfterWake: 0, claimsAfterWake: [] });
  expect(afterWaking(deeds, [...seen, claim(11_003, "R1"), claim(11_004, "R1")])).toEqual({
    framesAsActiveAfterWake: 2,
    claimsAfterWake: ["a hello as active"],
  });
});

test("nobody was woken, nothing is said", () => {
  expect(afterWaking({ ...deeds, marks: deeds.marks.slice(0, 1) }, [claim(2_000, "R1")])).toEqual({});
});

test("the timeline counts from the first deed and names who took over when", () => {
  const resigned: Sighting = { atMs: 1_030.04, host: "R1", claims: ["a frame from 0000.0c07.ac01"], resigns: true };
  const seen = [claim(985, "R1"), claim(995, "R1"), resigned, claim(1_031, "R2"), claim(1_050, "R2")];
  expect(timeline({ ...deeds, marks: deeds.marks.slice(0, 1) }, seen)).toEqual([
    { atMs: -5, what: "R1: the last frame as active before" },
    { atMs: 0, what: "R1: SIGSTOP to 2 processes" },
    { atMs: 30, what: "the first resignation (R1 resigns)" },
    { atMs: 30, what: "R1: the last frame as active (R1 resigns)" },
    { atMs: 31, what: "R2: the first frame as active" },
  ]);
  expect(timeline({ ...deeds, marks: [] }, seen)).toEqual([]);
});
