/**
 *      A, B ── outside
 *
 * Members that do not know the same secret do not hear each other, and say so; those that do, do.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ROOT } from "./harness.ts";
import { HsrpLab, OUTSIDE, untilHellos } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpauth");
const together = { A: "Active", B: "Standby" } as const;
const apart = { A: "Active", B: "Active" } as const;

describe.skipIf(!ROOT)("authentication", () => {
  let last = 50;
  let number = 0;

  /** A is the better one; the two lines are each member's authentication. */
  async function pair(a: string, b: string): Promise<void> {
    number = last++;
    const line = (text: string): string[] => (text === "" ? [] : [`authentication ${text}`]);
    await lab.group(number, { A: ["priority 110", ...line(a)], B: line(b) });
  }

  beforeAll(async () => {
    await lab.up();
    for (const [host, chain, id, key] of [
      ["A", "SAME", 3, "ChainKey"],
      ["B", "SAME", 3, "ChainKey"],
      ["A", "OTHERID", 3, "ChainKey"],
      ["B", "OTHERID", 4, "ChainKey"],
    ] as const)
      await lab.configure(host, `key chain ${chain}`, `key ${id}`, `key-string ${key}`);
  });
  afterEach(async () => {
    for (const host of ["A", "B"]) await lab.configure(host, OUTSIDE, `no standby ${number} authentication`);
    await lab.without(number);
  });
  afterAll(() => lab.down());

  test.each([
    ["text", "text pass", "text pass"],
    ["an MD5 key", "md5 key-string Secret99", "md5 key-string Secret99"],
    ["a long MD5 key", `md5 key-string ${"k".repeat(60)}`, `md5 key-string ${"k".repeat(60)}`],
    ["a key chain", "md5 key-chain SAME", "md5 key-chain SAME"],
  ])("%s that both have", async (_, a, b) => {
    await pair(a, b);
    await lab.untilStates(number, together);
    expect((await lab.refused("A", number)).authentication).toBe(0);
    expect((await lab.refused("B", number)).authentication).toBe(0);
  });

  test.each([
    ["another text", "text one", "text two"],
    ["no text against the default one", "text one", ""],
    ["another key", "md5 key-string one", "md5 key-string two"],
    ["MD5 and none", "md5 key-string one", ""],
    ["text and MD5", "text one", "md5 key-string one"],
    ["the same key by another number", "md5 key-chain OTHERID", "md5 key-chain OTHERID"],
  ])("%s: two actives that refuse each other, and say so", async (_, a, b) => {
    await pair(a, b);
    await lab.untilStates(number, apart);
    for (const host of ["A", "B"]) {
      expect((await lab.refused(host, number)).authentication, host).toBeGreaterThan(0);
      const other = host === "A" ? "10.0.0.2" : "10.0.0.1";
      const said = await lab.logged(host, `Bad authentication from ${other}, group ${number},`);
      // A line a minute, not one a packet.
      expect(said, host).toHaveLength(1);
      expect(said[0], host).toContain("%HSRP-4-BADAUTH");
    }
    expect(await lab.exec("A", "show standby")).not.toMatch(/key-string (one|two)/);
  });

  test("a key that changes: with a timeout the old one is accepted meanwhile", async () => {
    await pair("md5 key-string before", "md5 key-string before");
    await lab.untilStates(number, together);
    const before = await lab.changes("B", number);
    const counted = (await lab.refused("B", number)).authentication;
    const change = `standby ${number} authentication md5 key-string after timeout 600`;
    await lab.configure("B", OUTSIDE, change);
    const tap = await lab.tap(["A"]);
    await untilHellos(tap, number, { host: "A", state: "active", count: 10 });
    tap.close();
    // The active signs with the old key still; had B refused it, it would have taken over long since.
    expect((await lab.refused("B", number)).authentication).toBe(counted);
    expect(await lab.changes("B", number)).toEqual(before);
    await lab.configure("A", OUTSIDE, change);
    await lab.untilStates(number, together);
    expect(await lab.changes("B", number)).toEqual(before);
  });
});
