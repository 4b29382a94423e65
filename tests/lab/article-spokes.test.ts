/**
 *      H1, H2 ── inside ── R1, R2 ── outside ── R3 ── R4, R5, ten spokes ── a host behind each
 *
 * A dozen branches over two groups. Faults of the first group's active lose no packet of the second group's branches.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { labDown } from "../../src/lab/lab.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { ROOT } from "./harness.ts";
import { readyLab } from "./ready-lab.ts";

const LAB = "articlespokes";
const topology = topologyNamed("article-spokes");
const FAULTS = ["switchover", "kill", ...(process.env.UNDERSTUDY_FULL ? ["shutdown", "freeze"] : [])];

describe.skipIf(!ROOT)("a dozen branches over two groups", () => {
  beforeAll(async () => {
    await readyLab(LAB, topology);
  });
  afterAll(async () => {
    await labDown(LAB);
  });

  test.each(FAULTS)("%s of one group's active: no packet of the other's", async name => {
    const outcome = await runFault(LAB, topology, faultNamed(name), { probesPerSecond: 20, tunnels: true });
    const other = outcome.directions.filter(each => topology.untouched?.includes(each.direction));
    expect(other).toHaveLength(12);
    expect(other.map(each => each.sent).every(sent => sent > 0)).toBe(true);
    expect(other.filter(each => each.lost > 0)).toEqual([]);
    expect(outcome.directions).toHaveLength(24);
    expect(outcome.directions.filter(each => each.received === 0)).toEqual([]);
    expect(outcome.problems).toEqual([]);
  });
});
