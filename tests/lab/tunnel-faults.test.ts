/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * Faults while H1 and B1 talk through the tunnel. R3 records what goes by: whatever was lost, no number and no IV goes
 * twice, nothing in clear, and the far end is never logged in to anew. What it costs is for bench/failover to say.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { labDown } from "../../src/lab/lab.ts";
import { type Recorder, recorderOf } from "../../src/lab/recorder.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { ROOT } from "./harness.ts";
import { readyLab } from "./ready-lab.ts";

const LAB = "tunnelfaults";
const article = topologyNamed("article");

describe.skipIf(!ROOT)("faults under a tunnel", () => {
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    await readyLab(LAB, article, async () => {
      recorder = await recorderOf(LAB, article);
    });
  });
  afterAll(async () => {
    recorder?.close();
    await labDown(LAB);
  });

  const run = (name: string) =>
    runFault(LAB, article, faultNamed(name), {
      probesPerSecond: 200,
      tunnels: true,
      negotiated: true,
      ...(recorder !== undefined && { recorder }),
    });

  // What the far end may see of each stands with the fault, and is looked at by the run.
  const moving = ["switchover", "shutdown", "preemption", "kill", "cut-outside", "cut-inside", "cut-both"];
  test.each(moving)("%s: the tunnel goes on at the other member", async name => {
    const outcome = await run(name);
    expect(outcome.problems).toEqual([]);
    expect(outcome.activeAfter).not.toBe(outcome.activeBefore);
    expect(outcome.directions.map(each => each.direction)).toEqual(["tunnel", "tunnel-back"]);
    for (const direction of outcome.directions) {
      expect(direction.received, direction.direction).toBeGreaterThan(0);
      expect(direction.duplicated, direction.direction).toBe(0);
    }
    expect(outcome.recorded).toMatchObject({ repeated: [], clear: 0 });
    expect(outcome.negotiated?.phase1).toBe(0);
    expect(outcome.hotAgainMs).toBeGreaterThanOrEqual(0);
  });

  test("cut-sync: nobody takes over, and nothing is negotiated", async () => {
    const outcome = await run("cut-sync");
    expect(outcome.problems).toEqual([]);
    expect(outcome.activeAfter).toBe(outcome.activeBefore);
    expect(outcome.negotiated).toEqual({ phase1: 0, quickModes: 0 });
  });

  test("double: both are lost, and the tunnel is made anew, one pair of SAs", async () => {
    const outcome = await run("double");
    expect(outcome.problems).toEqual([]);
    expect(outcome.negotiated?.phase1).toBeGreaterThan(0);
    expect(outcome.recorded).toMatchObject({ repeated: [], clear: 0 });
  });

  // The last: it leaves the lab with SAs that live for a few kilobytes. `lab run` does the other steps.
  test.each([1, 3])("killed at step %i of a renewal, it leaves one pair of SAs, and nobody logs in", async step => {
    const outcome = await run(`kill-during-rekey-${step}`);
    expect(outcome.problems).toEqual([]);
    expect(outcome.activeAfter).not.toBe(outcome.activeBefore);
    expect(outcome.negotiated?.phase1).toBe(0);
    expect(outcome.recorded).toMatchObject({ repeated: [], clear: 0 });
  });
});
