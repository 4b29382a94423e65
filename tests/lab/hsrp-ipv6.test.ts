/**
 *      H ── inside ── A, B ── outside ── X
 *
 * IPv6: a group outside and one inside that follows it, each with a link-local and a global virtual address. Whom hosts
 * reach, who tells neighbours where, what moves at a failover, and what the standby never says.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WireError } from "../../src/core/errors.ts";
import { type Ipv6, type MacAddress, parseIpv6 } from "../../src/core/wire/address.ts";
import { decode, padded } from "../../src/core/wire/codec.ts";
import { ethernetFrame } from "../../src/core/wire/ethernet-codec.ts";
import { ICMPV6, type Icmpv6Message, icmpv6Between } from "../../src/core/wire/icmpv6-codec.ts";
import { ipv6Packet } from "../../src/core/wire/ip-codec.ts";
import { claimsOf } from "../../src/lab/frames.ts";
import type { TapFrame } from "../../src/lab/tap.ts";
import { complaintsOf, dissect, TSHARK } from "./dissect.ts";
import { gatewayPid, ROOT, until } from "./harness.ts";
import { type Gateway, HsrpLab, INSIDE, OUTSIDE, saidOf, TIMERS, untilHellos } from "./hsrp-lab.ts";
import { pcapOf } from "./pcap.ts";

const lab = new HsrpLab("hsrpsix");
const GROUP = 6;
const LOCAL = "fe80::5:73ff:fea0:6";
const GLOBAL = "2001:db8::15";
const VIRTUAL = [LOCAL, GLOBAL].map(each => parseIpv6(each) as Ipv6);
const MAC = "0005.73a0.0006";
const ROUTER_ADVERTISEMENT = 134;

async function reaches(host: string, address: string): Promise<boolean> {
  return (await lab.inside(host, "ping", "-6", "-c1", "-W2", address)).code === 0;
}

const untilReached = (host: string, address: string): Promise<boolean> => until(() => reaches(host, address));

async function neighbourMac(host: string, address: string): Promise<string> {
  return /lladdr (\S+)/.exec((await lab.inside(host, "ip", "-6", "neigh", "show", address)).out)?.[1] ?? "none";
}

interface Seen {
  readonly host: string;
  readonly mac: MacAddress;
  readonly to: MacAddress;
  /** ICMPv6's, with the message where it is one that is read here. */
  readonly type: number;
  readonly message: Icmpv6Message | undefined;
}

function icmpOf(frames: readonly TapFrame[]): Seen[] {
  return frames.flatMap(({ device, hex }) => {
    const frame = decode(ethernetFrame, Buffer.from(hex, "hex"), "frame");
    if (frame instanceof WireError || frame.type !== "ipv6") return [];
    const packet = decode(padded(ipv6Packet), frame.payload, "ipv6");
    if (packet instanceof WireError || packet.nextHeader !== ICMPV6) return [];
    const read = decode(icmpv6Between(packet.source, packet.destination), packet.payload, "icmpv6");
    const host = device.replace(/\..*/, "");
    const message = read instanceof WireError ? undefined : read;
    return [{ host, mac: frame.source, to: frame.destination, type: packet.payload[0] ?? 0, message }];
  });
}

/** Who said, from which MAC address, where a virtual address is. */
function advertisements(frames: readonly TapFrame[]): { host: string; mac: string; to: string; target: string }[] {
  return icmpOf(frames).flatMap(({ host, mac, to, message }) => {
    if (message?.kind !== "neighbourAdvertisement" || !VIRTUAL.includes(message.body.target)) return [];
    return [{ host, mac, to, target: message.body.target }];
  });
}

function claimsBy(host: string, frames: readonly TapFrame[]): string[] {
  return frames
    .filter(each => each.device.startsWith(`${host}.`))
    .flatMap(({ hex }) => claimsOf(Buffer.from(hex, "hex"), VIRTUAL))
    .filter(claim => claim.includes(MAC) || claim.includes(LOCAL) || claim.includes(GLOBAL) || claim.endsWith(" 6"));
}

