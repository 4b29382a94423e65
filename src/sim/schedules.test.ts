/** Schedules that break a pair which was not made for them, each by its name, each the same every time. */
import { describe, expect, test, vi } from "vitest";
import { INSIDE, LINE, OUTSIDE } from "./pair-setting.ts";
import { PATIENCE_MS } from "./seeds.test-support.ts";
import { DEFAULT, FAST, Story } from "./story.test-support.ts";

vi.setConfig({ testTimeout: PATIENCE_MS });

const THIRTY_PERCENT = { loss: 0.3, duplication: 0, minDelayMs: 0.1, maxDelayMs: 1 };
/** Many events: the quick loop runs a part of the ten minutes, `npm run test:sim` all of them. */
const AT_LENGTH = process.env.SIM_SEEDS !== undefined;

describe("loss is not death", () => {
  test.each([
    { timers: "15/50 ms", minutes: AT_LENGTH ? 10 : 0.1, timing: FAST },
    { timers: "250/750 ms", minutes: AT_LENGTH ? 10 : 1, timing: {} },
  ])("30 % everywhere at $timers for $minutes minutes takes nothing over (X33)", ({ minutes, timing }) => {
    const story = new Story({ ...timing, packetEveryMs: 1_000 }).settled();
    story.weather(THIRTY_PERCENT).run(minutes * 60_000);
    expect(story.takeovers).toBe(0);
    expect(story.active).toBe("R1");
  });

  test("the segment of HSRP is cut and the association is not: R1 stays (X06)", () => {
    const story = new Story({ over: [LINE] }).settled();
    story.happens({ kind: "cut", wire: OUTSIDE, forMs: 20_000 }).run(25_000);
    expect(story.facts).toMatchObject({ takeovers: 0, fewest: 1, most: 1 });
  });

  test("the association is cut and the segment of HSRP is not: R1 stays", () => {
    const story = new Story({ over: [LINE] }).settled();
    story.happens({ kind: "cut", wire: LINE, forMs: 20_000 }).run(25_000);
    expect(story.facts).toMatchObject({ takeovers: 0, fewest: 1, most: 1 });
  });

  test("R1 hears R2, R2 does not hear R1 on the segment: they settle it over the association (X31)", () => {
    const story = new Story({ over: [LINE] }).settled();
    story.happens({ kind: "deaf", wire: OUTSIDE, from: "R1", to: "R2", forMs: 20_000 }).run(25_000);
    expect(story.facts).toMatchObject({ takeovers: 0, fewest: 1, most: 1 });
  });
});

describe("a split heals", () => {
  test("the higher epoch stays, though the other has the higher priority (X07)", () => {
    const story = new Story({ preempts: false }).settled();
    const before = story.epoch(story.r1);
    story.cutAll(true).run(5_000);
    expect(story.active).toBe("R1 and R2");
    story.cutAll(false).run(story.watch.transitionMs + 1);
    expect(story.active).toBe("R2");
    expect(story.epoch(story.r2)).toBeGreaterThan(before);
    expect(story.run(60_000).active).toBe("R2");
  });

  test("and so it does when it has the higher priority as well", () => {
    const story = new Story({ preempts: false, priorities: [100, 110] }).settled();
    story.cutAll(true).run(5_000);
    story.cutAll(false).run(story.watch.transitionMs + 1);
    expect(story.active).toBe("R2");
    expect(story.run(60_000).takeovers).toBe(1);
  });

  test("and priority has its way afterwards, in an orderly way, where it may preempt", () => {
    const story = new Story({ preempts: true }).settled();
    const before = story.epoch(story.r1);
    story.cutAll(true).run(5_000);
    story.cutAll(false).until("R1 is the active", () => story.active === "R1");
    // R2's when they were apart, and R1's, which it has from R2.
    expect(story.facts).toMatchObject({ takeovers: 2, fewest: 1 });
    expect(story.epoch(story.r1)).toBe(before + 2);
  });
});

