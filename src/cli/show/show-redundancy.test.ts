import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { Replication } from "../../core/redundancy/replication.ts";
import type { PeerSnapshot, ReplicationSnapshot } from "../../core/redundancy/replication-port.ts";
import { type MemoryGateway, typist } from "../memory-gateway.test-support.ts";
import { gatewayWith, running } from "../redundancy-view.test-support.ts";

const fixture = (name: string): string[] =>
  readFileSync(new URL(`./fixtures/${name}.txt`, import.meta.url), "utf8")
    .trimEnd()
    .split("\n");
const shown = async (gateway: MemoryGateway, line: string): Promise<string[]> =>
  (await typist(gateway).type(line)).shown;
/** Counts of clients are each system's own. */
const withoutCounts = (lines: readonly string[]): string[] =>
  lines.map(each => each.replace(/^client count = \d+$/, "client count = N"));

const ARTICLE = `
interface FastEthernet0/0
 linux-device eth0
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 name BRANCH-5-TUNNEL
 no shutdown
redundancy inter-device
 scheme standby BRANCH-5-TUNNEL`;

const PEER: PeerSnapshot = {
  member: "R2",
  software: "Understudy 0.1.0",
  version: "1.0",
  state: "ACTIVE",
  stateSince: 60_000 - 7_260_000,
  role: "active",
  epoch: 4,
  insideAddresses: [],
  incompatible: undefined,
  differs: undefined,
};

/** What a scheme that has just begun says, but for what is said here. */
function snapshot(said: Partial<ReplicationSnapshot>): ReplicationSnapshot {
  const core = new Replication({ scheme: "BRANCH-5-TUNNEL", member: "R1", boot: "1", software: "" });
  return { ...core.snapshot(60_000), ...said };
}

const STANDBY = snapshot({
  state: "STANDBY HOT",
  role: { role: "standby", epoch: 4 },
  synced: true,
  peer: PEER,
  link: { up: true, because: "" },
  records: { ike: 1, child: 2 },
});
const ACTIVE = snapshot({
  state: "ACTIVE",
  role: { role: "active", epoch: 4 },
  peerHot: true,
  peer: { ...PEER, state: "STANDBY HOT", role: "standby" },
  link: { up: true, because: "" },
  lag: { entries: 2, records: 3, ms: 12, sequenceNumbers: 8_192 },
});

describe("the article's outputs, byte for byte", () => {
  test.each([
    ["article-R1.show-redundancy-states", STANDBY],
    ["article-R2.show-redundancy-states", ACTIVE],
  ])("%s", async (name, said) => {
    const gateway = gatewayWith(ARTICLE);
    gateway.replications = [said];
    expect(withoutCounts(await shown(gateway, "show redundancy states"))).toEqual(withoutCounts(fixture(name)));
  });

  test("article-R1.show-redundancy-inter-device, and behind it what holds", async () => {
    const gateway = gatewayWith(ARTICLE);
    running(gateway, "FastEthernet0/0 1", { state: "standby" });
    gateway.replications = [STANDBY];
    const lines = await shown(gateway, "show redundancy inter-device");
    const article = fixture("article-R1.show-redundancy-inter-device");
    expect(lines.slice(0, article.length)).toEqual(article);
    expect(lines.slice(article.length)).toEqual([
      "  Association: up, sealed",
      "  Peer: R2, Understudy 0.1.0, epoch 4",
      "  Epoch 4: 1 IKE SAs, 2 Child SAs",
      "  This member holds everything that the active holds",
    ]);
  });
});

test("alone, the mode is simplex and nothing can be handed over", async () => {
  const gateway = gatewayWith(ARTICLE);
  expect((await shown(gateway, "show redundancy states")).slice(0, 8)).toEqual([
    "   my state = 1  -DISABLED",
    " peer state = 1  -DISABLED",
    "       Mode = Simplex",
    "    Unit ID = 0",
    "",
    "Maintenance Mode = Disabled",
    "   Manual Swact = Disabled  Reason: Simplex mode",
    " Communications = Down      Reason: Simplex mode",
  ]);
});

test("a scheme without a way to the peer says so", async () => {
  expect((await shown(gatewayWith(ARTICLE), "show redundancy inter-device")).slice(-2)).toEqual([
    "  Security: Not configured",
    "  Association: none is complete and not shut down",
  ]);
});

