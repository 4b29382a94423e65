/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * The lab itself: it comes up, several at once, and leaves nothing behind, however it ends.
 */
import { spawn } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";
import { ACTS } from "../../src/lab/demo/acts.ts";
import { inside, MAIN, ROOT, traces, understudy, until } from "./harness.ts";

const LABS = ["labone", "labtwo"];

describe.skipIf(!ROOT)("the lab", () => {
  afterEach(async () => {
    for (const lab of LABS) await understudy("lab", "down", lab);
  });

  test("the demonstration: traffic through the tunnel, four acts, a table, and nothing stays", async () => {
    const { code, out, err } = await understudy("lab", "demo", "article", "--name", "labone");
    expect(err).toBe("");
    expect(out).toContain("│ R1 │");
    expect(out).toMatch(/R[12] is active, R[12] stands by/);
    const table = out.slice(out.indexOf("quick modes  bound"));
    for (const { title } of ACTS) expect(table, title).toContain(title);
    // Every act ran and everybody sent; whether it kept to its bound is the machine's to say, and the exit code's.
    const lines = out.match(/^ {2}sent \d+, lost \d+, .*$/gm) ?? [];
    expect(lines).toHaveLength(ACTS.length);
    expect(lines.filter(each => / sent 0,/.test(each))).toEqual([]);
    expect(code).toBe(/NOT MET/.test(table) ? 1 : 0);
    expect(out).toContain("0 sequence numbers or IVs used twice, 0 packets in clear");
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

  test("help is given wherever it is asked for, but not in place of a host's command", async () => {
    for (const args of [["--help"], ["up", "--help"], ["run", "article", "--help"], ["down", "-h"]]) {
      const { code, out } = await understudy("lab", ...args);
      expect({ args, code, usage: out.startsWith("usage: understudy lab ACTION") }).toEqual({
        args,
        code: 0,
        usage: true,
      });
    }
    expect((await understudy("lab", "exec", "R9", "true", "--help")).err).toContain('no host "R9"');
  });

  test("mistakes get one sentence", async () => {
    for (const [args, sentence] of [
      [
        ["lab", "up", "nonsense"],
        'no topology "nonsense"; there are article, article-second-path, article-two-groups, article-both-ends, ',
      ],
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
