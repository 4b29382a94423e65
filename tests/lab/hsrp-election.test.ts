/**
 *      A, B, C ── outside
 *
 * Who becomes active, who takes over from whom and when: priorities, addresses, preemption and its delays, coup and
 * resign, two actives after a healed partition.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { monotonicMs } from "../../src/linux/clock.ts";
import { ROOT, until } from "./harness.ts";
import { addressOf, GATEWAYS, HsrpLab, OUTSIDE, saidOf, untilHellos } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrpelection");
/** Between hellos 200 ms: a delay of 3 s is at least this many hellos of whoever waits, busy machine or not. */
const HELLOS_IN_DELAY = 8;
const SLOW = "timers msec 200 msec 2000";

describe.skipIf(!ROOT)("the election", () => {
  let last = 10;
  let number = 0;
  const next = (): number => {
    number = last++;
    return number;
  };

  beforeAll(() => lab.up());
  afterEach(() => lab.without(number));
  afterAll(() => lab.down());

  test("the highest priority wins, the next stands by, the third listens", async () => {
    next();
    await lab.group(number, { A: ["priority 90"], B: ["priority 110"], C: [] });
    await lab.untilStates(number, { A: "Listen", B: "Active", C: "Standby" });
    await lab.untilRow("A", number, { active: "10.0.0.2", standby: "10.0.0.3", priority: 90 });
    await lab.untilRow("B", number, { active: "local", standby: "10.0.0.3", priority: 110 });
    const steps = ["Init -> Listen", "Listen -> Speak", "Speak -> Standby", "Standby -> Active"];
    expect(await lab.changes("B", number)).toEqual(steps);
  });

  test("of equal priorities the highest address wins", async () => {
    next();
    await lab.group(number, { A: [], B: [], C: [] });
    await lab.untilStates(number, { A: "Listen", B: "Standby", C: "Active" });
  });

  test("the virtual address answers ARP with the virtual MAC address, once", async () => {
    next();
    await lab.group(number, { A: ["priority 110"], B: [] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    const { code, out } = await lab.inside("X", "ping", "-c1", "-W2", addressOf(number));
    expect({ code, out: code === 0 ? "" : out }).toEqual({ code: 0, out: "" });
    const neighbour = (await lab.inside("X", "ip", "neigh", "show", addressOf(number))).out;
    expect(neighbour).toContain(`lladdr 00:00:0c:07:ac:${number.toString(16).padStart(2, "0")}`);
    const tap = await lab.tap(GATEWAYS, "all");
    await lab.inside("X", "ip", "neigh", "flush", "all");
    await lab.inside("X", "ping", "-c1", "-W2", addressOf(number));
    const replies = (await tap.take()).filter(({ hex }) => hex.substring(24, 28) === "0806");
    tap.close();
    expect(replies.map(({ device }) => device)).toEqual(["A.outside"]);
  });

  test("without preempt a better one that comes later waits, with it takes over by a coup", async () => {
    next();
    await lab.group(number, { A: [] });
    await lab.untilStates(number, { A: "Active" });
    await lab.group(number, { B: ["priority 120"] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    const tap = await lab.tap();
    await lab.configure("B", OUTSIDE, `standby ${number} preempt`);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    const said = await untilHellos(tap, number, { host: "B", state: "active", count: 3 });
    tap.close();
    const coup = said.findIndex(each => each.opcode === "coup");
    expect(said[coup]).toMatchObject({ host: "B" });
    const firstAsActive = said.findIndex(
      each => each.host === "B" && each.state === "active" && each.opcode === "hello",
    );
    const lastOfA = said.findLastIndex(each => each.host === "A" && each.state === "active" && each.opcode === "hello");
    expect(coup).toBeLessThan(firstAsActive);
    // A hello of A may be on its way while the coup is; after B's own first hello there is none.
    expect(lastOfA).toBeLessThan(firstAsActive);
    expect((await lab.row("B", number))?.preempt).toBe(true);
  });

  test("a priority that changes on the fly counts at once where it may", async () => {
    next();
    await lab.group(number, { A: ["priority 110", "preempt"], B: ["preempt"] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    await lab.configure("A", OUTSIDE, `standby ${number} priority 90`);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    await lab.configure("A", OUTSIDE, `standby ${number} priority 105`);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    // Equal priorities: the address decides, and B's is the higher.
    await lab.configure("A", OUTSIDE, `standby ${number} priority 100`);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
  });

  test("preempt delay minimum: it waits after every start", async () => {
    next();
    await lab.group(number, { A: [] });
    await lab.untilStates(number, { A: "Active" });
    const tap = await lab.tap();
    await lab.group(number, { B: ["priority 120", "preempt delay minimum 3"] });
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    const said = await untilHellos(tap, number, { host: "B", state: "active", count: 1 });
    tap.close();
    expect(hellosOfABeforeCoup(said)).toBeGreaterThanOrEqual(HELLOS_IN_DELAY);
  });

  test("preempt delay reload: it waits after a start of the process, and not after the next start", async () => {
    next();
    await lab.group(number, { A: [], B: ["priority 120", "preempt delay reload 3"] });
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    await lab.exec("B", "write memory");
    await lab.reload("B");
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    const tap = await lab.tap();
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    const slow = await untilHellos(tap, number, { host: "B", state: "active", count: 1 });
    expect(hellosOfABeforeCoup(slow)).toBeGreaterThan(0);
    // A start of the group alone.
    await lab.configure("B", OUTSIDE, "shutdown");
    await until(async () => (await lab.row("A", number))?.state === "Active");
    await tap.take();
    await lab.configure("B", OUTSIDE, "no shutdown");
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    const fast = saidOf(await tap.take(), number);
    tap.close();
    expect(hellosOfABeforeCoup(fast)).toBeLessThan(HELLOS_IN_DELAY);
  });

  test("preempt delay sync: nobody has to be synchronised without redundancy, and so it takes over", async () => {
    next();
    await lab.group(number, { A: [] });
    await lab.untilStates(number, { A: "Active" });
    await lab.group(number, { B: ["priority 120", "preempt delay sync 3600"] });
    await lab.untilStates(number, { A: "Standby", B: "Active" });
  });

  test("an active that gives up resigns, and the standby takes over at once", async () => {
    next();
    await lab.group(number, { A: ["priority 110", SLOW], B: [SLOW] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    const tap = await lab.tap();
    await lab.configure("A", OUTSIDE, `no standby ${number} ip`);
    await lab.untilStates(number, { B: "Active" });
    const said = saidOf(await tap.take(), number);
    tap.close();
    const resign = said.find(each => each.opcode === "resign");
    expect(resign).toMatchObject({ host: "A" });
    expect(said.filter(each => each.host === "A" && each.atMs > (resign?.atMs ?? 0))).toEqual([]);
    // Had the hold time been waited for, B would have said ten times more that it stands by.
    expect(
      said.filter(each => each.host === "B" && each.atMs > (resign?.atMs ?? 0) && each.state === "standby"),
    ).toEqual([]);
  });

  test("two actives after a healed partition: the better one stays, the other is silent as active", async () => {
    next();
    await lab.group(number, { A: ["priority 110"], B: [] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    lab.damage(["A", "B"].map(host => ({ port: `${host}.outside`, damage: "hsrp" })));
    await lab.untilStates(number, { A: "Active", B: "Active" });
    const tap = await lab.tap();
    lab.damage([]);
    const healedMs = monotonicMs();
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    // What was dropped before was recorded all the same.
    const recorded = await untilHellos(tap, number, { host: "A", state: "active", count: 20 });
    const said = recorded.filter(each => each.atMs > healedMs);
    tap.close();
    const firstOfA = said.findIndex(each => each.host === "A" && each.state === "active");
    const after = said.slice(firstOfA + 1).filter(each => each.host === "B" && each.state === "active");
    // One may be on its way while A's is, and one more be sent before B has read that; in a hold time there are four.
    expect(after.length).toBeLessThanOrEqual(2);
    expect((await lab.changes("A", number)).filter(each => each.startsWith("Active ->"))).toEqual([]);
  });

  test("of two actives with equal priorities the higher address stays", async () => {
    next();
    await lab.group(number, { A: [] });
    await lab.untilStates(number, { A: "Active" });
    await lab.group(number, { B: [] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    lab.damage(["A", "B"].map(host => ({ port: `${host}.outside`, damage: "hsrp" })));
    await lab.untilStates(number, { A: "Active", B: "Active" });
    lab.damage([]);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
  });
});

/** A's hellos as active between B's first word and B's coup: how long B waited, told without a clock. */
function hellosOfABeforeCoup(said: readonly { host: string; state: string; opcode: string }[]): number {
  const began = said.findIndex(each => each.host === "B");
  const coup = said.findIndex(each => each.host === "B" && each.opcode === "coup");
  expect(coup).toBeGreaterThanOrEqual(0);
  const waited = said.slice(Math.max(0, began), coup);
  return waited.filter(each => each.host === "A" && each.opcode === "hello" && each.state === "active").length;
}
