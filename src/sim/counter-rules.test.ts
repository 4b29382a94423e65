/**
 * The five rules by which no number and no initialization vector is ever sent twice, each by the schedule that breaks
 * whoever does without it. They are those that the explicit-state model of `tests/model` finds.
 */
import { describe, expect, test, vi } from "vitest";
import { SEQUENCE_JUMP } from "../core/ipsec/sequence-reservation.ts";
import { decodePeerMessage } from "../core/redundancy/peer-message.ts";
import { PATIENCE_MS } from "./seeds.test-support.ts";
import { Story } from "./story.test-support.ts";

vi.setConfig({ testTimeout: PATIENCE_MS });

/** No work but what the story says. */
const QUIET = { preempts: false, checkpointEveryMs: 1e9 };
const LONG_MS = 60_000;

/** Runs until this life has sent so much more at once, or as much of it as it may. */
function sends(story: Story, member: "R1" | "R2", count: number): void {
  const sent = (): number => numbersOf(story, member).reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const before = sent();
  story.bed.member(member).rush(count);
  story.until(`${member} sends`, () => sent() > before);
}

function numbersOf(story: Story, member: "R1" | "R2") {
  return [...story.watch.account.sent.values()].flat().filter(each => each.member.startsWith(member));
}

/** Of the key that both have sent under: the last number of the one, and the first of the other. */
function sharedKey(story: Story): { first: number; last: number } {
  const runs = [...story.watch.account.sent.values()].find(each =>
    ["R1", "R2"].every(member => each.some(run => run.member.startsWith(member))),
  );
  expect(runs).toBeDefined();
  const of = (member: string) => (runs ?? []).filter(run => run.member.startsWith(member));
  return {
    last: Math.max(...of("R1").map(({ last }) => last)),
    first: Math.min(...of("R2").map(({ first }) => first)),
  };
}

/** Of the active's log: what a snapshot is made of. */
function isEntry(octets: Uint8Array): boolean {
  const message = decodePeerMessage(octets);
  return !(message instanceof Error) && message.body.is === "entry";
}

/** The members are apart, in every way. */
function apart(story: Story): void {
  story.happens({ kind: "log-stall", forMs: LONG_MS });
  story.cutAll(true);
}

describe("no number of a key is sent twice", () => {
  test("rule 1, the cap: whoever goes on alone does not reach where the other begins", () => {
    const story = new Story(QUIET).settled();
    apart(story);
    sends(story, "R1", SEQUENCE_JUMP);
    sends(story, "R1", SEQUENCE_JUMP);
    story.until("both are active", () => story.active === "R1 and R2");
    sends(story, "R2", 1_000);
    const { first, last } = sharedKey(story);
    expect(first).toBeGreaterThan(last);
    // It has come up against the cap, and goes on with another key.
    expect(new Set(numbersOf(story, "R1").map(({ epoch }) => epoch)).size).toBe(1);
    expect(story.watch.account.sent.size).toBeGreaterThan(1);
  });

  test("rule 2, the jump: whoever takes over begins above what the other may have sent unseen", () => {
    const story = new Story(QUIET).settled();
    story.happens({ kind: "log-stall", forMs: LONG_MS });
    sends(story, "R1", 2 ** 20);
    story.r1.die(false);
    story.until("R2 is active", () => story.active === "R2");
    sends(story, "R2", 1_000);
    const { first, last } = sharedKey(story);
    expect(last).toBeGreaterThanOrEqual(2 ** 20);
    expect(first).toBeGreaterThan(last);
  });

  test("rule 3, the incarnation: a snapshot of before is not taken for the one that was asked for (X04)", () => {
    const story = new Story(QUIET);
    const { stream } = story.bed;
    if (stream === undefined) throw new Error("nobody replicates");
    story.r1.start();
    story.until("R1 is active", () => story.active === "R1");
    // A first snapshot does not arrive while its session lasts; a second one does, and traffic goes on.
    const late: (() => void)[] = [];
    stream.keeps = (octets, letOut) => isEntry(octets) && late.push(letOut) > 0;
    story.r2.start();
    story.until("a snapshot is under way", () => late.length > 0);
    stream.keeps = () => false;
    stream.reset("cut");
    story.until("R2 is hot", () => story.hot(story.r2));
    sends(story, "R1", 2 ** 27);
    story.run(500);
    // The next R2 asks anew, and hears the first answer instead.
    story.r2.die(false);
    story.run(1_000);
    let lost = 0;
    stream.keeps = octets => isEntry(octets) && ++lost > 0;
    story.r2.start();
    story.until("it has asked", () => lost === late.length);
    stream.keeps = () => false;
    for (const letOut of late) letOut();
    story.until("R2 is hot again", () => story.hot(story.r2));
    apart(story);
    sends(story, "R1", SEQUENCE_JUMP);
    sends(story, "R1", SEQUENCE_JUMP);
    story.until("both are active", () => story.active === "R1 and R2");
    sends(story, "R2", 1_000);
    const { first, last } = sharedKey(story);
    expect(first).toBeGreaterThan(last);
  });

  test("rule 4, the floor: a snapshot is not below what an earlier one was acknowledged as", () => {
    const story = new Story(QUIET).settled();
    sends(story, "R1", 2 ** 24);
    story.run(500);
    story.r2.die(false);
    story.run(1_000);
    story.r2.start();
    story.until("R2 is hot again", () => story.hot(story.r2));
    apart(story);
    sends(story, "R1", SEQUENCE_JUMP);
    sends(story, "R1", SEQUENCE_JUMP);
    story.until("both are active", () => story.active === "R1 and R2");
    sends(story, "R2", 1_000);
    const { first, last } = sharedKey(story);
    expect(first).toBeGreaterThan(last);
  });
});

test("rule 5, the durable epoch: whoever took over unnoticed and died does not take over with that epoch again", () => {
  const story = new Story(QUIET).settled();
  apart(story);
  story.until("both are active", () => story.active === "R1 and R2");
  sends(story, "R2", 1_000);
  const unnoticed = story.epoch(story.r2);
  story.r2.die(false);
  story.run(1_000);
  story.bed.heal();
  story.until("R2 is hot again", () => story.hot(story.r2));
  story.r1.die(false);
  story.until("R2 is active", () => story.active === "R2");
  sends(story, "R2", 1_000);
  expect(story.epoch(story.r2)).toBeGreaterThan(unnoticed);
});
