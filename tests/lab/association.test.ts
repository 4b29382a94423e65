/**
 *      H1 ── inside ── R1, R2 ── outside ── R3 ── transit ── R4 ── branch ── B1
 *
 * The association of the article's pair, between real gateways: over both segments, through a cut of one, after a
 * death, in UDP, with another secret than the peer's, and with none.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hostFolder } from "../../src/lab/lab-state.ts";
import { cli, gatewayPid, inside, ROOT, understudy, until } from "./harness.ts";

const LAB = "labassoc";
const MEMBERS = ["R1", "R2"] as const;
const SCTP_MODE = ["ipc zone default", "association 1", "protocol sctp"];

async function shown(host: string): Promise<string> {
  return (await cli(LAB, host, "show ipc association")).out;
}

function untilShown(wanted: RegExp, ...hosts: readonly string[]): Promise<true> {
  return until(async () => {
    const texts = await Promise.all(hosts.map(shown));
    return texts.every(text => wanted.test(text)) && true;
  });
}

async function configure(host: string, ...lines: readonly string[]): Promise<void> {
  const { code, out } = await cli(LAB, host, "configure terminal", ...lines, "end");
  expect({ code, out: code === 0 ? "" : out }).toEqual({ code: 0, out: "" });
}

const UP = /^Association 1: up[\s\S]*Stream scheme BRANCH-5-TUNNEL: up/;
const BOTH_PATHS = /Path 10\.0\.0\.\d to 10\.0\.0\.\d: up[\s\S]*Path 10\.99\.0\.\d to 10\.99\.0\.\d: up/;

describe.skipIf(!ROOT)("the association of a pair", () => {
  beforeAll(async () => {
    await understudy("lab", "down", LAB);
    expect(await understudy("lab", "up", "article", "--name", LAB)).toMatchObject({ code: 0, err: "" });
  });
  afterAll(async () => {
    await understudy("lab", "down", LAB);
  });

  test("comes up by itself, over both segments, between members that prove the secret", async () => {
    await untilShown(UP, ...MEMBERS);
    await untilShown(BOTH_PATHS, ...MEMBERS);
    const [one, two] = await Promise.all(MEMBERS.map(shown));
    expect(one).toContain("proved that it knows the 'security key'");
    const keyOf = (text = ""): string => /Key of this member: (\S+)/.exec(text)?.[1] ?? "";
    expect(one).toContain(`Key of the peer: ${keyOf(two)} `);
    expect(two).toContain(`Key of the peer: ${keyOf(one)} `);
  });

  test("a cut of either segment leaves every session as it is", async () => {
    await untilShown(UP, ...MEMBERS);
    const sessions = async (): Promise<string[]> =>
      (await Promise.all(MEMBERS.map(shown))).flatMap(text => text.match(/session \d+/g) ?? []);
    const before = await sessions();
    for (const [device, network] of [
      ["outside", "10.0.0"],
      ["inside", "10.99.0"],
    ]) {
      const drop = `add rule inet cut in iifname ${device} ip protocol sctp drop`;
      for (const line of [
        "add table inet cut",
        "add chain inet cut in { type filter hook input priority 0 ; }",
        drop,
      ]) {
        expect(await inside(LAB, "R2", "nft", line)).toMatchObject({ code: 0 });
      }
      await untilShown(new RegExp(`Path ${network}\\.1 to ${network}\\.2: down`), "R1");
      expect(await inside(LAB, "R2", "nft", "delete table inet cut")).toMatchObject({ code: 0 });
      await untilShown(BOTH_PATHS, ...MEMBERS);
    }
    expect(await sessions()).toEqual(before);
  });

  test("a gateway that died is met again", async () => {
    await untilShown(UP, ...MEMBERS);
    for (const host of MEMBERS) {
      const died = await gatewayPid(LAB, host);
      process.kill(died, "SIGKILL");
      await until(async () => ![0, died].includes(await gatewayPid(LAB, host)));
      await untilShown(UP, ...MEMBERS);
    }
  });

  test("it goes in UDP where both members say so", async () => {
    for (const host of MEMBERS) await configure(host, ...SCTP_MODE, "encapsulation udp");
    await untilShown(/^Association 1: up[\s\S]*SCTP in UDP, port 9899/, ...MEMBERS);
    await untilShown(BOTH_PATHS, ...MEMBERS);
    for (const host of MEMBERS) await configure(host, ...SCTP_MODE, "no encapsulation udp");
    await untilShown(/^Association 1: up[\s\S]*Transport: SCTP,/, ...MEMBERS);
  });

  test("a member with another secret is refused, and whom it calls says so", async () => {
    await untilShown(UP, ...MEMBERS);
    const { out } = await cli(LAB, "R2", "show running-config | include security key");
    await configure("R2", "redundancy inter-device", "security key Another");
    await until(async () => (await cli(LAB, "R2", "show logging")).out.includes("PEER_REFUSED"));
    await untilShown(/^Association 1: down/, ...MEMBERS);
    await configure("R2", "redundancy inter-device", out.trim());
    await untilShown(UP, ...MEMBERS);
  });

  test("without a secret the gate rules by the key that the association agreed on, after a death as well", async () => {
    const gates = (): Promise<string[]> =>
      Promise.all(MEMBERS.map(async host => (await cli(LAB, host, "show redundancy gate")).out));
    const ruled = () =>
      until(async () => {
        const texts = await gates();
        const each = texts.every(text => text.includes("The gate decides") && !text.includes("was not heard"));
        return (
          each && texts.some(text => /This member is active/.test(text) && /member is standby, .*, hot/.test(text))
        );
      });
    // Saved, so that it is so after a death too.
    const keyed = async (line: string): Promise<void> => {
      for (const host of MEMBERS) {
        await configure(host, "redundancy inter-device", line);
        expect(await cli(LAB, host, "write memory")).toMatchObject({ code: 0 });
      }
    };
    // Whose role the crypto map waits for is the one that the gate gives.
    const carries = () =>
      until(async () => (await inside(LAB, "H1", "ping", "-c1", "-W1", "172.16.5.101")).out.includes("1 received"));
    const restart = async (hosts: readonly string[]): Promise<void> => {
      const died = await Promise.all(hosts.map(host => gatewayPid(LAB, host)));
      for (const pid of died) process.kill(pid, "SIGKILL");
      for (const host of hosts) await until(async () => ![0, ...died].includes(await gatewayPid(LAB, host)));
      await untilShown(UP, ...MEMBERS);
      await ruled();
      await carries();
    };
    await ruled();
    await keyed("no security key");
    await untilShown(UP, ...MEMBERS);
    await ruled();
    await carries();
    for (const host of MEMBERS) await restart([host]);
    // As two that have never met: nobody rules until they agree.
    for (const host of MEMBERS) rmSync(join(hostFolder(LAB, host), "identity", "beacons"));
    await restart(MEMBERS);
    for (const host of MEMBERS) expect((await cli(LAB, host, "show running-config")).out).not.toContain("security key");
    await keyed("security key TheLabsOwnPairKey");
    await untilShown(UP, ...MEMBERS);
    await ruled();
  });

  test("shut down on one side it is down on both, and comes again", async () => {
    await configure("R1", "ipc zone default", "association 1", "shutdown");
    await untilShown(/^(There is no association|Association 1: down)/, ...MEMBERS);
    await configure("R1", "ipc zone default", "association 1", "no shutdown");
    await untilShown(UP, ...MEMBERS);
  });
});
