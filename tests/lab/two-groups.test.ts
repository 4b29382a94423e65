/**
 *      H1, H2 ── inside ── R1, R2 ── outside ── R3 ── R4 ── B1
 *                                                └── R5 ── B2
 *
 * R1 is active for the first branch, R2 for the second. Whatever happens to the first group's active, the second's
 * tunnel loses nothing, and nothing of it is negotiated.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { labDown } from "../../src/lab/lab.ts";
import { type Recorder, recorderOf } from "../../src/lab/recorder.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { ROOT } from "./harness.ts";
import { readyLab } from "./ready-lab.ts";

const LAB = "twogroups";
const topology = topologyNamed("article-two-groups");

describe.skipIf(!ROOT)("two groups, each active on another member", () => {
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    await readyLab(LAB, topology, async () => {
      recorder = await recorderOf(LAB, topology);
    });
  });
  afterAll(async () => {
    recorder?.close();
    await labDown(LAB);
  });

  test.each(["switchover", "kill", "cut-inside"])("%s of one's active touches no packet of the other", async name => {
    const outcome = await runFault(LAB, topology, faultNamed(name), {
      probesPerSecond: 200,
      tunnels: true,
      negotiated: true,
      ...(recorder !== undefined && { recorder }),
    });
    expect(outcome.problems).toEqual([]);
    const other = outcome.directions.filter(each => each.direction.startsWith("tunnel6"));
    expect(other.map(({ direction, lost, duplicated }) => ({ direction, lost, duplicated }))).toEqual([
      { direction: "tunnel6", lost: 0, duplicated: 0 },
      { direction: "tunnel6-back", lost: 0, duplicated: 0 },
    ]);
    expect(outcome.negotiated?.phase1).toBe(0);
    expect(outcome.recorded).toMatchObject({ repeated: [], clear: 0 });
  });
});
