/** What is steered into the tunnel and what is not, packet by packet as the access list says, and nothing more. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { B1, EspLab, GCM_IN_UDP } from "./esp-lab.ts";
import { ROOT, until } from "./harness.ts";

const ANY = [
  /permit ip 10\.99\.0\.0 0\.0\.255\.255 172\.16\.5\.0 0\.0\.0\.255/,
  "permit ip 10.99.0.0 0.0.255.255 any",
] as const;
const ANY_BACK = [/permit ip 172\.16\.5\.0 0\.0\.0\.255 10\.99\.0\.0/, "permit ip any 10.99.0.0"] as const;

describe.skipIf(!ROOT)("permit ip LOCAL any", () => {
  const lab = new EspLab("espany", GCM_IN_UDP, {
    edit: (config, router) => (router === "R4" ? config.replace(...ANY_BACK) : config.replace(...ANY)),
  });
  beforeAll(() => lab.up());
  afterAll(() => lab.down());

  test("everything from inside is protected, wherever it goes", async () => {
    // On R1's side: what R4 decrypts for others goes on in clear, as its own list says.
    const leaked = await lab.watch("R3", "iifname", "eth0", "ip", "saddr", "10.99.0.0/16");
    expect((await lab.ping(5)).out).toContain("5 received");
    await lab.ping(3, "H1", "10.0.0.254");
    expect(await leaked()).toBe(0);
  });

  test("what stays inside is left alone", async () => {
    expect((await lab.ping(3, "H1", "10.99.0.1")).out).toContain("3 received");
    expect((await lab.ping(3, "H1", "10.99.0.15")).out).toContain("3 received");
  });

  test("the gateway's own traffic is protected from an inside address, and in clear from an outer one", async () => {
    const seen = await lab.seen();
    expect((await lab.cli("R1", `ping ${B1} source 10.99.0.1 repeat 3 timeout 1`)).out).toContain("100 percent (3/3)");
    expect((await lab.seen()).udp).toBeGreaterThanOrEqual(seen.udp + 6);
    expect((await lab.cli("R1", "ping 10.0.0.254 source 10.0.0.1 repeat 3 timeout 1")).out).toContain(
      "100 percent (3/3)",
    );
    expect((await lab.seen()).clear).toBe(0);
  });
});

describe.skipIf(!ROOT)("permit ip any any", () => {
  const lab = new EspLab("espall", GCM_IN_UDP, {
    edit: (config, router) =>
      router === "R4" ? config.replace(/permit ip 172.*/, "permit ip any any") : config.replace(...ANY),
  });
  beforeAll(() => lab.up());
  afterAll(() => lab.down());

  test("what comes from outside in clear is dropped, not taken for something from inside", async () => {
    const delivered = await lab.watch("B1", "icmp", "type", "echo-request");
    const before = await lab.seen();
    expect((await lab.ping(5, "R3", B1)).out).toContain(" 0 received");
    expect(await lab.drops("R4")).toMatch(/clear though it should be protected\s+5/);
    expect(await delivered()).toBe(0);
    expect((await lab.seen()).udp).toBe(before.udp);
  });

  test("what is protected goes on as before", async () => {
    expect((await lab.ping(5)).out).toContain("5 received");
  });
});

const PORT = 7777;
const OTHER = 8888;

