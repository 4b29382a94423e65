/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4, R5 ── branch ── B1
 *
 * A pair at either end: one end fails, the other, both within a second, both at once. The tunnel lives: nobody logs in
 * anew, no number and no IV goes twice, and what is sent afterwards arrives.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { labDown } from "../../src/lab/lab.ts";
import { type Recorder, recorderOf } from "../../src/lab/recorder.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { fromFarEnd } from "../../src/lab/topology.ts";
import { inside, ROOT } from "./harness.ts";
import { readyLab } from "./ready-lab.ts";

const LAB = "bothends";
const near = topologyNamed("article-both-ends");

describe.skipIf(!ROOT)("pairs at both ends of a tunnel", () => {
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    await readyLab(LAB, near, async () => {
      recorder = await recorderOf(LAB, near);
    });
  });
  afterAll(async () => {
    recorder?.close();
    await labDown(LAB);
  });

  test.each([
    { name: "switchover", end: near, where: "at the headquarters" },
    { name: "kill", end: fromFarEnd(near), where: "at the branch" },
    { name: "both-ends-apart", end: near, where: "at both ends within a second" },
    { name: "both-ends", end: near, where: "at both ends at once" },
  ])("$name $where: the tunnel lives", async ({ name, end }) => {
    const outcome = await runFault(LAB, end, faultNamed(name), {
      probesPerSecond: 200,
      tunnels: true,
      negotiated: true,
      ...(recorder !== undefined && { recorder }),
    });
    expect(outcome.problems).toEqual([]);
    expect(end.pair).toContain(outcome.activeBefore);
    expect(outcome.activeAfter).toBe(end.pair.find(each => each !== outcome.activeBefore));
    expect(outcome.negotiated?.phase1).toBe(0);
    expect(outcome.recorded).toMatchObject({ repeated: [], clear: 0 });
    // The last that arrived is among the last that were sent: it goes on.
    for (const { direction, sent, reached } of outcome.directions) expect(sent - reached, direction).toBeLessThan(20);
    expect((await inside(LAB, "H1", "ping", "-c3", "-i0.2", "-W2", "172.16.5.101")).out).toContain("3 received");
  });
});
