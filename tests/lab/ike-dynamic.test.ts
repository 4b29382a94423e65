/**
 * A template for peers that are not known beforehand, without an access list: what the branch asks for is protected, on
 * the active and on the standby alike, for as long as there are SAs for it.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, inside, ROOT, understudy, until } from "./harness.ts";

const LAB = "ikedynamic";
const MEMBERS = ["R1", "R2"];
const TEMPLATE = [
  "conf t",
  "crypto dynamic-map SPOKES 5",
  "set transform-set MyTransformSet",
  "reverse-route",
  "exit",
  "no crypto map BRANCH-5-MAP 10",
  "crypto map BRANCH-5-MAP 20 ipsec-isakmp dynamic SPOKES",
  "end",
];

const sessions = (): Promise<string[]> =>
  Promise.all(MEMBERS.map(async router => (await cli(LAB, router, "show crypto session")).out));
const policies = async (router: string): Promise<string> =>
  /Policies +(\d+)/.exec((await cli(LAB, router, "show platform dataplane")).out)?.[1] ?? "";

describe.skipIf(!ROOT)("a dynamic crypto map", () => {
  beforeAll(async () => {
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
    for (const router of MEMBERS) await cli(LAB, router, ...TEMPLATE);
    await until(async () =>
      (await cli(LAB, "R1", "show standby brief")).out.match(/ (Active|Standby) +\S+ +\S+ +10\./),
    );
  });
  afterAll(() => understudy("lab", "down", LAB));

  test("lets in who asks, and is undone when the SAs go", async () => {
    expect(await policies("R1")).toBe("0");
    const ping = ["ping", "-c", "1", "-W", "2", "10.99.0.101"];
    await until(async () => (await inside(LAB, "B1", ...ping)).code === 0);
    const up = (await sessions()).filter(each => each.includes("Session status: UP-ACTIVE"));
    expect(up).toHaveLength(1);
    expect(up[0]).toContain("IPSEC FLOW: permit ip 10.99.0.0/255.255.0.0 172.16.5.0/255.255.255.0");
    expect(up[0]).toContain("Active SAs: 2, origin: dynamic crypto map");
    await cli(LAB, "R4", "clear crypto sa");
    for (const router of MEMBERS) await until(async () => (await policies(router)) === "0");
    expect((await sessions()).join("")).not.toContain("IPSEC FLOW");
  });
});
