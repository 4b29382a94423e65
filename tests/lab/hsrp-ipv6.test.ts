/**
 *      A, B ── outside ── X
 *
 * Version 2 for IPv6: the same election over link-local addresses, neighbour discovery answered by the active alone,
 * and no word from the standby that only a router in charge may say.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, until } from "./harness.ts";
import { HsrpLab, INSIDE, OUTSIDE, TIMERS, untilHellos } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpsix");
const GROUP = 300;
const VIRTUAL = "fe80::15";
const GLOBAL = "2001:db8:1::15";
/** Behind the gateways: each has an address of its own there. */
const INNER: Readonly<Record<string, string>> = { A: "2001:db8:99::1", B: "2001:db8:99::2" };
const VIRTUAL_MAC = "00:05:73:a0:01:2c";
const ROUTER_ADVERTISEMENT = 134;
const ICMPV6 = 58;

async function reaches(address: string): Promise<boolean> {
  return (await lab.inside("X", "ping", "-6", "-c1", "-W2", address)).code === 0;
}

describe.skipIf(!ROOT)("HSRP for IPv6", () => {
  beforeAll(async () => {
    await lab.up();
    for (const [at, host] of ["A", "B"].entries()) {
      const outer = `ipv6 address 2001:db8:1::${at + 1}/64`;
      await lab.configure(host, OUTSIDE, outer, "standby version 2", `standby ${GROUP} ${TIMERS}`);
      await lab.configure(host, INSIDE, `ipv6 address ${INNER[host]}/64`);
    }
    await lab.inside("X", "ip", "address", "add", "2001:db8:1::101/64", "dev", "eth0", "nodad");
    await lab.inside("X", "ip", "route", "add", "2001:db8:99::/64", "via", VIRTUAL, "dev", "eth0");
    await lab.configure("A", OUTSIDE, `standby ${GROUP} priority 110`);
    const lines = [VIRTUAL, GLOBAL].map(address => `standby ${GROUP} ipv6 ${address}`);
    await Promise.all(["A", "B"].map(host => lab.configure(host, OUTSIDE, ...lines)));
    await lab.untilStates(GROUP, { A: "Active", B: "Standby" });
  });
  afterAll(() => lab.down());

  test("it is a next hop, and answers for itself by its global address, with the virtual MAC address", async () => {
    await until(() => reaches(INNER.A ?? ""));
    await until(() => reaches(GLOBAL));
    for (const address of [VIRTUAL, GLOBAL])
      expect((await lab.inside("X", "ip", "-6", "neigh", "show", address)).out).toContain(`lladdr ${VIRTUAL_MAC}`);
  });

  test("the standby says nothing that a router in charge says", async () => {
    const tap = await lab.tap(["A", "B"], "all");
    await lab.inside("X", "ip", "-6", "neigh", "flush", "all");
    expect(await reaches(GLOBAL)).toBe(true);
    const said = await untilHellos(tap, GROUP, { host: "B", state: "standby", count: 5 });
    const frames = (await tap.take()).filter(({ device }) => device === "B.outside");
    tap.close();
    expect(said.every(each => each.host === "A" || each.mac !== "0005.73a0.012c")).toBe(true);
    const types = frames.map(({ hex }) => Buffer.from(hex, "hex")).filter(each => each.readUInt16BE(12) === 0x86dd);
    const icmp = types.filter(each => each[20] === ICMPV6).map(each => each[54]);
    expect(icmp).not.toContain(ROUTER_ADVERTISEMENT);
    expect(frames.filter(({ hex }) => hex.startsWith(VIRTUAL_MAC.replaceAll(":", ""), 12))).toEqual([]);
  });

  test("a takeover moves it", async () => {
    await lab.configure("A", OUTSIDE, "shutdown");
    await until(async () => (await lab.row("B", GROUP))?.state === "Active");
    await until(() => reaches(INNER.B ?? ""));
    await until(() => reaches(GLOBAL));
    await lab.configure("A", OUTSIDE, "no shutdown");
    await until(async () => (await lab.row("A", GROUP))?.state === "Standby");
  });
});
