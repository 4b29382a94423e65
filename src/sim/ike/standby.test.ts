/** Schedules in which the standby is not what its active takes it for: half full, of another mind, or a liar. */
import { describe, expect, test, vi } from "vitest";
import { invariant } from "../../core/errors.ts";
import type { Entry } from "../../core/redundancy/entry-message.ts";
import { decodePeerMessage, encodePeerMessage } from "../../core/redundancy/peer-message.ts";
import type { ModelStream } from "../model-stream.ts";
import { SCHEME } from "../pair-setting.ts";
import { PATIENCE_MS } from "../seeds.test-support.ts";
import { hubSettings, type TunnelSetting } from "./tunnel-setting.ts";
import { dies, TunnelStory } from "./tunnel-story.test-support.ts";

vi.setConfig({ testTimeout: PATIENCE_MS });

const AT_LENGTH = process.env.SIM_SEEDS !== undefined;

function stream({ bed }: TunnelStory): ModelStream {
  invariant(bed.stream !== undefined, "this bed has an association");
  return bed.stream;
}

function entryOf(octets: Uint8Array): Entry | undefined {
  const message = decodePeerMessage(octets);
  return message instanceof Error || message.body.is !== "entry" ? undefined : message.body.entry;
}

/** R2 took over with nothing: no pair of before is used again by anybody, and all tunnels come again. */
function comesAnew(story: TunnelStory, before: TunnelStory["held"]): void {
  story.until("R2 is active", () => story.watch.active() === "R2");
  story.untilWell();
  for (const [n, spi] of story.held.pairs.entries()) expect(spi).not.toBe(before.pairs[n]);
  for (const [n, ids] of story.held.ike.entries()) expect(ids).not.toEqual(expect.arrayContaining(before.ike[n] ?? []));
}

test("the active dies in the middle of a bulk sync (X14): half a table is no table", () => {
  const keepalive = { seconds: 10, retrySeconds: 2, mode: "periodic" } as const;
  const story = new TunnelStory({ branches: 32, keepalive }).settled();
  const before = story.held;
  story.happens(dies("R2", 1_000));
  let bulks = 0;
  let letOut = (): void => {};
  stream(story).keeps = (octets, goOn) => {
    if (entryOf(octets)?.is !== "records") return false;
    bulks += 1;
    // Only the first of them arrives, and what is behind it waits as well.
    if (bulks > 1) letOut = goOn;
    return bulks > 1;
  };
  story.until("a part is there", () => bulks > 1);
  story.run(100);
  const part = story.r2.replica?.records.size ?? 0;
  expect(part).toBeGreaterThan(0);
  expect(part).toBeLessThan(story.r1.replica?.records.size ?? 0);
  story.happens(dies("R1", 30_000)).run(10);
  letOut();
  comesAnew(story, before);
});

