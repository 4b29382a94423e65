/**
 * IKEv1 against strongSwan 5.9.8, in both roles: ciphers, hashes, groups, PFS, and a NAT in between, before either end.
 */
import { afterEach, describe, expect, test } from "vitest";
import type { StrongSwan } from "../../src/lab/strongswan.ts";
import { ROOT, until } from "../lab/harness.ts";
import { CHILD, CONNECTION, mainModes, quickModes, startFarEnd } from "./far-end.ts";
import { Gateway, type Side } from "./near-end.ts";
import { PLAIN, type Row, row } from "./proposals.ts";
import { Site } from "./site.ts";

/**
 * Every cipher, hash, group and PFS on and off; what two of them do together is not the far end's to surprise us with.
 */
const ROWS: readonly Row[] = [
  row(128, "sha1", 14),
  row(256, "sha1", 15, 15),
  row(128, "sha256", 16, 16),
  row(256, "sha256", 19, 19),
  row(128, "sha512", 20, 14),
  row(256, "sha512", 14, 20),
  row(256, "sha256", 16),
];

let site: Site;
let gateway: Gateway;
let strongSwan: StrongSwan;

async function up({ near, far }: Pick<Row, "near" | "far">, nat = false, side: Side = "a"): Promise<void> {
  site = new Site("interopx", { nat });
  site.up();
  const other = side === "a" ? "b" : "a";
  strongSwan = await startFarEnd(site, other, far);
  gateway = await Gateway.start(site, near, side);
}

async function down(): Promise<void> {
  await gateway.stop();
  await strongSwan.stop();
  site.down();
}

const bothWays = async (): Promise<void> => {
  expect((await site.ping(5)).received).toBe(5);
  expect((await site.ping(5, "hb")).received).toBe(5);
};

describe.skipIf(!ROOT)("IKEv1 with strongSwan", () => {
  afterEach(down);

  test.each(ROWS)("$name: brought up by traffic, whose first packet is not lost, and then by the peer", async each => {
    await up(each);
    expect((await site.ping(1)).received).toBe(1);
    await bothWays();
    expect([mainModes(strongSwan), quickModes(strongSwan)]).toEqual([1, 1]);
    expect(await strongSwan.swanctl("--terminate", "--ike", CONNECTION)).toMatchObject({ ok: true });
    await until(async () => !(await gateway.cli("show crypto session")).out.includes("UP-ACTIVE"));
    expect(await strongSwan.swanctl("--initiate", "--child", CHILD)).toMatchObject({ ok: true });
    await bothWays();
    expect([mainModes(strongSwan), quickModes(strongSwan)]).toEqual([2, 2]);
  });

  test("from behind a NAT, and the peer renews through it", async () => {
    await up(PLAIN, true);
    expect((await site.ping(1)).received).toBe(1);
    await bothWays();
    expect(await strongSwan.sas()).toMatch(/remote '192\.0\.2\.1'|remote .*\[2\d{4}\]/);
    expect(await strongSwan.swanctl("--rekey", "--child", CHILD)).toMatchObject({ ok: true });
    await until(async () => quickModes(strongSwan) === 2);
    await bothWays();
  });

  test("with a peer behind a NAT, whose address and port are the NAT's", async () => {
    await up(PLAIN, true, "b");
    expect(await strongSwan.swanctl("--initiate", "--child", CHILD)).toMatchObject({ ok: true });
    await bothWays();
    expect((await gateway.cli("show crypto session")).out).toMatch(/Peer: 192\.0\.2\.1 port 2\d{4}/);
  });

  test("a wrong key brings nothing up, and the log says whose", async () => {
    await up({ ...PLAIN, near: { ...PLAIN.near, global: ["crypto isakmp key wrong address 192.0.2.2"] } });
    expect((await site.ping(2)).received).toBe(0);
    await until(async () => /%CRYPTO-\d-IKMP_\w+: .*192\.0\.2\.2/.test(gateway.log()));
    expect((await gateway.cli("show crypto session")).out).not.toContain("UP-ACTIVE");
  });

  test("no common policy: the log names the peer and what it wanted", async () => {
    await up({ ...PLAIN, far: { ...PLAIN.far, ike: "aes192-sha384-modp2048" } });
    void strongSwan.swanctl("--initiate", "--child", CHILD, "--timeout", "2");
    await until(async () => /%CRYPTO-6-IKMP_NO_PROPOSAL: .*192\.0\.2\.2.*192/.test(gateway.log()));
    expect(mainModes(strongSwan)).toBe(0);
  });

  test("debugging tells what IKE says and what becomes of SAs, each when it is asked for", async () => {
    await up(PLAIN);
    const told = async (...commands: string[]): Promise<string> => {
      await gateway.cli("clear crypto sa", "clear logging", ...commands);
      expect((await site.ping(1)).received).toBe(1);
      return (await gateway.cli("show logging | include CRYPTO.7.DEBUG")).out;
    };
    expect(await told()).not.toContain("DEBUG: ");
    const isakmp = await told("debug crypto isakmp");
    expect(isakmp).toMatch(/DEBUG: ISAKMP-PAK:\(\d+\): sending \d+ octets to 192\.0\.2\.2:500/);
    expect(isakmp).toMatch(/main mode: proof-sent, message-6 -> established/);
    expect(isakmp).not.toContain("IPSEC:");
    const ipsec = await told("no debug crypto isakmp", "debug crypto ipsec");
    expect(ipsec).toMatch(/DEBUG: IPSEC: no SA for a packet of wan M 10 10: 10\.1\.0\.2 -> 10\.2\.0\.2/);
    expect(ipsec).toMatch(
      /created an SA pair: 192\.0\.2\.1 - 192\.0\.2\.2, in 0x[0-9A-F]+, out 0x[0-9A-F]+, tunnel mode/,
    );
    expect(ipsec).not.toContain("ISAKMP");
    expect(await told("undebug all")).not.toContain("DEBUG: ");
  });
});
