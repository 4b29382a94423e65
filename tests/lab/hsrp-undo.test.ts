/**
 *      A, B ── outside ── X
 *
 * What a gateway changes on its host for HSRP, and that all of it is put back: at an orderly end, and at the orderly
 * end after a crash.
 */
import { spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostFolder, socketOf } from "../../src/lab/lab-state.ts";
import { untilSettled } from "../../src/lab/settling.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { gatewayPid, MAIN, ROOT, run, supervisorPid, until } from "./harness.ts";
import { HsrpLab } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpundo");
const pair = topologyNamed("hsrp");

/** Everything of a device that a sysctl can say, by name; X is a host that nobody has touched. */
async function settings(host: string, device: string): Promise<Record<string, string>> {
  const { out } = await lab.inside(host, "sysctl", "-a", "-r", `^net\\.ipv[46]\\.(conf|neigh)\\.${device}\\.`);
  const lines = out.split("\n").filter(Boolean);
  return Object.fromEntries(
    lines.map(line => {
      const [name = "", value = ""] = line.split(" = ");
      return [name.replace(`.${device}.`, ".*."), value];
    }),
  );
}

/** Keys that are a host's own, whoever sets them. */
const OWN = /stable_secret|forwarding|mtu/;

async function changed(host: string): Promise<string[]> {
  const untouched = await settings("X", "eth0");
  const found = await settings(host, "outside");
  return Object.keys(untouched).filter(key => !OWN.test(key) && untouched[key] !== found[key]);
}

async function macvlans(host: string): Promise<string[]> {
  const { out } = await lab.inside(host, "ip", "-br", "link", "show", "type", "macvlan");
  return out.split("\n").filter(Boolean);
}

async function virtualAddresses(host: string): Promise<string> {
  return (await lab.inside(host, "ip", "-br", "-4", "address")).out;
}

describe.skipIf(!ROOT)("what HSRP changes on a host", () => {
  let roles = { active: "", standby: "" };

  beforeAll(async () => {
    await lab.up();
    roles = await untilSettled(lab.name, pair);
  });
  afterAll(() => lab.down());

  test("the virtual MAC is up on the active and down on the standby; the address is the active's alone", async () => {
    expect((await macvlans(roles.active)).map(line => /\bUP\b/.test(line))).toEqual([true, true]);
    expect((await macvlans(roles.standby)).map(line => /\bUP\b/.test(line))).toEqual([false, false]);
    expect(await virtualAddresses(roles.active)).toContain("10.0.0.15/32");
    expect(await virtualAddresses(roles.standby)).not.toContain("10.0.0.15");
    expect(await changed(roles.active)).toContain("net.ipv4.conf.*.arp_ignore");
  });

  test("an orderly end hands over and puts everything back", async () => {
    const { active, standby } = roles;
    process.kill(await supervisorPid(lab.name, active), "SIGTERM");
    await until(async () => (await gatewayPid(lab.name, active)) === 0);
    expect(await macvlans(active)).toEqual([]);
    expect(await virtualAddresses(active)).not.toMatch(/10\.0\.0\.|10\.99\./);
    expect(await changed(active)).toEqual([]);
    await until(async () => (await lab.rows(standby)).every(each => each.state === "Active"));
    expect((await lab.inside("X", "ping", "-c1", "-W2", "10.0.0.15")).code).toBe(0);
  });

  test("after a crash nothing answers as active, and the next orderly end puts everything back", async () => {
    const { standby: host } = roles;
    const [supervisor, gateway] = [await supervisorPid(lab.name, host), await gatewayPid(lab.name, host)];
    process.kill(supervisor, "SIGKILL");
    process.kill(gateway, "SIGKILL");
    await until(async () => (await gatewayPid(lab.name, host)) === 0);
    // The address has a short life that nobody renews any more.
    await until(async () => !(await virtualAddresses(host)).includes("10.0.0.15"));
    const folder = hostFolder(lab.name, host);
    const words = ["run", `${folder}/${host}.cfg`, "--state", folder, "--socket", socketOf(lab.name, host)];
    const command = ["netns", "exec", `us-${lab.name}-${host}`, process.execPath, MAIN, ...words];
    const again = spawn("ip", command, { stdio: "ignore" });
    await until(async () => (await lab.rows(host)).some(each => each.state === "Active"));
    const ended = new Promise(resolve => again.once("exit", resolve));
    again.kill("SIGTERM");
    await ended;
    expect(await macvlans(host)).toEqual([]);
    expect(await changed(host)).toEqual([]);
    expect((await run("ip", ["-netns", `us-${lab.name}-${host}`, "-br", "link", "show", "outside"])).out).toContain(
      "outside",
    );
  });
});