describe("whoever stood still is not the active any more", () => {
  test.each([
    { long: "ten seconds (X08)", forMs: 10_000, timing: {} },
    { long: "an hour, as a suspended virtual machine does (X12)", forMs: 3_600_000, timing: DEFAULT },
  ])("for $long", ({ forMs, timing }) => {
    const story = new Story({ ...timing, preempts: false }).settled();
    story.happens({ kind: "pause", member: "R1", forMs }).run(forMs - 1);
    expect(story.active).toBe("R2");
    // Any frame that R1 sends as the active after it woke fails the run.
    story.run(1_001);
    expect(story.active).toBe("R2");
    expect(story.watch.ownership.stateOf("R1", "outside 1")).not.toBe("active");
    expect(story.takeovers).toBe(1);
  });

  test("a pause just below the hold time moves nothing, however often it comes (X09)", () => {
    const story = new Story().settled();
    for (let n = 0; n < 20; n++) story.happens({ kind: "pause", member: "R1", forMs: 700 }).run(1_500);
    expect(story.facts).toMatchObject({ takeovers: 0, active: "R1" });
  });

  test("five seconds awake and one asleep: hold-down allows one takeover in thirty seconds (X09)", () => {
    const story = new Story({ holdDownMs: 30_000 }).settled();
    for (let n = 0; n < 5; n++) story.happens({ kind: "pause", member: "R1", forMs: 1_000 }).run(6_000);
    expect(story.facts).toMatchObject({ takeovers: 1, active: "R2" });
  });

  test("main stands still for five seconds: the liveness thread speaks for it (X10)", () => {
    const story = new Story().settled();
    story.happens({ kind: "stall", member: "R1", thread: "main", forMs: 5_000 }).run(6_000);
    expect(story.facts).toMatchObject({ takeovers: 0, fewest: 1, most: 1 });
  });

  test("the liveness thread stands still: the fast path ends with the lease, before the other begins (X10)", () => {
    const story = new Story({ beatLimitMs: 100_000, preempts: false }).settled();
    story.happens({ kind: "stall", member: "R1", thread: "liveness", forMs: 5_000 }).run(6_000);
    expect(story.facts).toMatchObject({ takeovers: 1, most: 1, active: "R2" });
  });
});

test("a notice that nobody stands by, said late by one that stood still, does not outlive what was said since", () => {
  const story = new Story({ preempts: false, checkpointEveryMs: 100_000, packetEveryMs: 100 }).settled();
  // R2 takes over, and R1 cannot meanwhile. R2's gate sleeps while the association begins anew and R1 is hot again.
  story.happens({ kind: "unplug", member: "R1", wire: OUTSIDE, carrierSeen: true, forMs: 2_500 }).run(500);
  story.happens({ kind: "stall", member: "R2", thread: "liveness", forMs: 1_490 }).run(10);
  story.happens({ kind: "log-reset" }).run(10_000);
  expect(story.active).toBe("R2");
  expect(story.hot(story.r1)).toBe(true);
});

