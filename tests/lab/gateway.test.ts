/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * A gateway among others: it follows its configuration and its host, comes back when it dies, protects what it cannot
 * encrypt, and undoes itself.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, gatewayPid, inside, MAIN, ROOT, run, socketOf, supervisorPid, understudy, until } from "./harness.ts";

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

  test("goes on when whoever read its log lines has gone", async () => {
    const folder = mkdtempSync(join(tmpdir(), "understudy-unheard-"));
    const [config, socket] = [join(folder, "startup.cfg"), join(folder, "cli.sock")];
    writeFileSync(config, "hostname UNHEARD\n");
    const options = ["run", config, "--state", folder, "--socket", socket];
    const child = spawn("ip", ["netns", "exec", `us-${LAB}-B1`, process.execPath, MAIN, ...options]);
    const ask = (...lines: string[]) => run(process.execPath, [MAIN, "cli", "--socket", socket, ...lines]);
    try {
      await until(async () => (await ask("-c", "show version")).code === 0);
      child.stdout.destroy();
      child.stderr.destroy();
      const session = "configure terminal\nhostname HEARD\nend\n";
      for (let lines = 0; lines < 3; lines++)
        expect(await run(process.execPath, [MAIN, "cli", "--socket", socket], session)).toMatchObject({ code: 0 });
      expect((await ask("-c", "show version")).out).toMatch(/^HEARD uptime/m);
      expect((await ask("-c", "show logging")).out).not.toContain("GATEWAY_DIED");
    } finally {
      child.kill("SIGTERM");
      await new Promise(resolve => child.once("exit", resolve));
      rmSync(folder, { recursive: true });
    }
  });

  test("what only prints ends without a word when nobody reads any more", async () => {
    const command = `"${process.execPath}" "${MAIN}" cli --socket "${socketOf(LAB, "R1")}"`;
    const shows = Array.from({ length: 40 }, () => '-c "show running-config"').join(" ");
    const { code, out, err } = await run("bash", ["-o", "pipefail", "-c", `${command} ${shows} | head -n 1`]);
    expect({ code, err, lines: out.split("\n").length }).toEqual({ code: 141, err: "", lines: 2 });
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
    const session = `stty rows 10 cols 80; exec ${process.execPath} ${MAIN} cli --socket ${socketOf(LAB, "R1")}`;
    const terminal = spawn("script", ["-qec", `sh -c '${session}'`, "/dev/null"]);
    const ended = new Promise(resolve => terminal.once("exit", resolve));
    let out = "";
    terminal.stdout.setEncoding("utf8").on("data", text => {
      out += text;
    });
    // A terminal in raw mode doubles the carriage return; backspaces move over what was typed before.
    const shown = (): string => out.replace(/\r+\n/g, "\n");
    // A person types when the answer to what went before is there; ^C typed ahead of a command would end it.
    const type = async (typed: string, answer: string): Promise<void> => {
      const from = shown().length;
      terminal.stdin.write(typed);
      await until(async () => shown().slice(from).includes(answer));
    };
    await until(async () => shown().includes("R1#"));
    await type("sh?", "show\n\nR1#sh");
    await type("\u0015sh\tver\t\r", " --More-- ");
    await type(" ", "R1#");
    await type("\u0003", "^C\nR1#");
    await type("conf t\rint f0/0\r", "R1(config-if)#");
    await type("do sh priv\r", "Current privilege level is 15\nR1(config-if)#");
    await type("\u001a", "^Z\nR1#");
    terminal.stdin.write("exit\r");
    await ended;
    expect(shown()).toContain("R1#sh?\nshow\n\nR1#sh");
    expect(shown()).toContain("show version \nCisco IOS Software, Understudy Software");
    expect(shown()).toContain("R1(config-if)#do sh priv\nCurrent privilege level is 15\nR1(config-if)#^Z\nR1#exit\n");
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
