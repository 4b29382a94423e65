/**
 *      H1 ── inside ── R1, R2 ── outside ── R3, a stranger who knows what everybody on the segment knows
 *
 * What the gate is for: HSRP's words can be forged and replayed, even signed; under a scheme they move nothing while
 * the pair can hear itself. And when it could not, one of two actives yields.
 */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { damage } from "../../src/lab/cables.ts";
import { runFault } from "../../src/lab/fault-run.ts";
import { faultNamed } from "../../src/lab/faults.ts";
import { claimsOf, hsrpOf } from "../../src/lab/frames.ts";
import { reboot } from "../../src/lab/lab.ts";
import { socketOf } from "../../src/lab/lab-state.ts";
import { Levers, stateOf } from "../../src/lab/levers.ts";
import { untilSettled } from "../../src/lab/settling.ts";
import { Tap } from "../../src/lab/tap.ts";
import { topologyNamed } from "../../src/lab/topologies.ts";
import { runCommands } from "../../src/lab/vty-client.ts";
import { message, packet } from "./forge.ts";
import { inside, ROOT, run, understudy, until } from "./harness.ts";

const LAB = "hsrpgate";
const article = topologyNamed("article");
const ADDRESSES: Readonly<Record<string, string>> = { R1: "10.0.0.1", R2: "10.0.0.2" };
const STRANGER = "10.0.0.254";
const forged = { group: 1, virtualAddress: "10.0.0.15" };
const repeat = { times: 40, everyMs: 25 };
/** Forges from outside of our own code: the attacker's tool where the system has it (Debian 13 has not), else scapy. */
const YERSINIA = /yersinia/i.test((await run("yersinia", ["-V"])).out);
const SCAPY = `
import sys
from scapy.all import Ether, IP, UDP, get_if_hwaddr, sendp
from scapy.layers.hsrp import HSRP
opcode, state, source = sys.argv[1:]
says = HSRP(opcode=int(opcode), state=int(state), priority=255, group=1, auth="cisco", virtualIP="10.0.0.15")
packet = IP(src=source, dst="224.0.0.2", ttl=1) / UDP(sport=1985, dport=1985) / says
frame = Ether(src=get_if_hwaddr("eth0"), dst="01:00:5e:00:00:02") / packet
sendp(frame, iface="eth0", count=5, inter=0.2, verbose=False)
`;

async function logged(host: string, text: string): Promise<string[]> {
  const { output } = await runCommands(socketOf(LAB, host), ["show logging"]);
  return output.split(/\r?\n/).filter(line => line.includes(text));
}

const changes = (): Promise<string[][]> => Promise.all(article.pair.map(host => logged(host, "HSRP-5-STATECHANGE")));

