import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { IpAddress } from "../../core/wire/address.ts";
import { type MemoryGateway, typist } from "../memory-gateway.test-support.ts";
import { gatewayWith, running, tracked } from "../redundancy-view.test-support.ts";

const fixture = (name: string): string[] =>
  readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
const shown = async (gateway: MemoryGateway, line: string): Promise<string[]> =>
  (await typist(gateway).type(line)).shown;
const address = (text: string): IpAddress => text as IpAddress;

const ARTICLE = `
interface FastEthernet0/0
 linux-device eth0
 ip address 10.0.0.2 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 name BRANCH-5-TUNNEL
 no shutdown`;

/** Every kind of line, over several groups. */
const EVERYTHING = `
track 1 interface FastEthernet0/1 line-protocol
track 2 ip route 172.16.5.0/24 reachability
interface FastEthernet0/0
 linux-device eth0
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 ip 10.0.0.16 secondary
 standby 1 timers msec 250 msec 750
 standby 1 priority 110
 standby 1 preempt delay minimum 5 reload 120 sync 60
 standby 1 authentication md5 key-string NeverShown
 standby 1 name OUTSIDE
 standby 1 track 1
 standby 1 track 2 shutdown
 standby 1 track 3
 standby 2 ip
 standby 2 authentication text word
 standby 2 mac-address 0000.0c07.ac0f
 standby 3 priority 90
 no shutdown
interface FastEthernet0/1
 linux-device eth1
 ip address 10.99.0.1 255.255.0.0
 standby version 2
 standby use-bia
 standby delay minimum 5 reload 60
 standby 300 ip 10.99.0.15
 standby 300 follow OUTSIDE
 standby 300 preempt
 standby 300 authentication md5 key-chain KEYS
 shutdown
interface averylongname0
 ip address 10.98.0.1 255.255.0.0
 standby ip 10.98.0.15
 no shutdown`;

function everything(): MemoryGateway {
  const gateway = gatewayWith(EVERYTHING);
  tracked(gateway, 1);
  tracked(gateway, 2, { state: "up" });
  running(gateway, "FastEthernet0/0 1", {
    state: "standby",
    changes: 4,
    sinceChangeMs: 26 * 3_600_000,
    nextHelloMs: 84,
    active: { address: address("10.0.0.2"), priority: 100 },
    activeExpiresMs: 640.4,
  });
  running(gateway, "FastEthernet0/0 2", {
    state: "listen",
    changes: 1,
    sinceChangeMs: 59_999,
    virtualAddress: address("10.0.0.77"),
    helloMs: 1000,
    holdMs: 2999,
    active: { address: address("10.0.0.2"), priority: 255 },
    activeExpiresMs: 9184,
    standby: { address: address("10.0.0.3"), priority: 90 },
    standbyExpiresMs: 8000,
  });
  return gateway;
}

test("the article's show standby, octet for octet", async () => {
  const gateway = gatewayWith(ARTICLE);
  running(gateway, "FastEthernet0/0 1", { state: "active", changes: 2, sinceChangeMs: 11_000, nextHelloMs: 1936 });
  expect(await shown(gateway, "show standby")).toEqual(fixture("article-R2.show-standby"));
});

test("every kind of line", async () => {
  expect(await shown(everything(), "show standby all")).toEqual(fixture("everything.show-standby-all"));
});

test("brief: one line a group, names that are too long on their own, no group without an address", async () => {
  expect(await shown(everything(), "show standby brief")).toEqual(fixture("everything.show-standby-brief"));
});

test("without all, groups without a virtual address are left out", async () => {
  const all = await shown(everything(), "show standby all");
  const usual = await shown(everything(), "show standby");
  expect(all.filter(each => each.includes(" - Group ")).length).toBe(5);
  expect(usual.filter(each => each.includes(" - Group "))).toEqual([
    "FastEthernet0/0 - Group 1",
    "FastEthernet0/0 - Group 2",
    "FastEthernet0/1 - Group 300 (version 2)",
    "averylongname0 - Group 0",
  ]);
});

test("one interface, one group, in full and in brief", async () => {
  const gateway = everything();
  const heads = async (line: string): Promise<string[]> =>
    (await shown(gateway, line)).filter(each => each.includes(" - Group "));
  expect(await heads("show standby f0/1")).toEqual(["FastEthernet0/1 - Group 300 (version 2)"]);
  expect(await heads("show standby FastEthernet 0/0 2")).toEqual(["FastEthernet0/0 - Group 2"]);
  expect((await shown(gateway, "show standby f0/0 2 brief")).slice(3)).toEqual([
    "Fa0/0       2    100   Listen  10.0.0.2        10.0.0.3        10.0.0.77",
  ]);
  expect(await shown(gateway, "show standby f0/0 9")).toEqual(["% Group 9 is not configured on FastEthernet0/0"]);
  expect(await shown(gateway, "show standby f9/9")).toEqual(["% Invalid interface FastEthernet9/9"]);
});