test("of several schemes each has its lines; the active says how far its standby is behind", async () => {
  const gateway = gatewayWith(`${ARTICLE}\n scheme standby OTHER\n security key KnownToBoth`);
  gateway.replications = [ACTIVE, { ...STANDBY, scheme: "OTHER", peer: { ...PEER, differs: "crypto map M" } }];
  expect((await shown(gateway, "show redundancy states")).filter(each => /^Scheme|my state/.test(each))).toEqual([
    "Scheme standby BRANCH-5-TUNNEL",
    "   my state = 13 -ACTIVE",
    "Scheme standby OTHER",
    "   my state = 8  -STANDBY HOT",
  ]);
  const lines = await shown(gateway, "show redundancy inter-device");
  expect(lines.filter(each => /state:|Security|behind|differ/.test(each))).toEqual([
    "Redundancy inter-device state: RF_INTERDEV_STATE_ACT",
    "  Security: key",
    "  Standby: hot, behind by 3 records, 12 ms, 8192 sequence numbers",
    "Redundancy inter-device state: RF_INTERDEV_STATE_STDBY",
    "  Security: key",
    "  Configurations differ: crypto map M",
  ]);
  expect(lines.join()).not.toContain("KnownToBoth");
});

describe("show redundancy, the pair as one system", () => {
  const system = async (said: readonly ReplicationSnapshot[]): Promise<string[]> => {
    const gateway = gatewayWith(`hostname R1\n${ARTICLE}`);
    gateway.replications = [...said];
    return await shown(gateway, "show redundancy");
  };
  const { now } = ACTIVE;

  test("of the active: what it has seen, what it is, what its peer is", async () => {
    const lines = await system([
      {
        ...ACTIVE,
        history: [{ at: now - 50_000, from: "ACTIVE-POSTCONFIG", to: "ACTIVE", because: "" }],
        switchovers: [{ at: now - 51_000, epoch: 4, how: "switchover", stateful: true, active: "this" }],
        counters: { ...ACTIVE.counters, "not-hot": 2 },
      },
    ]);
    expect(lines.map(each => each.replace(/Image Version = Cisco IOS Software, .*/, "Image Version = OURS"))).toEqual([
      "Redundant System Information :",
      "------------------------------",
      "       Available system uptime = 1 hour, 0 minutes",
      "Switchovers system experienced = 1",
      "              Standby failures = 2",
      "        Last switchover reason = orderly switchover",
      "",
      "                 Hardware Mode = Duplex",
      "    Configured Redundancy Mode = Stateful Switchover",
      "     Operating Redundancy Mode = Stateful Switchover",
      "              Maintenance Mode = Disabled",
      "                Communications = Up",
      "",
      "Current Processor Information :",
      "-------------------------------",
      "               Active Location = slot R1",
      "        Current Software state = ACTIVE",
      "       Uptime in current state = 0 minutes",
      "                 Image Version = OURS",
      "        Configuration register = 0x2102",
      "",
      "Peer Processor Information :",
      "----------------------------",
      "              Standby Location = slot R2",
      "        Current Software state = STANDBY HOT",
      "       Uptime in current state = 2 hours, 1 minute",
      "                 Image Version = Understudy 0.1.0",
    ]);
  });

  test("of a standby that does not hold everything yet", async () => {
    const lines = await system([{ ...STANDBY, state: "STANDBY COLD-BULK", synced: false }]);
    expect(lines.filter(each => /Location|Operating|reason/.test(each))).toEqual([
      "        Last switchover reason = none",
      "     Operating Redundancy Mode = Non-redundant",
      "              Standby Location = slot R1",
      "               Active Location = slot R2",
    ]);
  });

  test("alone, without a scheme, and of several schemes each", async () => {
    const alone = await system([]);
    expect(alone).toContain("    Configured Redundancy Mode = Non-redundant");
    expect(alone).toContain("               Active Location = slot R1");
    expect(alone).toContain("                Communications = Down      Reason: Simplex mode");
    expect(alone.at(-1)).toBe(
      "Peer (slot: unavailable) information is not available because it is in 'DISABLED' state",
    );
    const lost = await system([{ ...ACTIVE, peer: undefined, link: { up: false, because: "nothing heard" } }]);
    expect(lost).toContain("                Communications = Down      Reason: nothing heard");
    expect(lost).toContain("    Configured Redundancy Mode = Stateful Switchover");
    const two = await system([ACTIVE, { ...STANDBY, scheme: "OTHER" }]);
    expect(two.filter(each => each.startsWith("Scheme"))).toEqual([
      "Scheme standby BRANCH-5-TUNNEL",
      "Scheme standby OTHER",
    ]);
  });
});

