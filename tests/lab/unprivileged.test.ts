/**
 *      gateway (uid 65534, three capabilities) ── neighbour
 *
 * The whole product as an unprivileged user: CAP_NET_ADMIN, CAP_NET_RAW and CAP_NET_BIND_SERVICE are enough.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { MAIN, NOBODY, ROOT, run, UNPRIVILEGED, understudy, until } from "./harness.ts";

const NAMESPACES = ["us-unprivileged-a", "us-unprivileged-b"];
const CONFIG = `hostname R1
interface wan
 ip address 192.0.2.1 255.255.255.0
 mtu 1400
 standby 1 ip 192.0.2.15
 standby 1 timers msec 50 msec 150
ip route 198.51.100.0 255.255.255.0 192.0.2.2
interface lan
 crypto map M
ip access-list extended A
 permit ip any 203.0.113.0 0.0.0.255
crypto map M 10 ipsec-isakmp
 match address A
`;

describe.skipIf(!ROOT)("without root", () => {
  let folder = "";
  let supervisor: ChildProcess | undefined;
  const socket = (): string => join(folder, "cli.sock");

  beforeAll(async () => {
    const [a = "", b = ""] = NAMESPACES;
    for (const name of NAMESPACES) await run("ip", ["netns", "add", name]);
    await run("ip", ["-netns", a, "link", "add", "wan", "type", "veth", "peer", "name", "wan", "netns", b]);
    await run("ip", ["-netns", b, "address", "add", "192.0.2.2/24", "dev", "wan"]);
    await run("ip", ["-netns", b, "link", "set", "wan", "up"]);
    folder = mkdtempSync("/run/us-unprivileged-");
    writeFileSync(join(folder, "R1.cfg"), CONFIG, { mode: 0o600 });
    for (const path of [folder, join(folder, "R1.cfg")]) chownSync(path, NOBODY, NOBODY);
    chmodSync(folder, 0o700);
    const command = [process.execPath, MAIN, "run", join(folder, "R1.cfg"), "--state", folder, "--socket", socket()];
    supervisor = spawn("ip", ["netns", "exec", a, "setpriv", ...UNPRIVILEGED, "--", ...command], { stdio: "ignore" });
    await until(async () => (await understudy("cli", "--socket", socket(), "-c", "show privilege")).code === 0);
  });

  afterAll(async () => {
    const ended = new Promise(resolve => supervisor?.once("exit", resolve));
    supervisor?.kill("SIGTERM");
    await ended;
    for (const name of NAMESPACES) await run("ip", ["netns", "delete", name]);
    rmSync(folder, { recursive: true, force: true });
  });

  test("it has exactly the three capabilities, and is nobody", async () => {
    const { out } = await run("ip", ["netns", "pids", NAMESPACES[0] ?? ""]);
    const states = out
      .split("\n")
      .filter(Boolean)
      .map(pid => readFileSync(`/proc/${pid}/status`, "utf8"));
    expect(states.length).toBeGreaterThan(1);
    for (const status of states) {
      expect(/^CapEff:\s*(\w+)/m.exec(status)?.[1]).toBe((2 ** 10 + 2 ** 12 + 2 ** 13).toString(16).padStart(16, "0"));
      expect(/^Uid:\s*(\d+)/m.exec(status)?.[1]).toBe(String(NOBODY));
    }
  });

  test("addresses, MTU, routes, rules, forwarding and ping all work", async () => {
    const { out } = await understudy(
      "cli",
      "--socket",
      socket(),
      "-c",
      "ping 192.0.2.2",
      "-c",
      "show ip route",
      "-c",
      "show logging",
    );
    expect(out).toContain("Success rate is 100 percent (5/5)");
    expect(out).toMatch(/^S +198\.51\.100\.0\/24 \[1\/0\] via 192\.0\.2\.2/m);
    expect(out).not.toContain("KERNEL_REFUSED");
    const [a = ""] = NAMESPACES;
    expect((await run("ip", ["-netns", a, "link", "show", "wan"])).out).toContain("mtu 1400");
    // Steering: what the map protects is in a table of its own, with a twin that outlives the process.
    const rules = (await run("ip", ["-netns", a, "rule"])).out;
    const table = /30001:\s+from all lookup (\d+)/.exec(rules)?.[1] ?? "none";
    expect((await run("ip", ["-netns", a, "route", "show", "table", table])).out).toMatch(
      /^(unreachable|blackhole) 203\.0\.113\.0\/24 /m,
    );
    expect((await run("ip", ["netns", "exec", a, "cat", "/proc/sys/net/ipv4/ip_forward"])).out.trim()).toBe("1");
  });

  test("it takes a virtual address, which neighbours reach from the virtual MAC address", async () => {
    const [a = "", b = ""] = NAMESPACES;
    const show = async () => (await understudy("cli", "--socket", socket(), "-c", "show standby brief")).out;
    await until(async () => / Active +local /.test(await show()));
    expect((await run("ip", ["netns", "exec", b, "ping", "-c", "1", "-W", "5", "192.0.2.15"])).code).toBe(0);
    const { out } = await run("ip", ["-netns", b, "neighbour", "show", "192.0.2.15"]);
    expect(out).toContain("lladdr 00:00:0c:07:ac:01");
    expect((await run("ip", ["netns", "exec", a, "cat", "/proc/sys/net/ipv4/conf/wan/arp_ignore"])).out.trim()).toBe(
      "1",
    );
    expect((await understudy("cli", "--socket", socket(), "-c", "show logging")).out).not.toContain("KERNEL_REFUSED");
  });

  test("it can save its configuration", async () => {
    const { code } = await understudy("cli", "--socket", socket(), "-c", "write memory");
    expect(code).toBe(0);
    expect(readFileSync(join(folder, "R1.cfg"), "utf8")).toContain("mtu 1400");
  });
});
