/**
 *      H ── inside ── A, B, C ── outside ── X
 *
 * What a group can be besides plain: several at once, followed, of version 2, with secondary addresses, learned, with
 * the interface's own MAC address or one of its owner's choosing.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { ROOT, until } from "./harness.ts";
import { addressOf, HsrpLab, INSIDE, OUTSIDE, saidOf, TIMERS, untilHellos } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpgroups");

async function reaches(host: string, address: string): Promise<boolean> {
  return (await lab.inside(host, "ping", "-c1", "-W2", address)).code === 0;
}

async function macOf(address: string): Promise<string> {
  return /lladdr (\S+)/.exec((await lab.inside("X", "ip", "neigh", "show", address)).out)?.[1] ?? "none";
}

describe.skipIf(!ROOT)("groups", () => {
  let last = 70;
  let number = 0;
  const next = (): number => {
    number = last++;
    return number;
  };

  beforeAll(() => lab.up());
  afterEach(async () => {
    await lab.without(number);
    for (const host of ["A", "B"]) await lab.configure(host, OUTSIDE, "no standby use-bia", "no standby version");
  });
  afterAll(() => lab.down());

  test("a group inside that follows one outside moves with it, and serves as default gateway", async () => {
    number = 1;
    await until(async () => (await lab.rows("A")).every(each => ["Active", "Standby"].includes(each.state)));
    await until(async () => (await lab.rows("B")).every(each => ["Active", "Standby"].includes(each.state)));
    const active = (await lab.row("A", 1))?.state === "Active" ? "A" : "B";
    const other = active === "A" ? "B" : "A";
    expect((await lab.rows(active)).map(each => each.state)).toEqual(["Active", "Active"]);
    expect((await lab.rows(other)).map(each => each.state)).toEqual(["Standby", "Standby"]);
    expect(await reaches("H", "10.0.0.101")).toBe(true);
    await lab.configure(active, OUTSIDE, "shutdown");
    await until(async () => (await lab.rows(other)).every(each => each.state === "Active"));
    expect((await lab.rows(active)).map(each => each.state)).not.toContain("Active");
    expect(await reaches("H", "10.0.0.101")).toBe(true);
    await lab.configure(active, OUTSIDE, "no shutdown");
    await until(async () => (await lab.rows(active)).every(each => each.state === "Standby"));
    for (const host of ["A", "B"]) await lab.configure(host, INSIDE, "no standby 2 ip");
  });

  test("several groups on one interface: each member is active for some", async () => {
    const [one, two] = [next(), next()];
    await lab.group(one, { A: ["priority 110"], B: [] });
    await lab.group(two, { A: [], B: ["priority 110"] });
    await lab.untilStates(one, { A: "Active", B: "Standby" });
    await lab.untilStates(two, { A: "Standby", B: "Active" });
    expect(await reaches("X", addressOf(one))).toBe(true);
    expect(await reaches("X", addressOf(two))).toBe(true);
    expect(await macOf(addressOf(one))).not.toBe(await macOf(addressOf(two)));
    // One group's fate is not the other's.
    const before = await lab.changes("B", two);
    await lab.configure("A", OUTSIDE, `no standby ${one} ip`);
    await until(async () => (await lab.row("B", one))?.state === "Active");
    expect(await lab.changes("B", two)).toEqual(before);
    await lab.without(one);
  });

  test("a secondary address moves with the first", async () => {
    next();
    const second = `10.0.0.${150 + number}`;
    const lines = [`ip ${second} secondary`];
    await lab.group(number, { A: ["priority 110", ...lines], B: lines });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    expect(await reaches("X", second)).toBe(true);
    expect(await macOf(second)).toContain("00:00:0c:07:ac");
    await lab.configure("A", OUTSIDE, "shutdown");
    await until(async () => (await lab.row("B", number))?.state === "Active");
    expect(await reaches("X", second)).toBe(true);
    await lab.configure("A", OUTSIDE, "no shutdown");
  });

  test("an address that is learned from the active", async () => {
    next();
    await lab.group(number, { A: [] });
    await lab.untilStates(number, { A: "Active" });
    await lab.configure("B", OUTSIDE, `standby ${number} ${TIMERS}`, `standby ${number} ip`);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    expect((await lab.row("B", number))?.virtual).toBe(addressOf(number));
    await lab.configure("A", OUTSIDE, "shutdown");
    await until(async () => (await lab.row("B", number))?.state === "Active");
    expect(await reaches("X", addressOf(number))).toBe(true);
    await lab.configure("A", OUTSIDE, "no shutdown");
  });

  test("a MAC address of one's own choosing", async () => {
    next();
    const line = "mac-address 0200.0a0b.0c0d";
    await lab.group(number, { A: ["priority 110", line], B: [line] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    expect(await reaches("X", addressOf(number))).toBe(true);
    expect(await macOf(addressOf(number))).toBe("02:00:0a:0b:0c:0d");
  });

  test("use-bia: the interface's own MAC address answers, and a takeover tells everybody the other one", async () => {
    next();
    for (const host of ["A", "B"]) await lab.configure(host, OUTSIDE, "standby use-bia");
    await lab.group(number, { A: ["priority 110"], B: [] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    const own = async (host: string): Promise<string> =>
      (await lab.inside(host, "cat", "/sys/class/net/outside/address")).out.trim();
    expect(await reaches("X", addressOf(number))).toBe(true);
    expect(await macOf(addressOf(number))).toBe(await own("A"));
    await lab.configure("A", OUTSIDE, `no standby ${number} ip`);
    await lab.untilStates(number, { B: "Active" });
    await until(async () => (await macOf(addressOf(number))) === (await own("B")));
    expect(await reaches("X", addressOf(number))).toBe(true);
  });

  test("version 2: groups beyond 255, the other MAC address, timers that are learned", async () => {
    number = 1234;
    for (const host of ["A", "B"]) await lab.configure(host, OUTSIDE, "standby version 2");
    const tap = await lab.tap();
    await lab.configure(
      "A",
      OUTSIDE,
      `standby ${number} priority 110`,
      `standby ${number} ${TIMERS}`,
      `standby ${number} ip 10.0.0.250`,
    );
    await lab.untilStates(number, { A: "Active" });
    await lab.configure("B", OUTSIDE, `standby ${number} ip 10.0.0.250`);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    expect(await lab.exec("B", `show standby FastEthernet0/0 ${number}`)).toMatch(
      /Hello time 200 msec .*, hold time 900 /,
    );
    const said = await untilHellos(tap, number, { host: "A", state: "active", count: 2 });
    tap.close();
    expect(new Set(said.map(each => each.version))).toEqual(new Set([2]));
    expect(await reaches("X", "10.0.0.250")).toBe(true);
    expect(await macOf("10.0.0.250")).toBe("00:00:0c:9f:f4:d2");
  });

  test("version 1 beside version 2: neither hears the other, no state flaps", async () => {
    next();
    await lab.configure("B", OUTSIDE, "standby version 2");
    await lab.group(number, { A: [], B: [] });
    await lab.untilStates(number, { A: "Active", B: "Active" });
    const before = [await lab.changes("A", number), await lab.changes("B", number)];
    const tap = await lab.tap();
    const said = await untilHellos(tap, number, { host: "A", state: "active", count: 10 });
    tap.close();
    expect(said.map(each => each.version)).toContain(2);
    expect([await lab.changes("A", number), await lab.changes("B", number)]).toEqual(before);
  });

  test("a hello of a group that nobody has here changes nothing", async () => {
    next();
    await lab.group(number, { A: [] });
    await lab.untilStates(number, { A: "Active" });
    const tap = await lab.tap(["A", "B"]);
    await lab.group(number + 1, { B: [] });
    await until(async () => (await lab.row("B", number + 1))?.state === "Active");
    expect(saidOf(await tap.take(), number + 1).some(each => each.host === "A")).toBe(false);
    tap.close();
    expect((await lab.row("A", number + 1))?.state).toBeUndefined();
    await lab.without(number + 1);
  });
});
