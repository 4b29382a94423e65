/** Keys of both phases renewed from both ends under traffic, and peers that die: IKEv1 with strongSwan. */
import { afterEach, describe, expect, test } from "vitest";
import type { StrongSwan } from "../../src/lab/strongswan.ts";
import { ROOT, until } from "../lab/harness.ts";
import { CHILD, CONNECTION, type FarEnd, heard, mainModes, quickModes, startFarEnd } from "./far-end.ts";
import { Gateway, type NearEnd } from "./near-end.ts";
import { PLAIN } from "./proposals.ts";
import { Site } from "./site.ts";

let site: Site;
let gateway: Gateway;
let strongSwan: StrongSwan;

async function up(near: Partial<NearEnd> = {}, far: Partial<FarEnd> = {}): Promise<void> {
  site = new Site("interopr");
  site.up();
  strongSwan = await startFarEnd(site, "b", { ...PLAIN.far, ...far });
  gateway = await Gateway.start(site, { ...PLAIN.near, ...near });
  expect((await site.ping(1)).received).toBe(1);
}

async function down(): Promise<void> {
  await gateway.stop();
  await strongSwan.stop();
  site.down();
}

describe.skipIf(!ROOT)("renewed under traffic, without loss", () => {
  afterEach(down);

  /** Pings both ways until the deed is done and for a while after it: every one comes back. */
  const underTraffic = async (deed: () => Promise<unknown>): Promise<void> => {
    let done = false;
    const stream = async (from: "ha" | "hb"): Promise<number> => {
      let lost = 0;
      for (let after = 0; after < 2; after += done ? 1 : 0) lost += 50 - (await site.ping(50, from)).received;
      return lost;
    };
    const streams = [stream("ha"), stream("hb")];
    await deed();
    done = true;
    expect(await Promise.all(streams)).toEqual([0, 0]);
  };

  test("phase 2, by the peer", async () => {
    await up();
    await underTraffic(async () => {
      expect(await strongSwan.swanctl("--rekey", "--child", CHILD)).toMatchObject({ ok: true });
      await until(async () => quickModes(strongSwan) === 2);
    });
  });

  test("phase 1, by the peer", async () => {
    await up();
    await underTraffic(async () => {
      expect(await strongSwan.swanctl("--rekey", "--ike", CONNECTION)).toMatchObject({ ok: true });
      await until(async () => mainModes(strongSwan) === 2);
    });
  });

  test("phase 2, by us, before its kilobytes are used up", async () => {
    await up({ entry: ["set security-association lifetime kilobytes 2560"] });
    const { out } = await site.inside("ha", "ping", "-c", "2500", "-i", "0.002", "-s", "1200", "-q", "10.2.0.2");
    expect(out).toMatch(/2500 received/);
    expect(quickModes(strongSwan)).toBeGreaterThanOrEqual(2);
  });

  test("phase 1, by us, before its sixty seconds are over", async () => {
    await up({ policy: [...PLAIN.near.policy, "lifetime 60"] });
    await underTraffic(() => until(async () => mainModes(strongSwan) === 2));
    expect(strongSwan.log()).toMatch(/is initiating a Main Mode/);
    expect(quickModes(strongSwan)).toBe(1);
  });
});

describe.skipIf(!ROOT)("dead peers", () => {
  afterEach(down);

  test("we ask a silent peer, notice that it is gone, and find it again", async () => {
    await up({ global: ["crypto isakmp keepalive 10 2 periodic"] });
    await until(async () => heard(strongSwan, "HASH N(DPD)") > 0);
    expect((await gateway.cli("show crypto isakmp sa")).out).toContain("QM_IDLE");
    await strongSwan.stop("SIGKILL");
    await until(async () => !(await gateway.cli("show crypto isakmp sa")).out.includes("QM_IDLE"));
    expect(gateway.log()).toMatch(/%CRYPTO-\d-\w+: .*192\.0\.2\.2/);
    strongSwan = await startFarEnd(site, "b", PLAIN.far);
    await until(async () => (await site.ping(1)).received === 1);
  });

  test("the peer asks us, is answered, and notices when we are gone", async () => {
    await up({}, { connection: ["dpd_delay = 1s", "dpd_timeout = 4s"] });
    await until(async () => heard(strongSwan, "HASH N(DPD_ACK)") >= 3);
    expect([mainModes(strongSwan), (await strongSwan.sas()).includes("ESTABLISHED")]).toEqual([1, true]);
    await gateway.kill();
    await until(async () => !(await strongSwan.sas()).includes("ESTABLISHED"));
  });
});
