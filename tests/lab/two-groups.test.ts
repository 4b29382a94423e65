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
import { cli, inside, ROOT } from "./harness.ts";
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

  test("two crypto maps on one interface: each has its own address, peer, SAs and counters", async () => {
    const sas = async (router: string, choice: string): Promise<string> =>
      (await cli(LAB, router, `show crypto ipsec sa ${choice}`)).out;
    const ends = (text: string): string[] =>
      [...text.matchAll(/local crypto endpt\.: (\S+), remote crypto endpt\.: (\S+)|Status: (\w+)/g)].map(
        ([, local, remote, status]) => status ?? `${local} ${remote}`,
      );
    const five = "10.0.0.15 172.16.0.18";
    const six = "10.0.0.16 172.16.0.22";
    for (const [router, mine, others] of [["R1", five, six] as const, ["R2", six, five] as const]) {
      expect(ends(await sas(router, "active"))).toEqual([mine, "ACTIVE", "ACTIVE"]);
      expect(ends(await sas(router, "standby"))).toEqual([others, "STANDBY", "STANDBY"]);
      expect(ends(await sas(router, "interface FastEthernet0/0")).filter(each => each.includes("."))).toEqual([
        five,
        six,
      ]);
      const sixth = router === "R2" ? [six, "ACTIVE", "ACTIVE"] : [six, "STANDBY", "STANDBY"];
      expect(ends(await sas(router, "map BRANCH-6-MAP"))).toEqual(sixth);
      expect(ends(await sas(router, "peer 172.16.0.22 detail"))).toEqual(sixth);
      const sessions = (await cli(LAB, router, "show crypto session active")).out;
      expect(sessions.match(/^Peer: \S+/gm)).toEqual([`Peer: ${mine.split(" ")[1]}`]);
    }
    const encapsulated = async (router: string, map: string): Promise<number> =>
      Number(/#pkts encaps: (\d+)/.exec(await sas(router, `map ${map}`))?.[1]);
    const before = [await encapsulated("R1", "BRANCH-5-MAP"), await encapsulated("R2", "BRANCH-6-MAP")];
    expect((await inside(LAB, "B2", "ping", "-c", "5", "-i", "0.2", "-W", "5", "10.99.0.101")).out).toContain(
      "5 received",
    );
    const after = [await encapsulated("R1", "BRANCH-5-MAP"), await encapsulated("R2", "BRANCH-6-MAP")];
    expect(after.map((count, at) => count - (before[at] ?? 0))).toEqual([0, 5]);
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