test("history tells the uptime of each change, switchovers the time of day", async () => {
  const gateway = gatewayWith(ARTICLE);
  const { now } = STANDBY;
  gateway.replications = [
    {
      ...STANDBY,
      history: [{ at: now - 11_000, from: "STANDBY HOT", to: "ACTIVE-FAST", because: "active with epoch 5" }],
      switchovers: [
        { at: now - 11_000, epoch: 5, how: "failover", stateful: true, active: "this" },
        { at: now - 1_000, epoch: 6, how: "switchover", stateful: true, active: "peer" },
      ],
    },
  ];
  expect(await shown(gateway, "show redundancy history")).toEqual([
    "00:59:49 *my state = ACTIVE-FAST(9)  active with epoch 5",
  ]);
  const lines = await shown(gateway, "show redundancy switchover history");
  expect(lines.slice(3).map(each => each.replace(/\d\d:\d\d:.*/, "TIME"))).toEqual([
    "   1   5           local     peer failed           TIME",
    "   2   6           peer      role given up         TIME",
  ]);
  gateway.replications = [STANDBY];
  expect(await shown(gateway, "show redundancy switchover history")).toEqual([
    "No switchovers since this gateway started",
  ]);
});

test("clients are as many as are counted, and counters have a line each", async () => {
  const gateway = gatewayWith(ARTICLE);
  gateway.replications = [ACTIVE];
  const clients = await shown(gateway, "show redundancy clients");
  const states = await shown(gateway, "show redundancy states");
  expect(states).toContain(`client count = ${clients.length}`);
  expect(clients[0]).toBe(" clientID = 0      clientSeq = 0      RF_INTERNAL_MSG");
  const counters = await shown(gateway, "show redundancy counters");
  expect(counters).toContain("                  comm link up = 0");
  expect(counters).toContain("           oldest of them (ms) = 12");
});

test("clear redundancy history and counters", async () => {
  const gateway = gatewayWith(ARTICLE);
  await shown(gateway, "clear redundancy history");
  await shown(gateway, "clear redundancy counters");
  expect(gateway.cleared).toEqual(["history", "counters"]);
});

test("debug redundancy is on in the mask, and in show debugging", async () => {
  const gateway = gatewayWith(ARTICLE);
  expect(await shown(gateway, "debug redundancy")).toEqual(["Redundancy debugging is on"]);
  expect(await shown(gateway, "show redundancy states")).toContain("       RF debug mask = 0x3");
  expect(await shown(gateway, "show debugging")).toEqual(["Redundancy:", "  Redundancy debugging is on"]);
  await shown(gateway, "debug standby");
  await shown(gateway, "no debug standby");
  expect([...gateway.flags]).toEqual(["redundancy"]);
  expect(await shown(gateway, "undebug redundancy")).toEqual(["Redundancy debugging is off"]);
});

test("show crypto ha names the virtual address of each map's group", async () => {
  const gateway = gatewayWith(`
crypto isakmp policy 10
 authentication pre-share
crypto isakmp key Secret address 10.0.0.4
crypto ipsec transform-set T esp-aes esp-sha-hmac
ip access-list extended A
 permit ip 172.16.0.0 0.0.255.255 172.17.0.0 0.0.255.255
crypto map M 10 ipsec-isakmp
 set peer 10.0.0.4
 set transform-set T
 match address A
${ARTICLE}
interface FastEthernet0/0
 crypto map M redundancy BRANCH-5-TUNNEL stateful`);
  expect(await shown(gateway, "show crypto ha")).toEqual([
    "IKE VIP: 10.0.0.15",
    "IPSec VIP: 10.0.0.15",
    "  Crypto map M, group BRANCH-5-TUNNEL: tunnels are replicated",
  ]);
  expect(await shown(gatewayWith(ARTICLE), "show crypto ha")).toEqual(["No crypto map is bound to an HSRP group"]);
});