const lines = (number: number): Record<"outside" | "inside", string[]> => ({
  outside: [
    OUTSIDE,
    `ipv6 address 2001:db8::${number}/64`,
    "standby version 2",
    `standby 6 ${TIMERS}`,
    "standby 6 name SIX",
    "standby 6 authentication md5 key-string SharedByBoth",
    "standby 6 ipv6 autoconfig",
    "standby 6 ipv6 2001:db8::15/64",
  ],
  inside: [
    INSIDE,
    `ipv6 address 2001:db8:99::${number}/64`,
    "standby version 2",
    `standby 7 ${TIMERS}`,
    "standby 7 follow SIX",
    "standby 7 ipv6 2001:db8:99::15/64",
  ],
});

async function addressHost(host: string, address: string, gateway: string): Promise<void> {
  const commands = [
    ["ip", "-6", "address", "add", `${address}/64`, "dev", "eth0", "nodad"],
    ["ip", "-6", "route", "add", "default", "via", gateway, "dev", "eth0"],
  ];
  for (const command of commands) expect(await lab.inside(host, ...command)).toMatchObject({ code: 0 });
}

describe.skipIf(!ROOT)("HSRP for IPv6", () => {
  const untilRoles = (wanted: Partial<Record<Gateway, string>>): Promise<void> => lab.untilStates(GROUP, wanted);

  beforeAll(async () => {
    await lab.up();
    for (const [number, host] of ["A", "B"].entries()) {
      const { outside, inside } = lines(number + 1);
      await lab.configure(host, "ipv6 unicast-routing", ...outside);
      await lab.configure(host, ...inside);
      // The first to be configured is the active, by being alone.
      if (host === "A") await untilRoles({ A: "Active" });
    }
    await addressHost("X", "2001:db8::101", LOCAL);
    await addressHost("H", "2001:db8:99::101", "fe80::5:73ff:fea0:7");
    await untilRoles({ A: "Active", B: "Standby" });
  });
  afterAll(() => lab.down());

  test("hosts reach both virtual addresses and each other through them, by the virtual MAC address", async () => {
    await untilReached("X", GLOBAL);
    await untilReached("X", `${LOCAL}%eth0`);
    await untilReached("H", "2001:db8:99::15");
    await untilReached("H", "2001:db8::101");
    for (const each of [GLOBAL, LOCAL]) expect(await neighbourMac("X", each)).toBe("00:05:73:a0:00:06");
    expect(await neighbourMac("H", "fe80::5:73ff:fea0:7")).toBe("00:05:73:a0:00:07");
  });

  test("it is shown as IOS shows it", async () => {
    const shown = await lab.exec("A", "show standby FastEthernet0/0 6");
    for (const line of [
      "FastEthernet0/0 - Group 6 (version 2)",
      "  State is Active",
      "  Link-Local Virtual IPv6 address is FE80::5:73FF:FEA0:6 (conf auto EUI64)",
      "    Virtual IPv6 address 2001:DB8::15/64",
      "  Active virtual MAC address is 0005.73a0.0006",
      "  Local virtual MAC address is 0005.73a0.0006 (v2 IPv6 default)",
      "  Active router is local",
    ])
      expect(shown.split(/\r?\n/)).toContain(line);
    expect((await lab.row("B", 7))?.virtual).toBe("FE80::5:73FF:FEA0:7");
  });

  test("the active alone tells neighbours where, and nobody advertises a router", async () => {
    const tap = await lab.tap(["A", "B"]);
    expect(await lab.inside("X", "ip", "-6", "neigh", "flush", "dev", "eth0")).toMatchObject({ code: 0 });
    // The kernel of the standby answers for its own address, so it has seen what was asked before.
    for (const each of [GLOBAL, `${LOCAL}%eth0`, "2001:db8::2"]) await untilReached("X", each);
    await untilHellos(tap, GROUP, { host: "A", state: "active", count: 3 });
    await untilHellos(tap, GROUP, { host: "B", state: "standby", count: 3 });
    const frames = await tap.take();
    tap.close();
    const told = advertisements(frames);
    expect(new Set(told.map(each => `${each.host} ${each.mac} ${each.target}`))).toEqual(
      new Set([`A ${MAC} ${LOCAL}`, `A ${MAC} ${GLOBAL}`]),
    );
    expect(claimsBy("B", frames)).toEqual([]);
    const icmp = icmpOf(frames);
    expect(icmp.some(each => each.host === "B" && each.message?.kind === "neighbourAdvertisement")).toBe(true);
    expect(icmp.filter(each => each.type === ROUTER_ADVERTISEMENT)).toEqual([]);
  });

  test("a failover moves both addresses, tells everybody, and leaves the old active silent", async () => {
    const tap = await lab.tap(["A", "B"]);
    await lab.configure("A", OUTSIDE, "shutdown");
    await untilRoles({ A: "Init", B: "Active" });
    await untilHellos(tap, GROUP, { host: "B", state: "active", count: 5 });
    for (const [host, each] of [
      ["X", GLOBAL],
      ["X", `${LOCAL}%eth0`],
      ["H", "2001:db8::101"],
    ] as const)
      await untilReached(host, each);
    const frames = await tap.take();
    tap.close();
    // Each port of the switch is heard by itself: what passed two of them at nearly one time has no order.
    const hellos = frames.flatMap((each, at) =>
      saidOf([each], GROUP).some(said => said.host === "B" && said.state === "active") ? [at] : [],
    );
    expect(claimsBy("A", frames.slice(hellos[2]))).toEqual([]);
    const everybody = advertisements(frames).filter(each => each.to === "3333.0000.0001");
    expect(new Set(everybody.map(each => `${each.host} ${each.mac} ${each.target}`))).toEqual(
      new Set([`B ${MAC} ${LOCAL}`, `B ${MAC} ${GLOBAL}`]),
    );
    expect((await lab.row("B", 7))?.state).toBe("Active");
    await lab.configure("A", OUTSIDE, "no shutdown");
    await untilRoles({ A: "Standby", B: "Active" });
  });

  test("a gateway that is killed is followed, and takes part again", async () => {
    await lab.exec("B", "write memory");
    const before = await lab.changes("A", GROUP);
    process.kill(await gatewayPid(lab.name, "B"), "SIGKILL");
    await untilRoles({ A: "Active", B: "Standby" });
    expect((await lab.changes("A", GROUP)).slice(before.length).at(-1)).toBe("Standby -> Active");
    for (const each of [GLOBAL, `${LOCAL}%eth0`]) await untilReached("X", each);
  });

  test.skipIf(!TSHARK)("tshark understands every packet of its life", async () => {
    const folder = mkdtempSync(join(tmpdir(), "us-hsrp6-"));
    const tap = await lab.tap(["A", "B"]);
    await lab.configure("B", OUTSIDE, "standby 6 priority 120", "standby 6 preempt");
    await untilRoles({ A: "Standby", B: "Active" });
    await untilHellos(tap, GROUP, { host: "A", state: "standby", count: 2 });
    await lab.configure("B", OUTSIDE, "no standby 6 ipv6");
    await until(async () => (await lab.row("A", GROUP))?.state === "Active");
    const frames = await tap.take();
    tap.close();
    writeFileSync(join(folder, "six.pcap"), pcapOf(frames));
    const dissected = await dissect(join(folder, "six.pcap"), 2);
    rmSync(folder, { recursive: true, force: true });
    expect(complaintsOf(dissected)).toEqual([]);
    const said = new Set(dissected.map(({ opcode, state }) => `${opcode} ${state}`));
    for (const hello of ["0 4", "0 5", "0 6"]) expect(said).toContain(hello);
    for (const opcode of ["1 ", "2 "])
      expect(
        [...said].some(each => each.startsWith(opcode)),
        opcode,
      ).toBe(true);
    const sent = saidOf(frames, GROUP);
    expect(new Set(sent.map(each => each.source.startsWith("fe80::")))).toEqual(new Set([true]));
  });
});
