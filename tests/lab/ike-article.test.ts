/**
 * The article's lab as it stands, keyed by IKE:
 *
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * The tunnel comes up on traffic from either side, carries what the crypto maps protect and nothing else, and what is
 * on the wire between the gateways is IKE, ESP and ARP, which tshark can read with the keys that R4 writes down.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, openSync, readFileSync, statSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TSHARK } from "./dissect.ts";
import {
  cli,
  gatewayPid,
  inside,
  MAIN,
  type Result,
  ROOT,
  run,
  socketOf,
  supervisorPid,
  understudy,
  until,
} from "./harness.ts";

const LAB = "ikearticle";
const H1 = "10.99.0.101";
const B1 = "172.16.5.101";
const FOLDER = `/run/understudy/lab/${LAB}`;
const CAPTURE = `${FOLDER}/transit.pcap`;
const KEYS = `${FOLDER}/R4/esp-keys`;

const ping = (from: string, to: string, ...more: string[]): Promise<Result> =>
  inside(LAB, from, "ping", "-c", "5", "-i", "0.2", "-W", "3", ...more, to);
/** The packet that brings the tunnel up; while it does, others are lost. */
const knock = async (from: string, to: string): Promise<void> =>
  expect((await inside(LAB, from, "ping", "-c", "1", "-W", "10", to)).out).toContain("1 received");
const show = async (router: string, line: string): Promise<string> => (await cli(LAB, router, line)).out;
const reverseRoutes = async (router: string): Promise<string> =>
  (await inside(LAB, router, "ip", "route", "show", "proto", "250")).out.trim();
const isUp = async (router: string): Promise<boolean> =>
  (await show(router, "show crypto session")).includes("Session status: UP-ACTIVE");
const spisOf = async (router: string): Promise<string> =>
  [...(await show(router, "show crypto ipsec sa")).matchAll(/ {6}spi: 0x([0-9A-F]+)/g)].map(each => each[1]).join(" ");

/** The first group in `show standby brief`, by its state. */
const ROW = /^Fa0\/0 +1 +\d+ +(?:P +)?(\w+)/m;

/** Which of R1 and R2 is the active, once it is settled that one is. */
async function settled(): Promise<{ active: string; standby: string }> {
  return until(async () => {
    const [one, two] = await Promise.all(["R1", "R2"].map(each => show(each, "show standby brief")));
    const [first, second] = [one, two].map(each => ROW.exec(each ?? "")?.[1]);
    if (first === "Active" && second === "Standby") return { active: "R1", standby: "R2" };
    return first === "Standby" && second === "Active" && { active: "R2", standby: "R1" };
  });
}

