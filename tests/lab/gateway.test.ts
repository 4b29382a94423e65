/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * A gateway among others: it follows its configuration and its host, comes back when it dies, protects what it cannot
 * encrypt, and undoes itself.
 */
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, gatewayPid, inside, ROOT, run, socketOf, supervisorPid, understudy, until } from "./harness.ts";

const LAB = "labgw";
const r1 = (...commands: string[]) => cli(LAB, "R1", ...commands);
const brief = async (): Promise<string> => (await r1("show ip interface brief")).out;

describe.skipIf(!ROOT)("a gateway in the article's lab", () => {
  beforeAll(async () => {
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
  });
  afterAll(() => understudy("lab", "down", LAB));

  test("shows its interfaces and routes as they are", async () => {
    expect(await brief()).toMatch(/^FastEthernet0\/0 +10\.0\.0\.1 +YES manual up +up/m);
    expect(await brief()).toMatch(/^FastEthernet0\/1 +10\.99\.0\.1 +YES manual up +up/m);
    const { out } = await r1("show ip route");
    expect(out).toContain("Gateway of last resort is 10.0.0.254 to network 0.0.0.0");
    expect(out).toMatch(/^S\* +0\.0\.0\.0\/0 \[1\/0\] via 10\.0\.0\.254/m);
    expect(out).toMatch(/^C +10\.99\.0\.0\/16 is directly connected, FastEthernet0\/1/m);
  });

  test("goes before what other sessions of its host do, as its supervisor does", async () => {
    const shares = [await gatewayPid(LAB, "R1"), await supervisorPid(LAB, "R1")].map(pid =>
      readFileSync(`/proc/${pid}/autogroup`, "latin1").trim(),
    );
    expect(shares).toEqual([expect.stringMatching(/ nice -15$/), expect.stringMatching(/ nice -15$/)]);
    expect(shares[0]).not.toBe(shares[1]);
  });

  test("forwards what is not protected, and never what is", async () => {
    await inside(LAB, "R3", "nft", "add table inet watch");
    await inside(LAB, "R3", "nft", "add chain inet watch seen { type filter hook prerouting priority -300 ; }");
    await inside(LAB, "R3", "nft", "add rule inet watch seen ip saddr 10.99.0.0/16 ip daddr 172.16.5.0/24 counter");
    await inside(LAB, "R3", "nft", "add rule inet watch seen ip saddr 10.99.0.0/16 ip daddr 172.16.0.18 counter");
    await inside(LAB, "R3", "ip", "route", "add", "10.99.0.0/16", "via", "10.0.0.1");
    await inside(LAB, "H1", "ip", "route", "replace", "default", "via", "10.99.0.1");
    expect((await inside(LAB, "H1", "ping", "-c2", "-W2", "172.16.0.18")).code).toBe(0);
    // It waits for its SA, and comes through it, by whichever member is active.
    await until(async () => (await inside(LAB, "H1", "ping", "-c1", "-W1", "172.16.5.101")).code === 0);
    // The gateway's own inside address is protected by the list as well.
    await r1("ping 172.16.5.101 source 10.99.0.1 repeat 2 timeout 1");
    const { out } = await inside(LAB, "R3", "nft", "list", "chain", "inet", "watch", "seen");
    const counts = [...out.matchAll(/counter packets (\d+)/g)].map(match => Number(match[1]));
    expect(counts).toEqual([0, 2]);
  });

  test("comes back from SIGKILL, says so, and leaves nothing unprotected meanwhile", async () => {
    const before = await gatewayPid(LAB, "R1");
    process.kill(before, "SIGKILL");
    // Whether it gets an answer depends on which member is active; in clear it must not go.
    await inside(LAB, "H1", "ping", "-c2", "-i0.2", "-W1", "172.16.5.101");
    const { out } = await until(async () => {
      const result = await r1("show logging | include GATEWAY.DIED");
      return result.code === 0 && result;
    });
    expect(out).toContain(`%SUPERVISOR-2-GATEWAY_DIED: gateway process ${before} died (SIGKILL)`);
    expect(await gatewayPid(LAB, "R1")).not.toBe(before);
    expect((await r1("show version")).out).toContain("System returned to ROM by gateway failure (SIGKILL)");
    expect((await inside(LAB, "R3", "nft", "list", "chain", "inet", "watch", "seen")).out).toContain(
      "counter packets 0",
    );
    expect(readFileSync(`/run/understudy/lab/${LAB}/R1/gateway.log`, "utf8")).toContain(
      "%SUPERVISOR-5-GATEWAY_STARTED",
    );
  });

  test("puts back what somebody else took away", async () => {
    expect((await inside(LAB, "R1", "ip", "address", "del", "10.0.0.1/24", "dev", "outside")).code).toBe(0);
    await until(async () => (await inside(LAB, "R1", "ip", "-br", "address")).out.includes("10.0.0.1/24"));
    await until(async () => (await inside(LAB, "R1", "ip", "route")).out.includes("default via 10.0.0.254"));
  });

  test("follows a cable", async () => {
    await run("ip", ["-netns", `us-${LAB}-fabric`, "link", "set", "R1.outside", "down"]);
    await until(async () => /^FastEthernet0\/0 .* up +down/m.test(await brief()));
    await run("ip", ["-netns", `us-${LAB}-fabric`, "link", "set", "R1.outside", "up"]);
    await until(async () => /^FastEthernet0\/0 .* up +up/m.test(await brief()));
    const { out } = await r1("show logging | include LINEPROTO.*FastEthernet0/0");
    expect(
      out
        .trim()
        .split("\n")
        .map(line => line.replace(/.*changed state to /, ""))
        .slice(-2),
    ).toEqual(["down", "up"]);
    await until(async () => (await r1("ping 172.16.0.18 repeat 1 timeout 1")).out.includes("100 percent"));
  });

  test("follows its configuration line by line, and shut is shut", async () => {
    const { code, out } = await r1(
      "conf t",
      "int f0/0",
      "shutdown",
      "do show ip int brief",
      "no shutdown",
      "ip address 10.0.0.77 255.255.255.0",
      "end",
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^FastEthernet0\/0 .* administratively down +down/m);
    expect((await inside(LAB, "R1", "ip", "-br", "address", "show", "dev", "outside")).out).toMatch(
      /UP .*10\.0\.0\.77\/24/,
    );
    await r1("conf t", "int f0/0", "ip address 10.0.0.1 255.255.255.0", "end");
    expect((await inside(LAB, "R1", "ip", "-br", "address", "show", "dev", "outside")).out).not.toContain("10.0.0.77");
  });

  test("saves, reloads without touching the host, and comes up as saved", async () => {
    const before = (await inside(LAB, "R1", "ip", "-4", "address")).out;
    await r1("conf t", "interface f0/0", "description saved by a test", "end", "write memory");
    const pid = await gatewayPid(LAB, "R1");
    await r1("reload");
    await until(async () => ![0, pid].includes(await gatewayPid(LAB, "R1")) && (await r1("show privilege")).code === 0);
    expect((await r1("show running-config interface f0/0")).out).toContain(" description saved by a test");
    expect((await inside(LAB, "R1", "ip", "-4", "address")).out).toBe(before);
    expect(readFileSync(`/run/understudy/lab/${LAB}/R1/R1.cfg.previous`, "utf8")).not.toContain("saved by a test");
  });

  test("a terminal: prompt, help at once, completion, --More--", async () => {
    const main = new URL("../../dist/main.js", import.meta.url).pathname;
    const session = `stty rows 10 cols 80; exec ${process.execPath} ${main} cli --socket ${socketOf(LAB, "R1")}`;
    // A person types one thing after the other; ^C typed ahead of a command would end it.
    const typed = [
      "sh?",
      "\\025sh\\tver\\t\\r",
      " ",
      "\\003",
      "conf t\\rint f0/0\\r",
      "do sh priv\\r",
      "\\032",
      "exit\\r",
    ];
    const keys = typed.map(each => `sleep 0.4; printf '${each}'`).join("; ");
    const { out } = await run("sh", ["-c", `(${keys}; sleep 1) | script -qec "sh -c '${session}'" /dev/null`]);
    // A terminal in raw mode doubles the carriage return; backspaces move over what was typed before.
    const shown = out.replace(/\r+\n/g, "\n");
    expect(shown).toContain("R1#sh?\nshow\n\nR1#sh");
    expect(shown).toContain("show version \nCisco IOS Software, Understudy Software");
    expect(shown).toContain(" --More-- ");
    expect(shown).toContain("R1(config-if)#do sh priv\nCurrent privilege level is 15\nR1(config-if)#^Z\nR1#exit\n");
  });

  test("an orderly end undoes everything it did to the host", async () => {
    process.kill(await supervisorPid(LAB, "R2"), "SIGTERM");
    await until(async () => (await gatewayPid(LAB, "R2")) === 0);
    expect((await inside(LAB, "R2", "ip", "-4", "-br", "address")).out).not.toMatch(/10\.(0|99)\.0\./);
    expect((await inside(LAB, "R2", "ip", "rule")).out).not.toContain("proto 251");
    expect((await inside(LAB, "R2", "ip", "route")).out).toBe("");
    expect((await inside(LAB, "R2", "cat", "/proc/sys/net/ipv4/ip_forward")).out.trim()).toBe("0");
    expect((await inside(LAB, "R2", "ip", "-br", "link", "show", "outside")).out).toContain("DOWN");
  });
});
