/** A manually keyed tunnel: what goes through it, what a wire sees of it, and that nothing goes past it. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { B1, CBC_IN_ESP, EspLab, GCM_IN_UDP, H1 } from "./esp-lab.ts";
import { ROOT, run, until } from "./harness.ts";

describe.skipIf(!ROOT).each([
  ["plain ESP, AES-CBC and HMAC-SHA1", "espcbc", CBC_IN_ESP],
  ["ESP in UDP, AES-GCM", "espgcm", GCM_IN_UDP],
] as const)("a tunnel of %s", (_, name, suite) => {
  const lab = new EspLab(name, suite);
  beforeAll(() => lab.up());
  afterAll(() => lab.down());

  test("carries packets both ways, and a wire between sees only ESP", async () => {
    const before = await lab.seen();
    expect((await lab.ping(10)).out).toContain("10 received");
    expect((await lab.ping(10, "B1", H1)).out).toContain("10 received");
    const after = await lab.seen();
    expect(after.clear).toBe(0);
    const [used, unused] = suite.udp ? (["udp", "esp"] as const) : (["esp", "udp"] as const);
    expect(after[used] - before[used]).toBeGreaterThanOrEqual(40);
    expect(after[unused]).toBe(0);
  });

  test("carries TCP both ways, a megabyte each, without a wrong octet", async () => {
    const size = 1_048_576;
    const server = lab.node(
      "B1",
      `require("net").createServer({ allowHalfOpen: true }, s => {
         s.pipe(s);
         s.on("end", () => process.exit(0));
       }).listen(7777);`,
    );
    const client = `
      const sent = require("crypto").randomBytes(${size});
      const chunks = [];
      const connect = () => {
        const s = require("net").connect(7777, "${B1}", () => s.end(sent));
        s.on("error", () => setTimeout(connect, 50));
        s.on("data", chunk => chunks.push(chunk));
        s.on("end", () => { console.log(Buffer.concat(chunks).equals(sent)); process.exit(0); });
      };
      connect();`;
    expect((await lab.node("H1", client)).out.trim()).toBe("true");
    await server;
    expect((await lab.seen()).clear).toBe(0);
  });

  test("large packets go through in pieces, DF or not", async () => {
    const whole = await lab.inside("H1", "ping", "-c2", "-W2", "-M", "dont", "-s", "4000", B1);
    expect(whole.out).toContain("2 received");
    const tooLarge = await lab.inside("H1", "ping", "-c2", "-W2", "-M", "do", "-s", "1472", B1);
    expect(tooLarge.out + tooLarge.err).toMatch(/[Ff]rag needed|message too long/i);
  });

  test("the counters of both ends agree", async () => {
    const count = async (router: string): Promise<number[]> => {
      const { out } = await lab.cli(router, "show crypto ipsec sa");
      return [/#pkts encaps: (\d+)/, /#pkts decaps: (\d+)/].map(each => Number(each.exec(out)?.[1]));
    };
    const counts = async (): Promise<number[]> => [...(await count("R1")), ...(await count("R4"))];
    // By how much they grow: what a full socket lost before is in one end's count alone.
    await until(async () => {
      const before = await counts();
      if (!(await lab.ping(5)).out.includes("5 received")) return false;
      const grown = (await counts()).map((each, at) => each - (before[at] ?? 0));
      return grown.every(each => each === 5);
    });
    const { out } = await lab.cli("R4", "show crypto ipsec sa detail");
    expect(out).toContain("local  ident (addr/mask/prot/port): (172.16.5.0/255.255.255.0/0/0)");
    expect(out).toContain("Status: ACTIVE(ACTIVE)");
    expect(out).toContain("verify failed: 0");
  });

  test("tshark decrypts it with the keys given", async () => {
    const folder = mkdtempSync(join(tmpdir(), "understudy-esp-"));
    try {
      const file = join(folder, "outside.pcap");
      const filter = suite.udp ? "udp port 4500" : "esp";
      const capture = lab.inside("R3", "tshark", "-i", "eth0", "-w", file, "-f", filter, "-c", "6");
      const ended = capture.then(() => true);
      await until(async () => (await lab.ping(1)) && (await Promise.race([ended, Promise.resolve(false)])));
      const fields = ["-T", "fields", "-e", "icmp.type", "-e", "icmp.ident"];
      const { out, err } = await run("tshark", ["-r", file, ...lab.decryption, ...fields]);
      const types = out.split("\n").flatMap(line => line.split("\t")[0] || []);
      expect({ types: new Set(types), count: types.length, err }).toMatchObject({
        types: new Set(["8", "0"]),
        count: 6,
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("what arrives in clear and should have been protected is dropped, for the host itself too", async () => {
    await lab.inside("R3", "ip", "address", "add", "172.16.5.200/32", "dev", "lo");
    const arrived = await lab.watch("H1", "udp", "dport", "9901");
    const send = (to: string): string => `
      const s = require("dgram").createSocket("udp4");
      s.bind(0, "172.16.5.200", async () => {
        for (let n = 0; n < 20; n++) await new Promise(done => s.send("x", 9901, "${to}", done));
        s.close();
      });`;
    for (const to of [H1, "10.99.0.1"]) expect(await lab.node("R3", send(to))).toMatchObject({ code: 0, err: "" });
    await until(async () => /clear though it should be protected\s+40$/m.test(await lab.drops("R1")));
    expect(await arrived()).toBe(0);
    expect((await lab.cli("R1", "show logging | include NOT.IPSEC")).out).toContain("%CRYPTO-4-RECVD_PKT_NOT_IPSEC");
    // What comes through the tunnel to the same port does arrive.
    await lab.node(
      "B1",
      `const s = require("dgram").createSocket("udp4"); s.send("x", 9901, "${H1}", () => s.close())`,
    );
    await until(async () => (await arrived()) === 1);
  });

  test("a gateway that is killed under traffic lets nothing out in clear, then or afterwards", async () => {
    const traffic = lab.inside("H1", "ping", "-i", "0.01", "-c", "600", "-W", "1", B1);
    const victim = await lab.gatewayPid("R1");
    process.kill(victim, "SIGKILL");
    await until(async () => ![0, victim].includes(await lab.gatewayPid("R1")));
    await until(async () => (await lab.ping(1)).code === 0);
    expect((await traffic).out).toMatch(/[1-9]\d* received/);
    expect((await lab.seen()).clear).toBe(0);
  });
});