describe("boots and deaths", () => {
  test("both boot at once with equal priorities: one is active within the hold time and a second (X13)", () => {
    const story = new Story({ priorities: [100, 100] });
    story.r1.start();
    story.r2.start();
    story.run(story.setting.holdMs + 1_000);
    expect(story.active).toBe("R2");
    expect(story.run(60_000).takeovers).toBe(1);
  });

  test("two failovers within a second: each has an epoch of its own (X16)", () => {
    const story = new Story({ ...FAST, preempts: false }).settled();
    const epochs = [story.epoch(story.r1)];
    story.happens({ kind: "death", member: "R1", supervised: true, forMs: 250 });
    story.until("R2 is active", () => story.active === "R2");
    epochs.push(story.epoch(story.r2));
    story.run(400).happens({ kind: "death", member: "R2", supervised: true, forMs: 3_000 });
    story.until("R1 is active", () => story.active === "R1");
    epochs.push(story.epoch(story.r1));
    expect(epochs).toEqual([...new Set(epochs)].sort((a, b) => a - b));
    expect(story.bed.now).toBeLessThan(60_000);
  });

  test("a better member that is back before anybody missed it wins nothing with nothing (X17)", () => {
    const story = new Story({ ...DEFAULT, preempts: true }).settled();
    story.happens({ kind: "death", member: "R1", supervised: false, forMs: 2_000 });
    story.until("somebody is active", () => story.active !== "");
    expect(story.active).toBe("R2");
    let wasHot = false;
    story.until("R1 is active", () => {
      wasHot ||= story.hot(story.r1);
      return story.active === "R1";
    });
    expect(wasHot).toBe(true);
  });

  test("a better member that hears the active and holds nothing of it takes nothing (P6)", () => {
    const story = new Story({ preempts: true, priorities: [100, 110] });
    story.r1.start();
    story.run(5_000);
    story.bed.stream?.stall(30_000);
    story.r2.start();
    story.forget().run(29_000);
    expect(story.facts).toMatchObject({ takeovers: 0, active: "R1" });
    story.until("R2 is active", () => story.active === "R2");
    expect(story.facts).toMatchObject({ takeovers: 1, fewest: 1 });
  });

  test("a last will is taken at its word: the address moves as soon as it was sent", () => {
    const story = new Story({ ...DEFAULT }).settled();
    story.happens({ kind: "death", member: "R1", supervised: true, forMs: 20_000 });
    expect(story.until("R2 is active", () => story.active === "R2")).toBeLessThanOrEqual(67);
  });

  test("without a will it moves after the hold time and the asks", () => {
    const story = new Story({ ...DEFAULT }).settled();
    story.happens({ kind: "death", member: "R1", supervised: false, forMs: 30_000 });
    const tookMs = story.until("R2 is active", () => story.active === "R2");
    expect(tookMs).toBeGreaterThan(story.setting.holdMs * 0.6);
    expect(tookMs).toBeLessThanOrEqual(story.setting.holdMs + 30);
  });
});

describe("an orderly change has no moment without an owner", () => {
  test("a switchover", () => {
    const story = new Story({ preempts: false }).settled();
    story.happens({ kind: "switchover", member: "R1", scheme: "HA-out" }).run(1_000);
    expect(story.facts).toMatchObject({ active: "R2", takeovers: 1, fewest: 1 });
    expect(story.watch.longestGapMs).toBeLessThanOrEqual(3 * story.setting.packetEveryMs);
  });

  test("a preemption", () => {
    const story = new Story({ preempts: true, priorities: [100, 110] });
    story.r1.start();
    story.run(5_000);
    story.forget();
    story.r2.start();
    story.until("R2 is active", () => story.active === "R2");
    expect(story.facts).toMatchObject({ fewest: 1, takeovers: 1 });
    expect(story.watch.longestGapMs).toBeLessThanOrEqual(3 * story.setting.packetEveryMs);
  });

  test("the end of the process", () => {
    const story = new Story({ preempts: false }).settled();
    story.r1.stop();
    story.run(1_000);
    expect(story.facts).toMatchObject({ active: "R2", takeovers: 1, fewest: 1 });
  });

  test("the cable of the outside, whose carrier is seen to go (X32)", () => {
    const story = new Story({ preempts: false }).settled();
    story.happens({ kind: "unplug", member: "R1", wire: OUTSIDE, carrierSeen: true, forMs: 20_000 });
    // What is said at once may overtake itself: an offer behind a newer word is refused, and said again in 10 ms.
    expect(story.until("R2 is active", () => story.active === "R2")).toBeLessThanOrEqual(12);
  });

  test("and a cable that flaps every second moves the address once (X32)", () => {
    const story = new Story({ holdDownMs: 30_000 }).settled();
    for (let n = 0; n < 10; n++) {
      story.happens({ kind: "unplug", member: "R1", wire: OUTSIDE, carrierSeen: true, forMs: 500 }).run(1_000);
    }
    expect(story.facts).toMatchObject({ active: "R2", takeovers: 1 });
  });
});

