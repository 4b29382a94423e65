/**
 *      H1 ── inside ── R1, R2 ── outside ── R3
 *
 * Every way to lose an active, in the article's lab as it stands: who is active afterwards, what the log says, what the
 * switch saw. How long each takes is for bench/failover to say.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { untilSettled } from "../../src/lab/settling.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { ROOT, understudy } from "./harness.ts";

const LAB = "hsrpfaults";
const article = topologyNamed("article");

describe.skipIf(!ROOT)("faults", () => {
  beforeAll(async () => {
    await understudy("lab", "down", LAB);
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
    await untilSettled(LAB, article);
  });
  afterAll(() => understudy("lab", "down", LAB));

  const run = (name: string, lastsMs?: number) =>
    runFault(LAB, article, faultNamed(name), { probesPerSecond: 200, ...(lastsMs !== undefined && { lastsMs }) });

  test.each(["switchover", "shutdown", "kill", "freeze", "dead", "cut-outside"])(
    "%s: the other member takes over both groups, and everything is whole again afterwards",
    async name => {
      const outcome = await run(name);
      expect(outcome.problems).toEqual([]);
      expect(outcome.activeAfter).not.toBe(outcome.activeBefore);
      expect(article.pair).toContain(outcome.activeAfter);
      for (const direction of outcome.directions) {
        expect(direction.received, direction.direction).toBeGreaterThan(0);
        expect(direction.duplicated, direction.direction).toBe(0);
        expect(direction.received + direction.lost, direction.direction).toBe(direction.sent);
      }
      const took = outcome.log[outcome.activeAfter]?.filter(line => line.includes("-> Active")) ?? [];
      expect(took.length, outcome.log[outcome.activeAfter]?.join("\n")).toBeGreaterThan(0);
    },
  );

  test("zombie: stopped for longer than any timer and woken, it sends not one frame as active", async () => {
    const outcome = await run("zombie", 6_000);
    expect(outcome.problems).toEqual([]);
    expect(outcome.activeAfter).not.toBe(outcome.activeBefore);
    expect(outcome.claimsAfterWake).toEqual([]);
    expect(outcome.framesAsActiveAfterWake).toBe(0);
  });

  test.each(["loss30", "cut-sync"])("%s: nobody takes over", async name => {
    const outcome = await run(name, 4_000);
    expect(outcome.problems).toEqual([]);
    expect(outcome.activeAfter).toBe(outcome.activeBefore);
    const moves = Object.values(outcome.log)
      .flat()
      .filter(line => line.includes("%HSRP-5-STATECHANGE"));
    expect(moves).toEqual([]);
  });

  test.each(["double", "power", "flap", "cut-inside", "cut-beacons"])(
    "%s: one is active in the end and the other stands by",
    async name => {
      const outcome = await run(name, name === "flap" ? 5_000 : 1_000);
      expect(outcome.problems).toEqual([]);
      const states = Object.values(outcome.states).map(rows => [...new Set(rows.map(each => each.state))].join());
      expect(states.sort()).toEqual(["Active", "Standby"]);
    },
  );

  test("after all that nobody has logged a failure of ours", async () => {
    const { code, out } = await understudy("lab", "status", LAB);
    expect(code).toBe(0);
    expect(out.match(/gateway answers/g)).toHaveLength(3);
  });
});

describe.skipIf(!ROOT)("lab run", () => {
  test("prints one JSON object, and leaves nothing", async () => {
    const args = ["--fault", "kill", "--json", "--timers", "msec 100 msec 400", "--name", "hsrprun", "--duration", "1"];
    const { code, out, err } = await understudy("lab", "run", "article", ...args);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    const object = JSON.parse(out) as Record<string, unknown> & { directions: Record<string, unknown>[] };
    expect(object).toMatchObject({ topology: "article", fault: "kill", probesPerSecond: 1000, problems: [] });
    expect(object.directions.map(each => each.direction)).toEqual(["inside", "outside"]);
    for (const each of object.directions)
      for (const field of ["sent", "received", "lost", "duplicated", "reordered", "gapMs"])
        expect(typeof each[field], field).toBe("number");
    expect((await understudy("lab", "status")).out).not.toContain("hsrprun");
  });

  test("a mistake gets one sentence that says what is expected", async () => {
    for (const [args, sentence] of [
      [["article"], "which --fault? There are none, switchover"],
      [["article", "--fault", "fire"], 'no fault "fire"; there are none, switchover'],
      [["nowhere", "--fault", "kill"], 'no topology "nowhere"; there are article, article-second-path'],
      [["article", "--fault", "kill", "--timers", "soon"], "--timers as 'standby timers' has them"],
    ] as const) {
      const { code, out, err } = await understudy("lab", "run", ...args);
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toContain(sentence);
    }
  });
});
