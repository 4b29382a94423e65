/**
 * IKEv1 against strongSwan 5.9.8, in both roles: ciphers, hashes, groups, PFS, a NAT in between, rekeying of both phases
 * from both ends under traffic, and dead peers.
 */
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { StrongSwan } from "../../src/lab/strongswan.ts";
import { ROOT, until } from "../lab/harness.ts";
import { CHILD, CONNECTION, type FarEnd, startFarEnd } from "./far-end.ts";
import { Gateway, type NearEnd } from "./near-end.ts";
import { Site } from "./site.ts";

interface Row {
  readonly name: string;
  readonly near: NearEnd;
  readonly far: FarEnd;
}

const HASHES = { sha1: "sha", sha256: "sha256", sha512: "sha512" } as const;
const INTEGRITY = { sha1: "esp-sha-hmac", sha256: "esp-sha256-hmac", sha512: "esp-sha512-hmac" } as const;
const GROUPS = { 14: "modp2048", 15: "modp3072", 16: "modp4096", 19: "ecp256", 20: "ecp384" } as const;

function row(bits: 128 | 256, hash: keyof typeof HASHES, group: keyof typeof GROUPS, pfs?: keyof typeof GROUPS): Row {
  const aes = bits === 128 ? "aes" : `aes ${bits}`;
  return {
    name: `AES-${bits} ${hash} group ${group}, PFS ${pfs ?? "off"}`,
    near: {
      policy: [`encryption ${aes}`, `hash ${HASHES[hash]}`, `group ${group}`],
      transforms: `esp-${aes} ${INTEGRITY[hash]}`,
      ...(pfs !== undefined && { pfs }),
    },
    far: {
      ike: `aes${bits}-${hash}-${GROUPS[group]}`,
      esp: `aes${bits}-${hash}${pfs === undefined ? "" : `-${GROUPS[pfs]}`}`,
    },
  };
}

/** Every cipher, hash, group and PFS on and off; what two of them do together is not the far end's to surprise us with. */
const ROWS: readonly Row[] = [
  row(128, "sha1", 14),
  row(256, "sha1", 15, 14),
  row(128, "sha256", 16),
  row(256, "sha256", 19, 19),
  row(128, "sha512", 20),
  row(256, "sha512", 14, 20),
];
const PLAIN = row(128, "sha1", 14);

let site: Site;
let gateway: Gateway;
let strongSwan: StrongSwan;

async function up({ near, far }: Pick<Row, "near" | "far">, nat = false): Promise<void> {
  site = new Site("interopx", { nat });
  site.up();
  strongSwan = await startFarEnd(site, "b", far);
  gateway = await Gateway.start(site, near);
}

async function down(): Promise<void> {
  await gateway.stop();
  await strongSwan.stop();
  site.down();
}

const count = (text: string, pattern: RegExp): number => [...text.matchAll(pattern)].length;
const established = (): number => count(strongSwan.log(), /CHILD_SA net\{\d+\} established/g);
const phaseOnes = (): number => count(strongSwan.log(), /IKE_SA gateways\[\d+\] established/g);

describe.skipIf(!ROOT)("IKEv1 with strongSwan", () => {
  afterEach(down);

  test.each(ROWS)("$name: traffic brings the tunnel up, and the first packet is not lost", async each => {
    await up(each);
    expect((await site.ping(1)).received).toBe(1);
    expect((await site.ping(5)).received).toBe(5);
    expect((await site.ping(5, "hb")).received).toBe(5);
    expect([phaseOnes(), established()]).toEqual([1, 1]);
  });

  test.each([ROWS[0], ROWS[3], ROWS[5]] as Row[])("$name: the peer brings it up", async each => {
    await up(each);
    expect(await strongSwan.swanctl("--initiate", "--child", CHILD)).toMatchObject({ ok: true });
    expect((await site.ping(5, "hb")).received).toBe(5);
    expect((await site.ping(5)).received).toBe(5);
    expect([phaseOnes(), established()]).toEqual([1, 1]);
  });

  test("through a NAT, from the inside, and it stays up", async () => {
    await up(PLAIN, true);
    expect((await site.ping(1)).received).toBe(1);
    expect((await site.ping(5)).received).toBe(5);
    expect((await site.ping(5, "hb")).received).toBe(5);
    expect(await strongSwan.sas()).toMatch(/remote '192\.0\.2\.1'|remote .*\[2\d{4}\]/);
  });

  test("a wrong key brings nothing up, and the log says whose", async () => {
    await up({ ...PLAIN, near: { ...PLAIN.near, global: ["crypto isakmp key wrong address 192.0.2.2"] } });
    expect((await site.ping(2)).received).toBe(0);
    await until(async () => /CRYPTO-\d-.*192\.0\.2\.2/.test(gateway.log()));
  });

  test("no common policy: the log names the peer and what it wanted", async () => {
    await up({ ...PLAIN, far: { ...PLAIN.far, ike: "aes192-sha384-modp2048" } });
    void strongSwan.swanctl("--initiate", "--child", CHILD, "--timeout", "2");
    await until(async () => /CRYPTO-\d-.*192\.0\.2\.2/.test(gateway.log()));
    expect(phaseOnes()).toBe(0);
  });
});

describe.skipIf(!ROOT)("rekeying with strongSwan, under traffic", () => {
  beforeEach(() => up(PLAIN));
  afterEach(down);

  const underTraffic = async (deed: () => Promise<unknown>): Promise<void> => {
    expect((await site.ping(1)).received).toBe(1);
    const [there, back] = [site.ping(300), site.ping(300, "hb")];
    await deed();
    expect([(await there).received, (await back).received]).toEqual([300, 300]);
  };

  test("phase 2, by the peer", async () => {
    await underTraffic(async () => {
      expect(await strongSwan.swanctl("--rekey", "--child", CHILD)).toMatchObject({ ok: true });
      await until(async () => established() === 2);
    });
  });

  test("phase 1, by the peer", async () => {
    await underTraffic(async () => {
      expect(await strongSwan.swanctl("--rekey", "--ike", CONNECTION)).toMatchObject({ ok: true });
      await until(async () => phaseOnes() === 2);
    });
  });
});

describe.skipIf(!ROOT)("rekeying by us, and dead peers", () => {
  afterEach(down);

  test("phase 2 before its end, without loss", async () => {
    const entry = ["set security-association lifetime seconds 120"];
    await up({
      ...PLAIN,
      near: { ...PLAIN.near, entry: [...entry, "set security-association lifetime kilobytes 2560"] },
    });
    expect((await site.ping(1)).received).toBe(1);
    // 2,560 kilobytes are used up long before two minutes.
    const { out } = await site.inside("ha", "ping", "-c", "2500", "-i", "0.002", "-s", "1200", "-q", "10.2.0.2");
    expect(out).toMatch(/2500 received/);
    expect(established()).toBeGreaterThanOrEqual(2);
  });

  test("a peer that is gone is noticed, and found again", async () => {
    await up({ ...PLAIN, near: { ...PLAIN.near, global: ["crypto isakmp keepalive 10 2 periodic"] } });
    expect((await site.ping(1)).received).toBe(1);
    await strongSwan.stop("SIGKILL");
    await until(async () => !(await gateway.cli("show crypto isakmp sa")).out.includes("QM_IDLE"));
    strongSwan = await startFarEnd(site, "b", PLAIN.far);
    await until(async () => (await site.ping(1)).received === 1);
  });
});