describe("the group that follows is where its leader is, whatever the cable of the inside does", () => {
  const pulled = (carrierSeen: boolean, forMs: number) =>
    ({ kind: "unplug", member: "R1", wire: INSIDE, carrierSeen, forMs }) as const;
  const inside = (story: Story): unknown => {
    const groups = story.r1.core?.snapshot(story.bed.now).groups ?? [];
    return groups.find(({ group }) => group.settings.interface === INSIDE)?.state;
  };

  test("a gateway that starts while the cable is out takes the inside too if it sees a carrier", () => {
    const story = new Story();
    story.happens(pulled(false, 20_000));
    story.r1.start();
    story.until("R1 is active", () => story.active === "R1");
    expect(inside(story)).toBe("active");
    story.run(20_000);
    expect({ ...story.facts, inside: inside(story) }).toMatchObject({ active: "R1", takeovers: 1, inside: "active" });
  });

  test("a cable that was pulled twice is in when it was put back twice", () => {
    const story = new Story().settled();
    story.happens(pulled(false, 2_000)).run(1_000).happens(pulled(true, 2_000)).run(1_500);
    expect({ active: story.active, inside: inside(story) }).toEqual({ active: "R1", inside: "initial" });
    story.run(1_000);
    expect({ active: story.active, inside: inside(story) }).toEqual({ active: "R1", inside: "active" });
  });
});

describe("a stranger moves nothing while the peer can be heard", () => {
  const forged = (opcode: "hello" | "coup" | "resign", as: "R1" | "stranger") =>
    ({
      kind: "forge",
      wire: OUTSIDE,
      opcode,
      state: "active",
      priority: 255,
      as,
      knowsKey: true,
      times: 100,
      everyMs: 100,
      forMs: 10_000,
    }) as const;

  test.each([
    ["hellos", forged("hello", "stranger")],
    ["coups", forged("coup", "stranger")],
    ["resigns in R1's name", forged("resign", "R1")],
    ["recordings", { kind: "replay", wire: OUTSIDE, tampered: false, times: 500, everyMs: 20, forMs: 10_000 }],
    ["broken recordings", { kind: "replay", wire: OUTSIDE, tampered: true, times: 500, everyMs: 20, forMs: 10_000 }],
  ] as const)("with %s", (_name, attack) => {
    const story = new Story({ attacked: true }).settled();
    story.happens(attack).run(12_000);
    expect(story.facts).toMatchObject({ takeovers: 0, fewest: 1, most: 1, active: "R1" });
  });

  test("and recordings of an earlier life do not pass for it", () => {
    const story = new Story({ attacked: true, preempts: false }).settled();
    story.happens({ kind: "death", member: "R1", supervised: false, forMs: 60_000 });
    story.happens({ kind: "replay", wire: OUTSIDE, tampered: false, times: 4_000, everyMs: 5, forMs: 20_000 });
    // Hellos, which nothing protects from replay, may put the takeover off; never for longer than three hold times.
    story.run(3 * story.setting.holdMs + 100);
    expect(story.active).toBe("R2");
  });

  test("with what R1 said in its lives, by turns: R1 is dead all the same", () => {
    const story = new Story({ attacked: true, preempts: false, over: [OUTSIDE] }).settled();
    const attacker = story.bed.attackers.get(OUTSIDE);
    const { address } = story.r1.ports.get(OUTSIDE) ?? {};
    const recorded = () => {
      const frames = (attacker?.heard ?? []).filter(({ kind, source }) => kind === "beacon" && source === address);
      expect(frames.length).toBeGreaterThan(20);
      return frames.slice(-20);
    };
    const dies = { kind: "death", member: "R1", supervised: false } as const;
    const first = recorded();
    story.happens({ ...dies, forMs: 5_000 });
    story.until("R2 is active", () => story.active === "R2");
    story.until("R1 stands by", () => story.hot(story.r1));
    story.happens({ kind: "switchover", member: "R2", scheme: "HA-out" });
    story.until("R1 is active again", () => story.active === "R1" && story.hot(story.r2));
    const second = story.run(5_000) && recorded();
    story.forget().happens({ ...dies, forMs: 60_000 });
    for (let n = 0; n < 200; n++) {
      const frame = (n % 2 === 0 ? first : second)[(n >> 1) % 20];
      if (frame !== undefined) attacker?.port.send(frame);
      story.run(10);
    }
    expect(story.facts).toMatchObject({ takeovers: 1, active: "R2" });
  });
});
