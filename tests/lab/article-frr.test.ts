/**
 *      C1 (FRR) ── inside ── R1, R2 (each with FRR) ── outside ── R3 ── R4 ── B1
 *
 * OSPF alone leads C1 to the branch. At a switchover the new active's route is there before the old one's goes, so that
 * C1 always has one, and the heir's own stands before its role comes, so that it hands nothing back by the one that
 * OSPF taught it; after a death the route comes back by the other member.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { labDown } from "../../src/lab/lab.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { inside, ROOT } from "./harness.ts";
import { readyLab } from "./ready-lab.ts";

const LAB = "articlefrr";
const topology = topologyNamed("article-frr");

describe.skipIf(!ROOT)("OSPF inside", () => {
  beforeAll(async () => {
    await readyLab(LAB, topology);
  });
  afterAll(async () => {
    await labDown(LAB);
  });

  const gateways = async (): Promise<string> => (await inside(LAB, "C1", "ip", "route", "show", "172.16.5.0/24")).out;

  test.each(["switchover", "kill"])("%s: the inside router's route moves with the tunnel", async name => {
    expect(await gateways()).toContain("proto ospf");
    const outcome = await runFault(LAB, topology, faultNamed(name), {
      probesPerSecond: 1_000,
      tunnels: true,
      negotiated: true,
    });
    expect(outcome.problems).toEqual([]);
    expect(outcome.activeAfter).not.toBe(outcome.activeBefore);
    expect(outcome.watched?.movedMs).toBeDefined();
    if (name === "switchover") {
      expect(outcome.watched?.goneMs).toBe(0);
      expect(outcome.directions.map(({ lost }) => lost)).toEqual([0, 0]);
    }
    expect(await gateways()).toContain("proto ospf");
    expect((await inside(LAB, "C1", "ping", "-c3", "-i0.2", "-W2", "172.16.5.101")).out).toContain("3 received");
  });
});