describe("another configuration at the active (X28)", () => {
  const twoBranches = (setting: TunnelSetting) => hubSettings({ ...setting, branches: 2 }, 0);

  test("makes its standby cold: what takes over then takes nothing over", () => {
    const story = new TunnelStory().settled();
    const before = story.held;
    story.r1.reconfigure(hubSettings(story.setting, 0), 2);
    story.until("R2 has seen it", () => story.r2.replica?.synced === false, 1_000);
    story.run(10_000);
    expect([story.r2.replica?.synced, story.wrong]).toEqual([false, []]);
    story.happens(dies("R1", 30_000));
    comesAnew(story, before);
  });

  test("makes it cold until it has the same", () => {
    const story = new TunnelStory().settled();
    story.r1.reconfigure(hubSettings(story.setting, 0), 2);
    story.until("R2 has seen it", () => story.r2.replica?.synced === false, 1_000);
    story.r2.reconfigure(hubSettings(story.setting, 1), 2);
    story.until("R2 holds everything", () => story.r2.replica?.synced === true, 2_000);
    expect(story.wrong).toEqual([]);
    story.watch.checkReplicas();
  });

  test("dies with it before anybody heard: the last one that both had goes on, with all that it held", () => {
    const story = new TunnelStory().settled();
    const before = story.held;
    story.bed.stream?.stall(5_000);
    story.r1.reconfigure(twoBranches(story.setting), 2);
    story.run(1).happens(dies("R1", 30_000));
    story.until("R2 is active", () => story.watch.active() === "R2");
    expect(story.run(500).held.ike.slice(0, 2)).toEqual(before.ike.slice(0, 2));
    story.untilWell();
  });

  test.each(Array.from({ length: AT_LENGTH ? 16 : 2 }, (_, n) => n))(
    "half applied, %i effects of it: no tunnel has two policies",
    n => {
      const story = new TunnelStory().settled();
      story.r1.reconfigure(twoBranches(story.setting), 2);
      story.r1.dieAtEffect(n);
      story.run(10_000);
      // R1 began again by what is written, which is what R2 has: three branches.
      story.r1.die(false);
      story.r1.start();
      story.untilWell();
      story.until("the pair is whole", () => story.bed.members.every(({ replica }) => replica?.synced === true));
      story.watch.checkReplicas();
    },
  );
});

test("a member of a later release says more than this one knows (X35): they replicate, and hand over both ways", () => {
  const story = new TunnelStory();
  // A field of a number that no release has yet.
  stream(story).alters = octets => Uint8Array.of(...octets, 0x80, 0x7d, 0x01);
  story.settled();
  const before = story.held.pairs;
  for (const member of ["R1", "R2"]) {
    story.until("its standby holds everything", () => story.bed.peerOf(member)?.replica?.synced === true);
    story.happens({ kind: "switchover", member, scheme: SCHEME });
    story.until("the other is active", () => story.watch.owners().length === 1 && story.watch.active() !== member);
  }
  expect(story.run(30_000).wrong).toEqual([]);
  expect(story.held.pairs).toEqual(before);
});

test("a standby acknowledges a record and loses it (X36): it is found within ten seconds, and fetched anew", () => {
  const story = new TunnelStory().settled();
  story.watch.standbyLies = true;
  let lost = 0;
  stream(story).alters = octets => {
    const message = decodePeerMessage(octets);
    const entry = entryOf(octets);
    if (message instanceof Error || message.body.is !== "entry" || entry?.is !== "transaction") return octets;
    lost += entry.puts.length;
    return encodePeerMessage(message.epoch, { ...message.body, entry: { ...entry, puts: [] } });
  };
  story.happens({ kind: "renewal", branch: "B1", by: "branch" });
  story.until("records are lost", () => lost > 0);
  story.run(1_000);
  stream(story).alters = octets => octets;
  const bulks = (): number => story.r2.replica?.counters["bulk-syncs"] ?? 0;
  const before = bulks();
  expect(story.r2.replica?.synced).toBe(true);
  story.until("it is found", () => bulks() > before, 10_100);
  story.until("R2 holds everything", () => story.r2.replica?.synced === true);
  story.watch.standbyLies = false;
  story.watch.checkReplicas();
  story.happens(dies("R1", 30_000));
  story.untilWell();
});

test("a standby without room for all (X30) is cold, its active is none the worse, and nothing is begun in vain", () => {
  const story = new TunnelStory({ room: { records: 4, octets: 1_000_000 } });
  story.paired();
  for (const branch of story.bed.branches) branch.start();
  story.untilWell();
  story.run(2_000);
  const bulks = (): number => story.r2.replica?.counters["bulk-syncs"] ?? 0;
  const before = bulks();
  expect(story.r2.replica?.synced).toBe(false);
  expect(story.r2.replica?.records.size).toBe(0);
  story.happens({ kind: "renewal", branch: "B2", by: "active" }).run(50_000);
  expect([story.wrong, bulks() - before]).toEqual([[], 0]);
  const held = story.held;
  story.happens(dies("R1", 30_000));
  comesAnew(story, held);
});