test("groups stand in the order of their numbers, whatever was typed first", async () => {
  const gateway = gatewayWith(`${ARTICLE}\n standby 10 ip 10.0.0.17\n standby 9 ip 10.0.0.18`);
  const rows = (await shown(gateway, "show standby brief")).slice(3);
  expect(rows.map(each => each.split(/\s+/)[1])).toEqual(["1", "9", "10"]);
});

test("a group that has not changed since it runs counts no changes, and what is overdue is due now", async () => {
  const gateway = gatewayWith(ARTICLE);
  const active = { address: address("10.0.0.1"), priority: 100 };
  running(gateway, "FastEthernet0/0 1", { state: "speak", active, activeExpiresMs: -3, nextHelloMs: -3 });
  const lines = await shown(gateway, "show standby");
  expect(lines.filter(each => each.includes("state change"))).toEqual([]);
  expect(lines).toContain("  Next hello sent in 0.000 secs");
  expect(lines).toContain("  Active router is 10.0.0.1, priority 100 (expires in 0.000 sec)");
});

test("delay", async () => {
  expect(await shown(everything(), "show standby delay")).toEqual([
    "Interface          Minimum Reload",
    "FastEthernet0/1    5       60",
  ]);
});

describe("why a group is in Init", () => {
  const reason = async (gateway: MemoryGateway): Promise<string | undefined> =>
    (await shown(gateway, "show standby"))[1];

  test("it starts", async () => expect(await reason(gatewayWith(ARTICLE))).toBe("  State is Init"));

  test("the interface is shut", async () =>
    expect(await reason(gatewayWith(ARTICLE.replace("no shutdown", "shutdown")))).toBe(
      "  State is Init (interface down)",
    ));

  test("the cable is out", async () => {
    const gateway = gatewayWith(ARTICLE);
    gateway.kernel = { ...gateway.kernel, links: gateway.kernel.links.map(each => ({ ...each, carrier: false })) };
    expect(await reason(gateway)).toBe("  State is Init (interface down)");
  });

  test("the interface has no address", async () =>
    expect(await reason(gatewayWith(ARTICLE.replace("ip address", "description")))).toBe(
      "  State is Init (no IP address)",
    ));

  test.each([
    ["interface-down", "interface down"],
    ["tracked-shutdown", "tracking shutdown"],
    ["start-delay", "start delay"],
    ["no-leader", "no group to follow"],
  ] as const)("a group that runs says %s itself", async (initBecause, words) => {
    const gateway = gatewayWith(ARTICLE);
    running(gateway, "FastEthernet0/0 1", { initBecause });
    expect(await reason(gateway)).toBe(`  State is Init (${words})`);
  });
});

test("a group that follows another says whom, behind its state, where every parser lets it stand", async () => {
  const gateway = gatewayWith(ARTICLE.replace("standby 1 name BRANCH-5-TUNNEL", "standby 1 follow OUTSIDE"));
  const state = async (): Promise<string | undefined> => (await shown(gateway, "show standby"))[1];
  expect(await state()).toBe('  State is Init (following "OUTSIDE")');
  running(gateway, "FastEthernet0/0 1", { state: "active" });
  expect(await state()).toBe('  State is Active (following "OUTSIDE")');
  gateway.view = { groups: [], schemes: [] };
  running(gateway, "FastEthernet0/0 1", { initBecause: "no-leader", leader: undefined });
  expect(await state()).toBe("  State is Init (no group to follow)");
});

test("an IPv6 group", async () => {
  const gateway = gatewayWith(`
interface f0/0
 linux-device eth0
 ipv6 address 2001:db8::1/64
 standby version 2
 standby 6 ipv6 autoconfig
 standby 6 ipv6 2001:db8::15
 no shutdown`);
  const ipv6 = async (): Promise<string[]> =>
    (await shown(gateway, "show standby")).filter(each => each.includes("IPv6"));
  const mac = "  Local virtual MAC address is 0005.73a0.0006 (v2 IPv6 default)";
  expect(await ipv6()).toEqual([
    "  Link-Local Virtual IPv6 address is FE80::5:73FF:FEA0:6 (conf auto EUI64)",
    "    Virtual IPv6 address 2001:DB8::15",
    mac,
  ]);
  const { type } = typist(gateway);
  for (const line of ["conf t", "interface f0/0", "no standby 6 ipv6 autoconfig", "standby 6 ipv6 2001:db8::/64"])
    await type(line);
  expect(await ipv6()).toEqual([
    "  Link-Local Virtual IPv6 address is FE80::5:73FF:FEA0:6 (impl auto EUI64)",
    "    Virtual IPv6 address 2001:DB8::15",
    "    Virtual IPv6 address 2001:DB8::5:73FF:FEA0:6/64",
    mac,
  ]);
  await type("standby 6 ipv6 fe80::15");
  await type("no standby 6 ipv6 2001:db8::/64");
  expect(await ipv6()).toEqual([
    "  Link-Local Virtual IPv6 address is FE80::15 (conf)",
    "    Virtual IPv6 address 2001:DB8::15",
    mac,
  ]);
  await type("no standby 6 ipv6");
  expect((await shown(gateway, "show standby")).filter(each => each.includes("Virtual IP"))).toEqual([]);
});

