/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * Whatever a member is, as long as it is not active: what reaches it from inside goes through the active's tunnel, and
 * it is reached from the branch and reaches the branch the same way. Nothing goes in clear meanwhile.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { damage } from "../../src/lab/cables.ts";
import { labDown, labUp, portOf } from "../../src/lab/lab.ts";
import { stateOf } from "../../src/lab/levers.ts";
import { type Recorder, recorderOf } from "../../src/lab/recorder.ts";
import { untilHot, untilSettled, untilTunnelled } from "../../src/lab/settling.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { cli, inside, ROOT, until } from "./harness.ts";

const LAB = "handoff";
const B1 = "172.16.5.101";
const article = topologyNamed("article");

describe.skipIf(!ROOT)("a member that is not active", () => {
  let recorder: Recorder | undefined;
  let active = "";
  let other = "";
  const innerAddress = (): string => (other === "R1" ? "10.99.0.1" : "10.99.0.2");
  const configure = async (...lines: string[]): Promise<void> =>
    expect(await cli(LAB, other, "configure terminal", ...lines, "end")).toMatchObject({ code: 0 });
  const outside = (command: string): Promise<void> => configure("interface FastEthernet0/0", command);
  const becomes = (state: string): Promise<unknown> => until(async () => (await stateOf(LAB, other)) === state);
  const whole = async (): Promise<void> => {
    ({ active, standby: other } = await untilSettled(LAB, article));
    await untilHot(LAB, article);
  };

  beforeAll(async () => {
    await labDown(LAB);
    await labUp(article, LAB, { keying: "ike" });
    recorder = await recorderOf(LAB, article);
    await untilSettled(LAB, article);
    await untilTunnelled(LAB, article);
    await whole();
  });
  afterAll(async () => {
    recorder?.close();
    await labDown(LAB);
  });

  /** All three ways come to be, and then none of them loses a packet. */
  async function expectHandedOn(): Promise<void> {
    const inner = innerAddress();
    await inside(LAB, "H1", "ip", "route", "replace", "172.16.5.0/24", "via", inner);
    const ping = async (from: string, to: string, count: number): Promise<string> =>
      (await inside(LAB, from, "ping", "-c", String(count), "-i", "0.2", "-W", "2", to)).out;
    const console = async (count: number): Promise<string> =>
      (await cli(LAB, other, `ping ${B1} source ${inner} repeat ${count} timeout 2`)).out;
    await until(async () => (await ping("H1", B1, 1)).includes("1 received"));
    await until(async () => (await ping("B1", inner, 1)).includes("1 received"));
    await until(async () => (await console(1)).includes("(1/1)"));
    expect(await ping("H1", B1, 5)).toContain("5 received");
    expect(await ping("B1", inner, 5)).toContain("5 received");
    expect(await console(5)).toContain("(5/5)");
    await inside(LAB, "H1", "ip", "route", "del", "172.16.5.0/24");
    expect(await recorder?.seen()).toMatchObject({ clear: 0, repeated: [] });
    expect(await stateOf(LAB, active)).toBe("Active");
  }

  test("standby, and hot", async () => {
    expect(await stateOf(LAB, other)).toBe("Standby");
    await expectHandedOn();
  });

  test("standby, and cold: the association is cut", async () => {
    const ports = ["outside", "inside"].map(segment => portOf(other, segment));
    damage(
      LAB,
      ports.map(port => ({ port, damage: "association" })),
    );
    await until(async () => !(await cli(LAB, other, "show redundancy gate")).out.includes(", hot"));
    await expectHandedOn();
    damage(LAB, []);
    await whole();
  });

  test("its outside interface is shut down", async () => {
    await outside("shutdown");
    await becomes("Init");
    await expectHandedOn();
    await outside("no shutdown");
    await whole();
  });

  test("it was active, handed over because its outside interface was shut down, and stays so", async () => {
    [active, other] = [other, active];
    await outside("shutdown");
    await until(async () => (await stateOf(LAB, active)) === "Active");
    await becomes("Init");
    await expectHandedOn();
    await outside("no shutdown");
    await whole();
  });

  test("it was started anew, and has come back cold", async () => {
    const ports = ["outside", "inside"].map(segment => portOf(other, segment));
    damage(
      LAB,
      ports.map(port => ({ port, damage: "association" })),
    );
    expect(await cli(LAB, other, "reload")).toMatchObject({ code: 0 });
    await until(async () => (await cli(LAB, other, "show standby brief")).code === 0);
    await becomes("Standby");
    await expectHandedOn();
    damage(LAB, []);
    await whole();
  });
});
