/**
 *      H1 (FRR) ── inside ── R1, R2 (each with FRR) ── outside ── R3 ── R4 ── B1
 *
 * Reverse routes as a routing daemon that is not ours sees them: it tells the inside where the branch is, by the active,
 * while there is a tunnel, and nothing when there is none.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Frr } from "./frr.ts";
import { cli, inside, ROOT, understudy, until } from "./harness.ts";

const LAB = "labfrr";
const BRANCH = "172.16.5.0/24";

const ospf = (device: string, id: string, redistribute: string[]): string => `
interface ${device}
 ip ospf hello-interval 1
 ip ospf dead-interval 4
router ospf
 ospf router-id ${id}
 network 10.99.0.0/16 area 0
 timers throttle spf 0 10 200
 timers throttle lsa all 0
 timers lsa min-arrival 0
 ${redistribute.join("\n ")}
ip prefix-list RRI permit ${BRANCH}
route-map RRI permit 10
 match ip address prefix-list RRI
`;

describe.skipIf(!ROOT)("reverse routes through FRR", () => {
  const daemons: Frr[] = [];
  const start = async (host: string, device: string, id: string, redistribute: string[]): Promise<void> => {
    const frr = new Frr(LAB, host);
    daemons.push(frr);
    await frr.start(ospf(device, id, redistribute));
  };
  /** By whom the inside reaches the branch; undefined when nobody has told it. */
  const heard = async (): Promise<string | undefined> => {
    const { out } = await inside(LAB, "H1", "ip", "route", "show", BRANCH);
    return /via (\S+) .*proto ospf/.exec(out)?.[1];
  };
  const activeOf = async (): Promise<string> => {
    const { out } = await cli(LAB, "R1", "show standby brief");
    return /Active +local/.test(out) ? "10.99.0.1" : "10.99.0.2";
  };
  const onActive = async (...lines: string[]) =>
    cli(LAB, (await activeOf()) === "10.99.0.1" ? "R1" : "R2", "configure terminal", ...lines, "end");

  beforeAll(async () => {
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
    await Promise.all([
      start("R1", "inside", "10.99.0.1", ["redistribute kernel route-map RRI"]),
      start("R2", "inside", "10.99.0.2", ["redistribute kernel route-map RRI"]),
      start("H1", "eth0", "10.99.0.101", []),
    ]);
  });
  afterAll(async () => {
    for (const each of daemons) each.stop();
    await understudy("lab", "down", LAB);
  });

  test("with the tunnel, and by the active", async () => {
    expect(await heard()).toBeUndefined();
    await until(async () => (await inside(LAB, "H1", "ping", "-c1", "-W1", "172.16.5.101")).code === 0);
    await until(async () => (await heard()) === (await activeOf()));
    const { out } = await cli(LAB, (await heard()) === "10.99.0.1" ? "R1" : "R2", "show ip route");
    expect(out).toContain("172.16.5.0/24");
  });

  test("it goes when it is not wanted any more, and comes back", async () => {
    await onActive("crypto map BRANCH-5-MAP 10", "no reverse-route");
    await until(async () => (await heard()) === undefined);
    await onActive("crypto map BRANCH-5-MAP 10", "reverse-route");
    await until(async () => (await heard()) !== undefined);
  });

  test("after a takeover the inside hears of it from the new active, and from nobody else", async () => {
    const before = await heard();
    await onActive("interface f0/0", "shutdown");
    await until(async () => ![undefined, before].includes(await heard()));
    expect((await inside(LAB, "H1", "ping", "-c3", "-i0.2", "-W2", "172.16.5.101")).out).toContain("3 received");
  });
});
