/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * The lab itself: it comes up, several at once, and leaves nothing behind, however it ends.
 */
import { spawn } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { standbyRows } from "../../src/lab/standby-brief.ts";
import { inside, MAIN, ROOT, traces, understudy, until } from "./harness.ts";

const LABS = ["labone", "labtwo"];

describe.skipIf(!ROOT)("the lab", () => {
  afterEach(async () => {
    for (const lab of LABS) await understudy("lab", "down", lab);
  });

  test("the demonstration: the topology comes up, R1 reaches R4 through R3, and nothing stays", async () => {
    const { code, out, err } = await understudy("lab", "demo", "article", "--name", "labone");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("│ R1 │");
    expect(out).toContain("Success rate is 100 percent (5/5)");
    // Of both members, in both groups: one is active, the other stands by.
    const rows = standbyRows(out);
    expect(rows.map(each => `${each.interface} ${each.state}`).sort()).toEqual([
      "Fa0/0 Active",
      "Fa0/0 Standby",
      "Fa0/1 Active",
      "Fa0/1 Standby",
    ]);
    expect(rows.filter(each => [each.active, each.standby].includes("unknown"))).toEqual([]);
    expect(await traces("labone")).toEqual([]);
  });

  test("two labs at once do not meet", async () => {
    const ups = await Promise.all(LABS.map(lab => understudy("lab", "up", "article", "--name", lab)));
    expect(ups.map(each => each.code)).toEqual([0, 0]);
    const { out } = await understudy("lab", "status");
    for (const lab of LABS) expect(out).toMatch(new RegExp(`${lab}: topology article, 7 namespaces`));
    // Of these alone: somebody may have a lab of their own up.
    for (const lab of LABS)
      expect((await understudy("lab", "status", lab)).out.match(/gateway answers/g), lab).toHaveLength(3);
    expect((await understudy("lab", "down", "labone")).code).toBe(0);
    expect(await traces("labone")).toEqual([]);
    expect((await inside("labtwo", "R1", "ping", "-c1", "-W2", "172.16.0.18")).code).toBe(0);
  });

  test("killed in the middle of coming up, it can be taken down from what is there", async () => {
    const up = spawn(process.execPath, [MAIN, "lab", "up", "article", "--name", "labone"], { stdio: "ignore" });
    await until(async () => (await traces("labone")).length > 4);
    up.kill("SIGKILL");
    await new Promise(resolve => up.once("exit", resolve));
    expect((await traces("labone")).length).toBeGreaterThan(0);
    expect((await understudy("lab", "down", "labone")).code).toBe(0);
    expect(await traces("labone")).toEqual([]);
  });

  test("interrupted in the middle, it takes itself down", async () => {
    const up = spawn(process.execPath, [MAIN, "lab", "up", "article", "--name", "labone"], { stdio: "ignore" });
    await until(async () => (await traces("labone")).length > 4);
    up.kill("SIGINT");
    expect(await new Promise(resolve => up.once("exit", resolve))).toBe(130);
    expect(await traces("labone")).toEqual([]);
  });

  test("mistakes get one sentence", async () => {
    for (const [args, sentence] of [
      [["lab", "up", "nonsense"], 'no topology "nonsense"; there are article, hsrp'],
      [["lab", "up", "--name", "Bad Name"], 'found "Bad Name"'],
      [["lab", "fly"], 'no lab action "fly"'],
      [["lab", "exec", "R9", "true"], 'no host "R9" in lab article'],
      [["nonsense"], 'no command "nonsense"'],
      [
        ["run", "/nowhere/R1.cfg", "--state", "/tmp/us-test-nowhere", "--socket", "/tmp/us-test-nowhere/s"],
        "cannot read the configuration",
      ],
      [["cli", "--socket", "/nowhere/cli.sock", "-c", "show clock"], "no gateway listens at /nowhere/cli.sock"],
      [["check", "/nowhere/R1.cfg"], "cannot read the configuration"],
    ] as const) {
      const { code, out, err } = await understudy(...args);
      expect({ args, said: (out + err).includes(sentence), failed: code !== 0, stack: /\n\s+at /.test(err) }).toEqual({
        args,
        said: true,
        failed: true,
        stack: false,
      });
    }
  });
});