test("routers of IPv6 are shown in upper case, and a group without a source says so", async () => {
  const gateway = gatewayWith(`
interface f0/0
 linux-device eth0
 standby version 2
 standby 6 ipv6 autoconfig
 no shutdown`);
  expect((await shown(gateway, "show standby"))[1]).toBe("  State is Init (no link-local address)");
  const active = { address: address("fe80::d2:2"), priority: 110 };
  running(gateway, "FastEthernet0/0 6", { state: "standby", active, activeExpiresMs: 816 });
  const lines = await shown(gateway, "show standby");
  expect(lines).toContain("  Active router is FE80::D2:2, priority 110 (expires in 0.816 sec)");
  expect(lines).toContain("  Active virtual MAC address is 0005.73a0.0006");
  expect((await shown(gateway, "show standby brief")).at(-1)).toBe(
    "Fa0/0       6    100   Standby FE80::D2:2      local           FE80::5:73FF:FEA0:6",
  );
});

test("with the interface's own MAC address, the other member's is not guessed", async () => {
  const gateway = gatewayWith(ARTICLE.replace(" standby 1 name", " standby use-bia\n standby 1 name"));
  const [before] = gateway.view.groups;
  expect(before).toBeUndefined();
  running(gateway, "FastEthernet0/0 1", { state: "active" });
  const mac = async (): Promise<string[]> => (await shown(gateway, "show standby")).filter(each => /MAC/.test(each));
  expect(await mac()).toEqual([
    "  Active virtual MAC address is 0200.0000.0001",
    "  Local virtual MAC address is 0200.0000.0001 (bia)",
  ]);
  gateway.view = { groups: [], schemes: [] };
  running(gateway, "FastEthernet0/0 1", { state: "standby", active: { address: address("10.0.0.1"), priority: 1 } });
  expect(await mac()).toEqual([
    "  Active virtual MAC address is unknown",
    "  Local virtual MAC address is 0200.0000.0001 (bia)",
  ]);
});

/**
 * What the text templates of network automation take as lines of `show standby`; they fail on any other. Written from
 * their description, one for each line that they know.
 */
const KNOWN = [
  /^\S+ - Group \d+( \(version \d+\))?$/,
  /^ +State is \w+( \(.+\))?$/,
  /^ +\d+ state changes?, last state change \S+$/,
  /^ +Virtual IP address is \S+( \(learnt\))?$/,
  /^ +Secondary virtual IP address \S+$/,
  /^ +Active virtual MAC address is \S+$/,
  /^ +Local virtual MAC address is \S+ \((v[12] default|bia|cfgd)\)$/,
  /^ +Hello time \d+ m?sec( \(cfgd \d+ msec\))?, hold time \d+ m?sec( \(cfgd \d+ msec\))?$/,
  /^ +Next hello sent in \d+\.\d{3} secs$/,
  /^ +Authentication (MD5, key-string|MD5, key-chain "\S+"|text, string "\S+")$/,
  /^ +Preemption (disabled|enabled(, delay \w+ \d+ secs(, \w+ \d+ secs)*)?)$/,
  /^ +(Active|Standby) router is (local|unknown|[\d.]+, priority \d+ \(expires in \d+\.\d{3} sec\))$/,
  /^ +Priority \d+ \((default|configured) \d+\)$/,
  /^ +Track object \d+ (\(unknown\)|state (Up|Down) (shutdown|decrement \d+))$/,
  /^ +Group name is "\S+" \((cfgd|default)\)$/,
];

test("no line that the text templates do not know, and each of theirs at least once", async () => {
  const lines = [...fixture("article-R2.show-standby"), ...(await shown(everything(), "show standby all"))];
  expect(lines.filter(line => !KNOWN.some(known => known.test(line)))).toEqual([]);
  expect(KNOWN.filter(known => !lines.some(line => known.test(line)))).toEqual([]);
});

test("the rows of brief have the columns that the text templates want", async () => {
  const [, , heading, ...rows] = await shown(everything(), "show standby brief");
  expect(heading).toMatch(/^Interface\s+Grp\s+Pri\s+P\s+State\s+Active\s+Standby\s+Virtual\s+IP\s*$/);
  const row = /^(\S+)?\s+\d+\s+\d+\s+.\s+\w+\s+\S+\s+\S+\s+\S+$/;
  expect(rows.filter(each => !row.test(each))).toEqual(["averylongname0"]);
});

test("no key is ever shown", async () => {
  const gateway = everything();
  for (const line of ["show standby all", "show standby brief", "show standby counters", "show track"])
    expect((await shown(gateway, line)).join("\n")).not.toContain("NeverShown");
});
