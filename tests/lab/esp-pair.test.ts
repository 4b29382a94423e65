/**
 * Two members that hold the same SAs: the standby hands on what it is given, and when the active dies it goes on with
 * the tunnel where nobody has been yet, so that the far end, which checks for replays, notices nothing.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { B1, CBC_IN_ESP, EspLab } from "./esp-lab.ts";
import { ROOT, until } from "./harness.ts";

describe.skipIf(!ROOT)("a pair", () => {
  const lab = new EspLab("esppair", CBC_IN_ESP, { routers: ["R1", "R2", "R4"], replayWindow: 64 });
  let active = "R1";
  const standby = (): string => (active === "R1" ? "R2" : "R1");
  const encaps = async (router: string): Promise<number> =>
    Number(/#pkts encaps: (\d+)/.exec((await lab.cli(router, "show crypto ipsec sa")).out)?.[1]);
  const status = async (router: string): Promise<string | undefined> =>
    /Status: (\S+)/.exec((await lab.cli(router, "show crypto ipsec sa")).out)?.[1];

  beforeAll(async () => {
    await lab.up();
    active = (await status("R1")) === "STANDBY" ? "R2" : "R1";
    await until(async () => (await lab.cli(standby(), "show standby brief")).out.includes("Standby"));
  });
  afterAll(() => lab.down());

  test("one carries the traffic, the other says that it does not", async () => {
    const before = await encaps(active);
    expect((await lab.ping(5)).out).toContain("5 received");
    expect(await encaps(active)).toBe(before + 5);
    expect(await encaps(standby())).toBe(0);
    expect([await status(active), await status(standby())]).toEqual(["ACTIVE(ACTIVE)", "STANDBY"]);
  });

  test("what reaches the standby from inside goes through the active's tunnel", async () => {
    const inner = standby() === "R1" ? "10.99.0.1" : "10.99.0.2";
    await lab.inside("H1", "ip", "route", "replace", "172.16.5.0/24", "via", inner);
    const before = await encaps(active);
    expect((await lab.ping(5)).out).toContain("5 received");
    expect(await encaps(active)).toBe(before + 5);
    expect((await lab.seen()).clear).toBe(0);
    await lab.inside("H1", "ip", "route", "del", "172.16.5.0/24");
  });

  test("the standby is reached through the tunnel, and reaches through it", async () => {
    const inner = standby() === "R1" ? "10.99.0.1" : "10.99.0.2";
    expect((await lab.ping(3, "B1", inner)).out).toContain("3 received");
    expect((await lab.cli(standby(), `ping ${B1} source ${inner} repeat 3 timeout 1`)).out).toContain(
      "100 percent (3/3)",
    );
  });

  test("when the active dies the standby goes on with the same SAs, and nothing goes in clear", async () => {
    const successor = standby();
    const victim = await lab.gatewayPid(active);
    const traffic = lab.inside("H1", "ping", "-i", "0.01", "-c", "500", "-W", "1", B1);
    process.kill(victim, "SIGKILL");
    await until(async () => (await encaps(successor)) > 0);
    await until(async () => (await lab.ping(1)).code === 0);
    await traffic;
    expect(await status(successor)).toBe("ACTIVE(ACTIVE)");
    expect((await lab.seen()).clear).toBe(0);
    // R4 still has the one window that it began with: it dropped nothing as a replay.
    expect((await lab.cli("R4", "show crypto ipsec sa detail")).out).toContain("replay failed (rcv): 0");
  });
});
