/**
 * Somebody dies before each effect of an exchange in turn: the active, its standby, or the far end. Whatever was half
 * done, no number and no message repeats, nothing waits for a person, and every tunnel has one pair in the end.
 */
import { afterAll, expect, test, vi } from "vitest";
import { PATIENCE_MS } from "../seeds.test-support.ts";
import { TunnelStory } from "./tunnel-story.test-support.ts";

vi.setConfig({ testTimeout: PATIENCE_MS });

/** The quick loop takes every so many of the points, `npm run test:sim` all. */
const EVERY = process.env.SIM_SEEDS === undefined ? 96 : 1;
/** An exchange is over by then, and what follows it. */
const EXCHANGE_MS = 2_500;

interface Told {
  readonly name: string;
  readonly before: (story: TunnelStory) => void;
  readonly exchange: (story: TunnelStory) => void;
}

const STORIES: readonly Told[] = [
  {
    name: "the first tunnels, begun by the far ends",
    before: story => story.paired(),
    exchange: story => {
      for (const branch of story.bed.branches) branch.start();
    },
  },
  {
    name: "a renewal by the active",
    before: story => story.settled(),
    exchange: story => story.happens({ kind: "renewal", branch: "B1", by: "active" }),
  },
  {
    name: "a renewal by the far end",
    before: story => story.settled(),
    exchange: story => story.happens({ kind: "renewal", branch: "B1", by: "branch" }),
  },
  {
    name: "renewals by both at once (X19)",
    before: story => story.settled(),
    exchange: story => {
      story.happens({ kind: "renewal", branch: "B1", by: "active" });
      story.happens({ kind: "renewal", branch: "B1", by: "branch" });
    },
  },
  {
    name: "everything cleared at the active",
    before: story => story.settled(),
    exchange: story => story.happens({ kind: "clear", at: "R1" }),
  },
  {
    name: "everything cleared at the far end (X21)",
    before: story => story.settled(),
    exchange: story => story.happens({ kind: "clear", at: "B1" }),
  },
];

/** A far end that lost everything is found dead first. */
const WELL_WITHIN_MS = { active: 30_000, standby: 30_000, "far end": 60_000 };
let points = 0;
afterAll(() => console.log(`crash points: ${points}`));
const ROLES = ["active", "standby", "far end"] as const;

test.each(STORIES.flatMap(told => ROLES.map(role => ({ ...told, role }))))(
  "$name: the $role dies at each effect (X01, X02, X03, X18)",
  ({ before, exchange, role }) => {
    let fatal = 0;
    for (; ; fatal += EVERY) {
      const story = new TunnelStory();
      before(story);
      const who = { active: story.r1, standby: story.r2, "far end": story.b1 }[role];
      who.dieAtEffect(fatal);
      exchange(story);
      story.run(EXCHANGE_MS);
      if (!who.fuse.blown) break;
      points += 1;
      story.untilWell(WELL_WITHIN_MS[role]);
      const standby = (): boolean => story.bed.peerOf(story.watch.active())?.replica?.synced === true;
      story.until("the other holds everything again", standby);
      story.watch.checkReplicas();
    }
    expect(fatal).toBeGreaterThan(2);
  },
);