describe.skipIf(!ROOT)("one port of UDP, and nothing else", () => {
  const lab = new EspLab("espport", GCM_IN_UDP, {
    edit: (config, router) =>
      router === "R4"
        ? config.replace(/permit ip (172\.16\.5\.0 0\.0\.0\.255) /, `permit udp $1 eq ${PORT} `)
        : config.replace(/permit ip (10\.99\.0\.0.*)/, `permit udp $1 eq ${PORT}`),
  });
  beforeAll(() => lab.up());
  afterAll(() => lab.down());

  const send = (port: number, octets: number): Promise<unknown> =>
    lab.node(
      "H1",
      `const s = require("dgram").createSocket("udp4");
       s.send(Buffer.alloc(${octets}), ${port}, "${B1}", () => s.close());`,
    );
  /** Whole datagrams, as a program gets them. */
  const heard = async (port: number, octets: number): Promise<string> => {
    const listening = lab.node(
      "B1",
      `const s = require("dgram").createSocket("udp4");
       s.on("message", m => { console.log(m.length); process.exit(0); });
       s.bind(${port});`,
    );
    let arrived = false;
    const got = listening.then(({ out }) => {
      arrived = true;
      return out.trim();
    });
    await until(async () => (await send(port, octets)) !== undefined && arrived);
    return got;
  };

  test("another port goes in clear, this one does not", async () => {
    const other = await lab.watch("R3", "ip", "saddr", "10.99.0.0/16", "udp", "dport", String(OTHER));
    const port = await lab.watch("R3", "ip", "saddr", "10.99.0.0/16", "udp", "dport", String(PORT));
    expect(await heard(OTHER, 10)).toBe("10");
    expect(await other()).toBeGreaterThan(0);
    const before = await lab.seen();
    expect(await heard(PORT, 10)).toBe("10");
    expect(await port()).toBe(0);
    expect((await lab.seen()).udp).toBeGreaterThan(before.udp);
  });

  test("all fragments of a datagram to the port are protected, though only the first one shows it", async () => {
    const fragments = await lab.watch("R3", "ip", "saddr", "10.99.0.0/16", "ip", "frag-off", "&", "0x3fff", "!=", "0");
    expect(await heard(PORT, 4_000)).toBe("4000");
    expect(await fragments()).toBe(0);
  });
});

describe.skipIf(!ROOT)("crypto maps that come and go", () => {
  const lab = new EspLab("espmaps", GCM_IN_UDP);
  beforeAll(() => lab.up());
  afterAll(() => lab.down());

  test("a reload lets nothing out in clear", async () => {
    const pid = await lab.gatewayPid("R1");
    const traffic = lab.inside("H1", "ping", "-i", "0.01", "-c", "500", "-W", "1", B1);
    await lab.cli("R1", "write memory", "reload");
    await until(async () => ![0, pid].includes(await lab.gatewayPid("R1")));
    await until(async () => (await lab.ping(1)).code === 0);
    await traffic;
    expect((await lab.seen()).clear).toBe(0);
  });

  test("without a map the same traffic goes in clear; with it again, none does", async () => {
    for (const router of ["R1", "R4"]) {
      const map = router === "R1" ? "BRANCH-5-MAP" : "CORPORATE-MAP";
      expect((await lab.cli(router, "conf t", "int f0/0", `no crypto map ${map}`, "end")).code).toBe(0);
    }
    await until(async () => (await lab.ping(1)).code === 0);
    const { clear } = await lab.seen();
    expect(clear).toBeGreaterThan(0);
    expect((await lab.inside("R1", "ip", "rule")).out).not.toContain("proto 251");
    await lab.cli("R1", "conf t", "int f0/0", "crypto map BRANCH-5-MAP redundancy BRANCH-5-TUNNEL stateful", "end");
    await lab.cli("R4", "conf t", "int f0/0", "crypto map CORPORATE-MAP", "end");
    const between = await lab.seen();
    await until(async () => (await lab.ping(1)).code === 0);
    expect((await lab.seen()).clear).toBe(between.clear);
  });

  test("an orderly end leaves the host without rules, tables and nexthops of ours", async () => {
    expect((await lab.inside("R4", "ip", "rule")).out).toContain("proto 251");
    await lab.stop("R4");
    expect((await lab.inside("R4", "ip", "rule")).out).not.toContain("proto 251");
    expect((await lab.inside("R4", "ip", "nexthop")).out).toBe("");
    expect((await lab.inside("R4", "ip", "route", "show", "table", "21843")).out).toBe("");
    expect((await lab.inside("R4", "sysctl", "-n", "net.ipv4.nexthop_compat_mode")).out.trim()).toBe("1");
  });
});
