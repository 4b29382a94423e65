/** Schedules of what is beyond the pair: far ends that move, and many of them at once. */
import { expect, test, vi } from "vitest";
import { PATIENCE_MS } from "../seeds.test-support.ts";
import { dies, TunnelStory } from "./tunnel-story.test-support.ts";

vi.setConfig({ testTimeout: PATIENCE_MS });

const AT_LENGTH = process.env.SIM_SEEDS !== undefined;
/** At fifty a second they last for more than one. */
const MANY = AT_LENGTH ? 200 : 55;
/** Here and there a run of packets is so long that its pair is renewed before its turn. */
const SPENT = 2;

test("a NAT gives the branch another port during a takeover (X22): its first packet moves all that is its", () => {
  const story = new TunnelStory({ nat: true }).settled();
  const before = story.held;
  story.happens(dies("R1", 20_000)).happens({ kind: "nat-restart", branch: "B1" });
  story.until("R2 is active", () => story.watch.active() === "R2");
  story.until("and sends to the new port", () => story.wrong.length === 0, 1_000);
  expect(story.held.pairs).toEqual(before.pairs);
  // The renewal after a failover goes there as well: under the IKE SA that there was, and at once.
  story.until("new keys", () => story.held.pairs.every((spi, n) => spi !== before.pairs[n]), 10_000);
  expect(story.run(30_000).wrong).toEqual([]);
  for (const [n, ids] of story.held.ike.entries()) expect(before.ike[n]).toEqual(expect.arrayContaining(ids ?? []));
});

test("many tunnels at a takeover (X25): their traffic goes on first, then each is renewed, fifty a second", () => {
  const story = new TunnelStory({ branches: MANY, branchPacketMs: 500, keepalive: undefined }).settled();
  const before = story.held.pairs;
  story.happens(dies("R1", 60_000));
  story.until("R2 is active", () => story.watch.active() === "R2");
  story.run(500);
  for (const { name } of story.bed.branches) {
    expect({ name, heard: story.watch.heardAt.get(name) }).toEqual({ name, heard: expect.any(Number) });
    expect(story.bed.now - (story.watch.heardAt.get(name) ?? 0)).toBeLessThanOrEqual(500);
  }
  const renewed = (): number => story.held.pairs.filter((spi, n) => spi !== before[n]).length;
  expect(renewed()).toBeLessThanOrEqual(SPENT);
  const begun = (): number => story.watch.quickModes;
  const eachSecond: number[] = [];
  for (let last = begun(), second = 0; second < 6; second++, last = begun()) {
    story.run(1_000);
    eachSecond.push(begun() - last);
  }
  for (const count of eachSecond) expect(count).toBeLessThanOrEqual(50 + SPENT);
  expect(renewed()).toBe(MANY);
  expect(story.run(30_000).wrong).toEqual([]);
});
