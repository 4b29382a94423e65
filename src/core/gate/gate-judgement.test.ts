/** What a word means, case by case: who says what to whom in which state. */
import { describe, expect, test } from "vitest";
import type { Beacon, GateState } from "./beacon-codec.ts";
import { eventOfWord, type Self } from "./gate-judgement.ts";
import type { Heard } from "./gate-peer.ts";
import { ip } from "./toy-network.test-support.ts";

const octets = (value: number, length = 8): Uint8Array => new Uint8Array(length).fill(value);
const flags = { hot: true, healthy: true, preempt: true, deaf: false };
const mine: Self = {
  state: "active",
  epoch: 5,
  priority: 100,
  address: ip("10.0.0.1"),
  boot: octets(1),
  flags,
  leaving: false,
  heldDown: false,
};
const theirs: Beacon = {
  kind: "beacon",
  scheme: octets(9),
  boot: octets(2),
  sequence: 1,
  epoch: 5,
  state: "standby",
  flags,
  priority: 90,
  holdMs: 750,
  address: ip("10.0.0.2"),
  nonce: octets(0),
  token: octets(0, 32),
  extensions: [],
  seal: octets(0, 16),
};
const plain: Extract<Heard, { kind: "word" }> = { kind: "word", before: "standby", reborn: false, answer: false };
const answer = { ...plain, answer: true };

const judge = (state: GateState, said: Partial<Beacon>, word = plain, more: Partial<Self> = {}) =>
  eventOfWord({ ...theirs, ...said }, word, { ...mine, state, ...more });

describe("to an owner", () => {
  test.each(["active", "contested", "draining", "handing"] as const)("%s: another owner is above or below", state => {
    for (const other of ["active", "contested", "draining", "handing", "doubting"] as const) {
      expect(judge(state, { state: other, epoch: 6 })).toBe("owner-above");
      expect(judge(state, { state: other, epoch: 4, priority: 255 })).toBe("owner-below");
    }
  });

  test("in doubt: above at once, below only by an answer, for what was queued is old", () => {
    expect(judge("doubting", { state: "active", epoch: 6 })).toBe("owner-above");
    expect(judge("doubting", { state: "active", epoch: 4 })).toBeUndefined();
    expect(judge("doubting", { state: "active", epoch: 4 }, answer)).toBe("owner-below");
  });

  test.each(["doubting", "contested"] as const)("%s: free once one who waits has answered", state => {
    expect(judge(state, {})).toBeUndefined();
    expect(judge(state, { state: "asking" }, answer)).toBe("way-free");
  });

  test("a request to preempt is granted to one that holds everything and is better, after the hold-down", () => {
    const request = { kind: "preempt-request", priority: 110 } as const;
    expect(judge("active", request)).toBe("overthrown");
    expect(judge("active", { ...request, flags: { ...flags, hot: false } })).toBeUndefined();
    expect(judge("active", { ...request, flags: { ...flags, healthy: false } })).toBeUndefined();
    expect(judge("active", { ...request, priority: 90 })).toBeUndefined();
    expect(judge("active", { ...request, priority: 100 })).toBe("overthrown");
    expect(judge("active", { ...request, priority: 100, address: ip("10.0.0.0") })).toBeUndefined();
    expect(judge("active", request, plain, { heldDown: true })).toBeUndefined();
  });

  test("an heir that is gone ends the handover, or what was to follow it", () => {
    expect(judge("handing", {})).toBeUndefined();
    for (const gone of [{ state: "init" }, { flags: { ...flags, healthy: false } }] as const) {
      expect(judge("handing", gone)).toBe("declined");
      expect(judge("handing", gone, plain, { leaving: true })).toBe("abandoned");
    }
  });
});

describe("to one who waits", () => {
  test.each(["standby", "asking"] as const)("%s: an offer, an owner, an owner no more", state => {
    expect(judge(state, { kind: "handover", state: "handing" })).toBe("offered");
    expect(judge(state, { kind: "handover", state: "standby" })).not.toBe("offered");
    expect(judge(state, { state: "doubting" }, answer)).toBe("stand-back");
    for (const before of ["active", "handing", "doubting"] as const)
      expect(judge(state, {}, { ...plain, before })).toBe("peer-gone");
    expect(judge(state, {}, { ...plain, before: undefined })).toBeUndefined();
  });

  test("while asking, an answer clears the way, unless the other asks too and goes first", () => {
    expect(judge("asking", {})).toBeUndefined();
    expect(judge("standby", {}, answer)).toBeUndefined();
    expect(judge("asking", {}, answer)).toBe("way-free");
    expect(judge("asking", { epoch: 9 }, answer)).toBe("way-free");
    expect(judge("asking", { state: "asking" }, answer)).toBe("way-free");
    expect(judge("asking", { state: "asking", epoch: 9 }, answer)).toBe("stand-back");
  });
});