describe.skipIf(!ROOT)("under the gate", () => {
  let stranger: Tap;
  let roles = { active: "", standby: "" };

  beforeAll(async () => {
    await understudy("lab", "down", LAB);
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
    roles = await untilSettled(LAB, article);
    stranger = await Tap.open(LAB, "R3", { devices: ["eth0"] });
  });
  afterEach(async () => {
    await stranger.quiet();
    damage(LAB, []);
    roles = await untilSettled(LAB, article);
  });
  afterAll(async () => {
    stranger?.close();
    await understudy("lab", "down", LAB);
  });

  /** Sends a forgery many times; nobody moves. */
  async function movesNothing(frame: Uint8Array): Promise<void> {
    const before = await changes();
    await stranger.send("eth0", [frame], repeat);
    await until(async () => !(await stranger.sending()));
    // More than a hold time of hellos afterwards, whatever the forgery has begun has ended.
    await hellosOf(roles.active, 10);
    expect(await changes()).toEqual(before);
    expect(await untilSettled(LAB, article)).toEqual(roles);
  }

  /** Waits for as many hellos of a member as active, as the stranger hears them. */
  async function hellosOf(host: string, count: number): Promise<void> {
    await stranger.take();
    await until(async () => {
      const heard = (await stranger.take(true)).flatMap(({ hex }) => hsrpOf(Buffer.from(hex, "hex")) ?? []);
      return heard.filter(each => each.source === ADDRESSES[host] && each.state === "active").length >= count;
    });
  }

  test("the pair rules by the gate, and hears itself on two interfaces", async () => {
    for (const host of article.pair) {
      const { output } = await runCommands(socketOf(LAB, host), ["show redundancy gate"]);
      expect(output, host).toContain("The gate decides who is active");
      expect(output, host).toContain("Heard on 2 interfaces");
    }
  });

  test("a stranger's coup moves nothing, and is told", async () => {
    await movesNothing(packet(message({ ...forged, opcode: "coup", signedBy: STRANGER }), { source: STRANGER }));
    const said = await logged(roles.active, "%REDUNDANCY-4-STRANGER");
    expect(said.length).toBeGreaterThan(0);
    expect(said[0]).toContain(STRANGER);
  });

  test("a better active that is not the peer moves nothing", async () => {
    await movesNothing(packet(message({ ...forged, signedBy: STRANGER }), { source: STRANGER }));
  });

  test("a resign in the active's name moves nothing: it is alive, and says so when asked", async () => {
    const source = ADDRESSES[roles.active] ?? "";
    const envelope = { source, sourceMac: "0000.0c07.ac01" };
    await movesNothing(packet(message({ ...forged, opcode: "resign", priority: 100, signedBy: source }), envelope));
  });

  test("a coup in the standby's name moves nothing: who takes over says so with the pair's key", async () => {
    const source = ADDRESSES[roles.standby] ?? "";
    await movesNothing(packet(message({ ...forged, opcode: "coup", signedBy: source }), { source }));
  });

  test("a storm of hellos does not make anybody deaf", async () => {
    const before = await changes();
    const weak = packet(message({ ...forged, state: "speak", priority: 1 }), { source: STRANGER });
    await stranger.send("eth0", [weak], { times: 100_000, everyMs: 0.02 });
    await until(async () => !(await stranger.sending()));
    await hellosOf(roles.active, 5);
    expect(await changes()).toEqual(before);
  });

  test("hellos of a dead active, recorded and replayed, do not keep the other from taking over", async () => {
    const source = ADDRESSES[roles.active] ?? "";
    await hellosOf(roles.active, 3);
    const recorded = (await stranger.take()).filter(({ hex }) => hsrpOf(Buffer.from(hex, "hex"))?.source === source);
    const frame = Uint8Array.from(Buffer.from(recorded.at(-1)?.hex ?? "", "hex"));
    expect(claimsOf(frame, []).length).toBeGreaterThan(0);
    const levers = new Levers(LAB, article, roles);
    await stranger.send("eth0", [frame], { times: 10_000, everyMs: 100 });
    levers.powerOff(roles.active);
    await until(async () => (await stateOf(LAB, roles.standby)) === "Active");
    await stranger.quiet();
    levers.repair();
    await reboot(article, LAB, roles.active);
  });

  test("torn apart both are active; joined again one yields, and it is not a matter of priority", async () => {
    const loser = roles.active;
    // The one that takes over while they are apart has the higher epoch. The other shall have the higher priority.
    const settings = ["interface FastEthernet0/0", "standby 1 priority 200"];
    await runCommands(socketOf(LAB, loser), ["configure terminal", ...settings, "end"]);
    const ports = ["R1.inside", "R1.outside"].map(port => ({ port, damage: "everything" as const }));
    damage(LAB, ports);
    await until(
      async () => (await Promise.all(article.pair.map(host => stateOf(LAB, host)))).join() === "Active,Active",
    );
    damage(LAB, []);
    expect(await untilSettled(LAB, article)).toEqual({ active: roles.standby, standby: loser });
    await runCommands(socketOf(LAB, loser), ["configure terminal", settings[0] ?? "", "no standby 1 priority", "end"]);
  });

  test.each([["shutdown"], ["switchover"]])(
    "%s asks nobody twice: the address is never without an owner",
    async name => {
      const outcome = await runFault(LAB, article, faultNamed(name), { probesPerSecond: 200 });
      expect(outcome.problems).toEqual([]);
      expect(Object.fromEntries(outcome.directions.map(each => [each.direction, each.lost <= 1]))).toEqual({
        inside: true,
        outside: true,
      });
    },
  );

  /** Hellos, coups and resigns of an active with priority 255; five of each. */
  async function forge(opcode: number): Promise<void> {
    if (!YERSINIA) {
      const { code, err } = await inside(LAB, "R3", "/usr/bin/python3", "-c", SCAPY, `${opcode}`, "16", STRANGER);
      expect({ code, err: code === 0 ? "" : err }).toEqual({ code: 0, err: "" });
      return;
    }
    const ends = ["-ipsource", STRANGER, "-ipvirtual", "10.0.0.15", "-interface", "eth0"];
    const says = ["-opcode", `0${opcode}`, "-state", "10", "-priority", "ff", "-group", "01", "-password", "cisco"];
    for (let again = 0; again < 5; again++) {
      await inside(LAB, "R3", "timeout", "5", "yersinia", "hsrp", "-attack", "0", ...says, ...ends);
    }
  }

  test("hellos, coups and resigns of somebody else's making move nothing", async () => {
    const before = await changes();
    for (const opcode of [0, 1, 2]) await forge(opcode);
    await hellosOf(roles.active, 10);
    expect(await changes()).toEqual(before);
    const told = await logged(roles.active, `${STRANGER} is not the peer`);
    expect(told.length).toBeGreaterThan(0);
  });
});
