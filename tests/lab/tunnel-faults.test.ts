/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * Faults while H1 and B1 talk through the tunnel. R3 records what goes by: whatever was lost, no number and no IV goes
 * twice, nothing in clear, and the far end is never logged in to anew. What it costs is for bench/failover to say.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { labDown, labUp } from "../../src/lab/lab.ts";
import { type Recorder, recorderOf } from "../../src/lab/recorder.ts";
import { untilHot, untilSettled, untilTunnelled } from "../../src/lab/settling.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { ROOT } from "./harness.ts";

const LAB = "tunnelfaults";
const article = topologyNamed("article");

describe.skipIf(!ROOT)("faults under a tunnel", () => {
  let recorder: Recorder | undefined;

  beforeAll(async () => {
    await labDown(LAB);
    await labUp(article, LAB, { keying: "ike" });
    recorder = await recorderOf(LAB, article);
    await untilSettled(LAB, article);
    await untilTunnelled(LAB, article);
    await untilHot(LAB, article);
  });
  afterAll(async () => {
    recorder?.close();
    await labDown(LAB);
  });

  test.each(["switchover", "shutdown", "kill"])("%s: the tunnel goes on at the other member", async name => {
    const before = await recorder?.seen();
    const outcome = await runFault(LAB, article, faultNamed(name), {
      probesPerSecond: 200,
      tunnels: true,
      negotiated: true,
      ...(recorder !== undefined && { recorder }),
    });
    expect(outcome.problems).toEqual([]);
    expect(outcome.activeAfter).not.toBe(outcome.activeBefore);
    expect(outcome.directions.map(each => each.direction)).toEqual(["tunnel", "tunnel-back"]);
    for (const direction of outcome.directions) {
      expect(direction.received, direction.direction).toBeGreaterThan(0);
      expect(direction.duplicated, direction.direction).toBe(0);
    }
    expect(outcome.recorded).toMatchObject({ repeated: [], clear: 0 });
    expect(outcome.recorded?.ike.phase1).toBe(before?.ike.phase1);
    // Handed over in order, the pair goes on; only after a death is it renewed, while it carries what there is.
    if (name !== "kill") expect(outcome.recorded?.ike.quickModes).toBe(before?.ike.quickModes);
  });
});