describe.skipIf(!ROOT)("the article's tunnel", () => {
  const started: ChildProcess[] = [];
  let members = { active: "R1", standby: "R2" };

  beforeAll(async () => {
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
    // R4 once more, so that it writes its keys down.
    process.kill(await supervisorPid(LAB, "R4"), "SIGTERM");
    await until(async () => (await gatewayPid(LAB, "R4")) === 0);
    const options = ["--state", `${FOLDER}/R4`, "--socket", socketOf(LAB, "R4"), "--key-log", KEYS];
    const log = openSync(`${FOLDER}/R4/again.log`, "a", 0o600);
    const command = ["netns", "exec", `us-${LAB}-R4`, process.execPath, MAIN, "run", `${FOLDER}/R4/R4.cfg`, ...options];
    started.push(spawn("ip", command, { stdio: ["ignore", log, log] }));
    await until(async () => (await cli(LAB, "R4", "show privilege")).code === 0);
    // R3 knows nothing of the networks behind the gateways; what leaves in clear is to be answered all the same.
    await inside(LAB, "R3", "ip", "route", "add", "10.99.0.0/16", "via", "10.0.0.15");
    members = await settled();
  });

  afterAll(async () => {
    for (const each of started) each.kill("SIGTERM");
    await understudy("lab", "down", LAB);
  });

  test("comes up on traffic from the headquarters, and the packet that asked is not lost", async () => {
    await knock("H1", B1);
    expect((await ping("H1", B1)).out).toContain("5 received");
    expect(await isUp(members.active)).toBe(true);
    expect(await isUp("R4")).toBe(true);
    expect(await show("R4", "show crypto isakmp sa")).toMatch(/172\.16\.0\.18 +10\.0\.0\.15 +QM_IDLE +1001 ACTIVE/);
    expect(await show(members.standby, "show crypto isakmp sa")).not.toContain("ACTIVE");
  });

  test("is at the standby too, the same pair, ready to go on", async () => {
    const pair = await spisOf(members.active);
    expect(pair).toMatch(/^[0-9A-F]+ [0-9A-F]+$/);
    await until(async () => (await spisOf(members.standby)) === pair);
    const held = await show(members.standby, "show crypto ipsec sa");
    expect(held.match(/Status: .*/g)).toEqual(["Status: STANDBY", "Status: STANDBY"]);
  });

  test("has a reverse route on the active alone, which goes with it", async () => {
    await until(async () => (await reverseRoutes(members.active)).includes("172.16.5.0/24"));
    expect(await reverseRoutes(members.standby)).toBe("");
    await cli(LAB, members.active, "clear crypto sa");
    await until(async () => (await reverseRoutes(members.active)) === "");
    await until(async () => !(await isUp("R4")));
  });

  test("comes up on traffic from the branch", async () => {
    await knock("B1", H1);
    expect(await isUp(members.active)).toBe(true);
    expect(await show("R4", "show crypto isakmp sa")).toMatch(/10\.0\.0\.15 +172\.16\.0\.18 +QM_IDLE/);
  });

  test("what no permit means does not enter it", async () => {
    const counted = async (): Promise<string> =>
      (await show(members.active, "show crypto ipsec sa")).match(/#pkts (en|de)caps: \d+/g)?.join(" ") ?? "";
    const before = await counted();
    expect(before).toMatch(/#pkts encaps: [1-9]/);
    expect((await ping("H1", "10.0.0.254")).out).toContain("5 received");
    expect(await counted()).toBe(before);
  });

  test("what the gateway itself sends enters it from an inside address alone", async () => {
    const encapsulated = async (): Promise<number> =>
      Number(/#pkts encaps: (\d+)/.exec(await show("R4", "show crypto ipsec sa"))?.[1]);
    const before = await encapsulated();
    const success = "Success rate is 100 percent (3/3)";
    // What the kernel would take for whatever leaves by a device without an address.
    await inside(LAB, "R4", "ip", "address", "add", "172.16.5.200/32", "dev", "lo");
    // R3 brings it in clear, from the address of the interface that it leaves by, which no permit means.
    expect(await show("R4", `ping ${H1} repeat 3`)).toContain(success);
    expect(await encapsulated()).toBe(before);
    expect(await show("R4", `ping ${H1} source 172.16.5.1 repeat 3`)).toContain(success);
    expect(await encapsulated()).toBe(before + 3);
    await inside(LAB, "R4", "ip", "address", "delete", "172.16.5.200/32", "dev", "lo");
  });

  test("keys are renewed under traffic, and no packet is lost", async () => {
    for (const router of ["R1", "R2", "R4"])
      await cli(LAB, router, "conf t", "crypto ipsec security-association lifetime kilobytes 2560", "end");
    await cli(LAB, members.active, "clear crypto sa");
    await until(async () => !(await isUp("R4")));
    await knock("H1", B1);
    const before = await spisOf(members.active);
    const flood = await inside(LAB, "H1", "ping", "-c", "3000", "-i", "0.002", "-s", "1300", "-W", "3", "-q", B1);
    expect(flood.out).toContain("3000 packets transmitted, 3000 received");
    expect(await spisOf(members.active)).not.toBe(before);
  });

  describe.skipIf(!TSHARK)("on the wire before R4", () => {
    const tshark = (...args: string[]): Promise<Result> => run("tshark", ["-r", CAPTURE, ...args]);
    const count = async (filter: string, ...options: string[]): Promise<number> => {
      // While the file is being written it may end in the middle of a frame.
      const { out } = await tshark(...options, "-Y", filter, "-T", "fields", "-e", "frame.number");
      return out.split("\n").filter(Boolean).length;
    };

    beforeAll(async () => {
      await cli(LAB, members.active, "clear crypto sa");
      await until(async () => !(await isUp("R4")));
      const command = ["netns", "exec", `us-${LAB}-R4`, "dumpcap", "-q", "-P", "-i", "outside", "-w", CAPTURE];
      const dumpcap = spawn("ip", command, { stdio: "ignore" });
      started.push(dumpcap);
      await until(async () => existsSync(CAPTURE) && statSync(CAPTURE).size > 0);
      await knock("H1", B1);
      expect((await ping("H1", B1)).out).toContain("5 received");
      expect((await ping("B1", H1)).out).toContain("5 received");
      // What it has read it writes in its own time.
      await until(async () => (await count("esp && udp.port == 4500")) >= 22);
      dumpcap.kill("SIGINT");
      await new Promise(resolve => dumpcap.once("exit", resolve));
    });

    test("there is nothing but IKE, ESP in UDP and ARP", async () => {
      expect(await count("isakmp && udp.port == 500")).toBeGreaterThanOrEqual(4);
      expect(await count("esp && udp.port == 4500")).toBeGreaterThanOrEqual(22);
      expect(await count("!arp && !isakmp && !udpencap && !ipv6")).toBe(0);
    });

    test("with R4's keys tshark reads the pings, and finds every packet authentic", async () => {
      const rows = readFileSync(KEYS, "utf8").trim().split("\n");
      const options = ["esp.enable_encryption_decode:TRUE", "esp.enable_authentication_check:TRUE"];
      const all = [...options, ...rows.map(each => `uat:esp_sa:${each}`)].flatMap(each => ["-o", each]);
      expect(await count(`icmp.type == 8 && ip.src == ${H1} && ip.dst == ${B1}`, ...all)).toBe(6);
      expect(await count(`icmp.type == 0 && ip.src == ${B1} && ip.dst == ${H1}`, ...all)).toBe(6);
      expect(await count(`icmp.type == 8 && ip.src == ${B1} && ip.dst == ${H1}`, ...all)).toBe(5);
      expect(await count("esp && !icmp", ...all)).toBe(0);
      expect(await count("esp.icv_bad == 1", ...all)).toBe(0);
    });
  });
});
