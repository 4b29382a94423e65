/** The far end alone: two strongSwans reach each other, so what fails elsewhere is not the harness. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { StrongSwan } from "../../src/lab/strongswan.ts";
import { ROOT } from "../lab/harness.ts";
import { CHILD, type FarEnd, startFarEnd } from "./far-end.ts";
import { Site } from "./site.ts";

const PLAIN: FarEnd = { ike: "aes128-sha1-modp2048", esp: "aes128-sha1" };

describe.skipIf(!ROOT).each([
  ["on one wire", false],
  ["through a NAT", true],
])("strongSwan and strongSwan %s", (_, nat) => {
  const site = new Site(nat ? "interopn" : "interoph", { nat });
  const daemons: StrongSwan[] = [];
  beforeAll(async () => {
    expect(StrongSwan.missing()).toBeUndefined();
    site.up();
    for (const side of ["b", "a"] as const) daemons.push(await startFarEnd(site, side, PLAIN));
  });
  afterAll(async () => {
    for (const daemon of daemons) await daemon.stop();
    site.down();
  });

  test("main mode, quick mode, traffic both ways", async () => {
    const a = daemons[1];
    expect(await a?.swanctl("--initiate", "--child", CHILD)).toMatchObject({ ok: true });
    expect((await site.ping(5, "ha")).received).toBe(5);
    expect((await site.ping(5, "hb")).received).toBe(5);
    const sas = await a?.sas();
    expect(sas).toMatch(/IKEv1/);
    expect(sas).toMatch(/TUNNEL-in-UDP/);
  });
});
