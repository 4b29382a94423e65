/**
 *      H ── inside ── A, B ── outside ── X
 *
 * A member gives way when what it needs besides its own interface is gone: tracked lines, tracked routes, by a lower
 * priority or by giving up.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { plug } from "../../src/lab/cables.ts";
import { ROOT, until } from "./harness.ts";
import { HsrpLab, OUTSIDE } from "./hsrp-lab.ts";

const lab = new HsrpLab("hsrptracking");
const ROUTE = "ip route 192.0.2.0 255.255.255.0 10.99.0.101";

describe.skipIf(!ROOT)("tracking", () => {
  let last = 30;
  let number = 0;
  const next = (): number => {
    number = last++;
    return number;
  };

  beforeAll(async () => {
    await lab.up();
    await lab.configure("A", "track 1 interface FastEthernet0/1 line-protocol");
    await lab.configure("A", ROUTE, "track 2 ip route 192.0.2.0 255.255.255.0 reachability");
  });
  afterEach(async () => {
    plug(lab.name, "A.inside", true);
    await lab.configure("A", ROUTE);
    for (const track of [1, 2]) await lab.configure("A", OUTSIDE, `no standby ${number} track ${track}`);
    await lab.without(number);
  });
  afterAll(() => lab.down());

  test("a line that goes down lowers the priority, and the other takes over; then back again", async () => {
    next();
    await lab.group(number, { A: ["priority 110", "preempt", "track 1 decrement 20"], B: ["preempt"] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    plug(lab.name, "A.inside", false);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    expect((await lab.row("A", number))?.priority).toBe(90);
    expect(await lab.exec("A", "show track 1")).toMatch(/Line protocol is Down[\s\S]*HSRP FastEthernet0\/0/);
    plug(lab.name, "A.inside", true);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    expect((await lab.row("A", number))?.priority).toBe(110);
  });

  test("a route that is withdrawn does the same, and so does one that another program withdraws", async () => {
    next();
    await lab.group(number, { A: ["priority 110", "preempt", "track 2 decrement 20"], B: ["preempt"] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    await lab.configure("A", `no ${ROUTE}`);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
    expect(await lab.exec("A", "show track 2")).toContain("Reachability is Down");
    expect((await lab.inside("A", "ip", "route", "add", "192.0.2.0/24", "via", "10.99.0.101")).code).toBe(0);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    await lab.inside("A", "ip", "route", "del", "192.0.2.0/24");
    await lab.untilStates(number, { A: "Standby", B: "Active" });
  });

  test("track shutdown gives up whatever the priorities, and comes back", async () => {
    next();
    await lab.group(number, { A: ["priority 255", "preempt", "track 1 shutdown"], B: ["priority 1"] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    plug(lab.name, "A.inside", false);
    await lab.untilStates(number, { A: "Init", B: "Active" });
    plug(lab.name, "A.inside", true);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
  });

  test("two tracked things take off twice, and never below zero", async () => {
    next();
    const tracks = ["track 1 decrement 200", "track 2 decrement 30"];
    await lab.group(number, { A: ["priority 120", "preempt", ...tracks], B: ["preempt"] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    await lab.configure("A", `no ${ROUTE}`);
    await until(async () => (await lab.row("A", number))?.priority === 90);
    plug(lab.name, "A.inside", false);
    await until(async () => (await lab.row("A", number))?.priority === 0);
    await lab.untilStates(number, { A: "Standby", B: "Active" });
  });

  test("its own cable: it says Init, and takes no part until the cable is back", async () => {
    next();
    await lab.group(number, { A: ["priority 110", "preempt"], B: [] });
    await lab.untilStates(number, { A: "Active", B: "Standby" });
    plug(lab.name, "A.outside", false);
    await lab.untilStates(number, { A: "Init", B: "Active" });
    plug(lab.name, "A.outside", true);
    await lab.untilStates(number, { A: "Active", B: "Standby" });
  });
});
