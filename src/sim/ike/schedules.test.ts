/** Schedules that break tunnels which were not made for them, each by its name, each the same every time. */
import { describe, expect, test, vi } from "vitest";
import { OUTSIDE, SCHEME } from "../pair-setting.ts";
import { PATIENCE_MS } from "../seeds.test-support.ts";
import { dies, TunnelStory } from "./tunnel-story.test-support.ts";

vi.setConfig({ testTimeout: PATIENCE_MS });

describe("whoever dies, the far ends notice nothing but new keys", () => {
  test("after a failover each pair is renewed once, under the IKE SA that there was (X24)", () => {
    const story = new TunnelStory().settled();
    const before = story.held;
    story.happens(dies("R1")).run(3_000);
    expect(story.watch.active()).toBe("R2");
    expect(story.run(30_000).wrong).toEqual([]);
    const after = story.held;
    // Of two that both ends began at once one is left by now.
    for (const [n, ids] of after.ike.entries()) expect(before.ike[n]).toEqual(expect.arrayContaining(ids ?? []));
    for (const [n, spi] of after.pairs.entries()) expect(spi).not.toBe(before.pairs[n]);
  });

  test("after a switchover nothing is renewed", () => {
    const story = new TunnelStory().settled();
    const before = story.held;
    story.happens({ kind: "switchover", member: "R1", scheme: SCHEME }).run(30_000);
    expect([story.watch.active(), story.wrong]).toEqual(["R2", []]);
    expect(story.held).toEqual(before);
  });

  test("two failovers within a second (X16): the tunnels are there, whoever they are made by", () => {
    const story = new TunnelStory().settled();
    story.happens(dies("R1", 300));
    story.until("R2 is active", () => story.watch.active() === "R2");
    story.happens(dies("R2", 300));
    story.untilWell();
    expect(story.run(40_000).wrong).toEqual([]);
  });

  test("both lose their power, and their disks what they said was written (X39): new keys for all", () => {
    const story = new TunnelStory().settled();
    const before = story.held;
    for (const { name, disk } of story.bed.members) {
      story.happens(dies(name, 2_000));
      disk.rollBack(SCHEME, 0);
    }
    story.watch.powerWasLost();
    story.untilWell();
    const after = story.held;
    for (const [n, spi] of after.pairs.entries()) expect(spi).not.toBe(before.pairs[n]);
  });
});

test("one that wakes after it was given up asks no peer whether it lives, though that is due (X08, V13)", () => {
  const keepalive = { seconds: 10, retrySeconds: 2, mode: "periodic" } as const;
  const story = new TunnelStory({ keepalive }).settled();
  for (const branch of story.bed.branches) branch.idle = true;
  for (let times = 0; times < 12; times++) {
    const member = story.watch.active();
    // Whatever it sends as the active after it woke fails the run.
    story.happens({ kind: "pause", member, forMs: 11_000 }).run(11_500);
    story.until("it stands by", () => story.watch.owners().length === 1 && story.watch.active() !== member);
    story.until("and holds everything", () => story.bed.member(member).replica?.synced === true);
  }
});

describe("the association", () => {
  test("stands still for two seconds (X34): no exchange waits longer for it than it may", () => {
    const story = new TunnelStory().settled();
    const before = story.held.pairs[0];
    story.happens({ kind: "log-stall", forMs: 2_000 }).happens({ kind: "renewal", branch: "B1", by: "branch" });
    story.until("B1 sends by the new pair", () => story.held.pairs[0] !== before, 1_000);
    story.untilWell();
    story.until("R2 holds everything again", () => story.r2.replica?.synced === true);
  });

  test("is gone for as long as the active lives on (X05): its successor begins anew, and uses no number again", () => {
    const story = new TunnelStory().settled();
    story.bed.stream?.stall(30_000);
    for (const branch of ["B1", "B2", "B3"]) story.happens({ kind: "renewal", branch, by: "active" });
    story.run(10_000);
    expect(story.wrong).toEqual([]);
    story.happens(dies("R1", 20_000));
    story.until("R2 is active", () => story.watch.active() === "R2");
    // What the far ends hold is nobody's: they find their peer dead, or are told that it knows nothing.
    story.untilWell();
  });

  test("brings a bulk sync while tunnels are deleted (X15): nothing deleted comes back", () => {
    const story = new TunnelStory().settled();
    story.happens(dies("R2", 1_000)).run(1_000);
    story.until("R2 asks for everything", () => story.r2.replica !== undefined);
    story.bed.stream?.stall(300);
    story.happens({ kind: "clear", at: "R1" }).run(2_000);
    story.untilWell();
    story.until("R2 holds everything", () => story.r2.replica?.synced === true);
    story.watch.checkReplicas();
  });
});

describe("time", () => {
  test("a lifetime that ends while nobody can be reached is over (X27)", () => {
    const story = new TunnelStory({ childSeconds: 120 }).settled();
    const before = story.held;
    story.happens({ kind: "cut", wire: OUTSIDE, forMs: 130_000 }).run(131_000);
    story.untilWell();
    for (const [n, spi] of story.held.pairs.entries()) expect(spi).not.toBe(before.pairs[n]);
    const old = story.bed.members.flatMap(({ tunnels }) => tunnels?.table.children.map(({ outbound }) => outbound.spi));
    for (const spi of before.pairs) expect(old).not.toContain(spi);
  });

  test("a successor's disk takes no epoch (X29): it takes over all the same, and no number repeats", () => {
    const story = new TunnelStory().settled();
    story.happens({ kind: "disk", member: "R2", delayMs: 1, failing: true, forMs: 60_000 });
    story.happens(dies("R1", 20_000));
    story.until("R2 is active", () => story.watch.active() === "R2");
    story.untilWell();
  });
});

test("packets recorded before a takeover and sent again after it are taken as far as edges lag (X40, V3)", () => {
  const story = new TunnelStory({ attacked: true, branchPacketMs: 10 }).settled().run(3_000);
  const recorded = (story.bed.attackers.get(OUTSIDE)?.heard ?? []).filter(
    ({ kind, source }) => kind === "esp" && source === story.b1.link.address,
  );
  // Otherwise this schedule shows nothing.
  expect(recorded.length).toBeGreaterThan(20);
  story.happens(dies("R1", 20_000));
  story.until("R2 is active", () => story.watch.active() === "R2");
  const attacker = story.bed.attackers.get(OUTSIDE)?.port;
  for (const frame of recorded) attacker?.send(frame);
  story.run(100);
  // 100 ms of 100 packets a second, and what came before R1's last report was read.
  expect(story.watch.takenAgain).toBeLessThanOrEqual(12);
  const again = story.watch.takenAgain;
  story.run(30_000);
  for (const frame of recorded) attacker?.send(frame);
  story.run(100);
  expect(story.watch.takenAgain).toBe(again);
});
