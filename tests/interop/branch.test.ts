/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── strongSwan ── branch ── B1
 *
 * The pair fails over before a far end that knows nothing of pairs: what it sees of IKE stands with each fault, and in
 * the end it has one IKE SA and one pair of SAs.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { labDown } from "../../src/lab/lab.ts";
import { type Recorder, recorderOf } from "../../src/lab/recorder.ts";
import { untilHot, untilSettled, untilTunnelled } from "../../src/lab/settling.ts";
import { StrongSwan } from "../../src/lab/strongswan.ts";
import { type BranchedLab, labUpWith } from "../../src/lab/strongswan-branch.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { ROOT } from "../lab/harness.ts";

const LAB = "swanbranch";
const missing = StrongSwan.missing();
if (missing !== undefined) console.log(`SKIPPED: ${missing}`);

describe.skipIf(!ROOT || missing !== undefined)("a pair before strongSwan", () => {
  let lab: BranchedLab = { topology: topologyNamed("article") };
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    await labDown(LAB);
    lab = await labUpWith("strongswan", lab.topology, LAB, { keying: "ike" });
    recorder = await recorderOf(LAB, lab.topology);
    await untilSettled(LAB, lab.topology);
    await untilTunnelled(LAB, lab.topology);
    await untilHot(LAB, lab.topology);
  });
  afterAll(async () => {
    recorder?.close();
    await labDown(LAB);
  });

  test.each(["switchover", "shutdown", "kill", "double"])("%s", async name => {
    const outcome = await runFault(LAB, lab.topology, faultNamed(name), {
      probesPerSecond: 200,
      tunnels: true,
      negotiated: true,
      ...(recorder !== undefined && { recorder }),
      ...(lab.farEnd !== undefined && { farEnd: lab.farEnd }),
    });
    expect(outcome.problems).toEqual([]);
    for (const { direction, received, duplicated } of outcome.directions) {
      expect(received, direction).toBeGreaterThan(0);
      expect(duplicated, direction).toBe(0);
    }
    expect(outcome.recorded).toMatchObject({ repeated: [], clear: 0 });
    if (name !== "double") expect(outcome.negotiated?.phase1).toBe(0);
    expect(await lab.farEnd?.()).toEqual([]);
  });
});
