import { expect, test } from "vitest";
import { negotiatedSince, renewalProblems } from "./renegotiation.ts";

test("what was negotiated since is a difference; since the beginning it is everything", () => {
  const now = { phase1: 3, quickModes: 9 };
  expect(negotiatedSince({ phase1: 2, quickModes: 4 }, now)).toEqual({ phase1: 1, quickModes: 5 });
  expect(negotiatedSince(undefined, now)).toEqual(now);
});

test("after a handover nothing may be negotiated", () => {
  expect(renewalProblems("nothing", 1, { phase1: 0, quickModes: 0 })).toEqual([]);
  expect(renewalProblems("nothing", 1, { phase1: 0, quickModes: 1 })).toHaveLength(1);
  expect(renewalProblems("nothing", 1, { phase1: 1, quickModes: 0 })).toHaveLength(1);
});

test("after a failover each pair is renewed, once, and nobody logs in", () => {
  expect(renewalProblems("each pair once", 2, { phase1: 0, quickModes: 2 })).toEqual([]);
  for (const quickModes of [0, 1, 3])
    expect(renewalProblems("each pair once", 2, { phase1: 0, quickModes })).toEqual([
      `the far end saw ${quickModes} quick modes, and 2 were due`,
    ]);
  expect(renewalProblems("each pair once", 1, { phase1: 2, quickModes: 1 })).toEqual([
    "the far end was logged in to anew, 2 times",
  ]);
});

test("who could hand over in time spares the far end even that", () => {
  expect(renewalProblems("each pair at most once", 1, { phase1: 0, quickModes: 0 })).toEqual([]);
  expect(renewalProblems("each pair at most once", 1, { phase1: 0, quickModes: 1 })).toEqual([]);
  expect(renewalProblems("each pair at most once", 1, { phase1: 0, quickModes: 2 })).toHaveLength(1);
});

test("amid a renewal quick modes are not counted, logins are", () => {
  expect(renewalProblems("no login", 1, { phase1: 0, quickModes: 3 })).toEqual([]);
  expect(renewalProblems("no login", 1, { phase1: 1, quickModes: 3 })).toHaveLength(1);
});

test("after a failover at either end each may renew, and no more", () => {
  expect(renewalProblems("each pair at most twice", 1, { phase1: 0, quickModes: 2 })).toEqual([]);
  expect(renewalProblems("each pair at most twice", 1, { phase1: 0, quickModes: 3 })).toHaveLength(1);
  expect(renewalProblems("each pair at most twice", 1, { phase1: 1, quickModes: 1 })).toHaveLength(1);
});

test("what cannot be told beforehand is not held against anybody", () => {
  expect(renewalProblems("anything", 1, { phase1: 4, quickModes: 7 })).toEqual([]);
});
