import { expect, test } from "vitest";
import { type MemoryGateway, typist } from "./memory-gateway.test-support.ts";
import { gatewayWith, running, scheme, tracked } from "./redundancy-view.test-support.ts";

const shown = async (gateway: MemoryGateway, line: string, answer = ""): Promise<string[]> =>
  (await typist(gateway, answer).type(line)).shown;

const PAIR = `
redundancy inter-device
 scheme standby OUTSIDE
track 1 interface FastEthernet0/0 line-protocol
track 2 ip route 172.16.5.0 255.255.255.0 reachability
track 3 interface FastEthernet0/1 ip routing
interface FastEthernet0/0
 linux-device eth0
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 name OUTSIDE
 standby 1 track 1
 no shutdown
interface FastEthernet0/1
 linux-device eth1
 ip address 10.99.0.1 255.255.0.0
 standby 2 ip 10.99.0.15
 standby 2 follow OUTSIDE
 no shutdown`;

function pair(): MemoryGateway {
  const gateway = gatewayWith(PAIR);
  running(gateway, "FastEthernet0/0 1", { state: "active", refused: { authentication: 12, ttl: 3 } });
  running(gateway, "FastEthernet0/1 2", { state: "active" });
  return gateway;
}

test("show track, as the parsers know it", async () => {
  const gateway = pair();
  tracked(gateway, 1, { trackedBy: [{ interface: "FastEthernet0/0", group: 1 }] });
  tracked(gateway, 2, { state: "down", changes: 2 });
  tracked(gateway, 3);
  expect(await shown(gateway, "show track")).toEqual([
    "Track 1",
    "  Interface FastEthernet0/0 line-protocol",
    "  Line protocol is Up",
    "    1 change, last change 00:00:27",
    "  Tracked by:",
    "    HSRP FastEthernet0/0 1",
    "",
    "Track 2",
    "  IP route 172.16.5.0 255.255.255.0 reachability",
    "  Reachability is Down (no ip route)",
    "    2 changes, last change 00:00:27",
    "",
    "Track 3",
    "  Interface FastEthernet0/1 ip routing",
    "  IP routing is Up",
    "    1 change, last change 00:00:27",
  ]);
  expect((await shown(gateway, "show track 2"))[0]).toBe("Track 2");
  expect(await shown(gateway, "show track 4")).toEqual(["% Track object 4 does not exist"]);
  expect(await shown(gateway, "show track brief")).toEqual([
    "Track Type        Instance                   Parameter        State Last Change",
    "1     interface   FastEthernet0/0            line-protocol    Up    00:00:27",
    "2     ip route    172.16.5.0/24              reachability     Down  00:00:27",
    "3     interface   FastEthernet0/1            ip routing       Up    00:00:27",
  ]);
});

test("show redundancy gate: where the time of the last takeover went, without the steps that it had not", async () => {
  const gateway = pair();
  scheme(gateway, "OUTSIDE", {});
  gateway.view = { ...gateway.view, takeovers: new Map([["OUTSIDE", { role: 0.125, address: 12.3456, told: 104 }]]) };
  expect((await shown(gateway, "show redundancy gate")).slice(-4)).toEqual([
    "  Last takeover by this member, milliseconds after the liveness thread woke for it",
    "    role word and lease          0.13",
    "    virtual addresses           12.35",
    "    main thread told           104.00",
  ]);
});

test("show redundancy gate: who may be active, and what is known of the other", async () => {
  const gateway = pair();
  scheme(gateway, "OUTSIDE", { counters: { "beacons sent": 1234 } });
  expect(await shown(gateway, "show redundancy gate")).toEqual([
    "Scheme standby OUTSIDE",
    "  The gate decides who is active",
    "  This member is active, epoch 4",
    "  The other member is standby, epoch 4, hot, heard 12 msec ago",
    "  Heard on 2 interfaces",
    "  beacons sent                     1234",
    "  FastEthernet0/0 group 1 leads",
    "  FastEthernet0/1 group 2 follows",
  ]);
  expect(await shown(gateway, "show redundancy gate OTHER")).toEqual(["% No redundancy scheme OTHER"]);
});

test("one wire is called one wire, and an unheard member unheard", async () => {
  const gateway = pair();
  scheme(gateway, "OUTSIDE", { role: "standby", peer: undefined, channels: 1 });
  expect((await shown(gateway, "show redundancy gate OUTSIDE")).slice(1, 5)).toEqual([
    "  The gate decides who is active",
    "  This member is standby, epoch 4, not hot",
    "  The other member was not heard",
    "  Heard on 1 interface only: a cut there cannot be told from a death",
  ]);
  gateway.view = { groups: [], schemes: [] };
  scheme(gateway, "OUTSIDE", { peer: undefined, channels: 0 });
  expect(await shown(gateway, "show redundancy gate")).toContain("  Heard on no interface");
});

test("a gate that does not rule says why, and nothing that would then be untrue", async () => {
  const gateway = pair();
  scheme(gateway, "OUTSIDE", { plainBecause: "no security key", role: "init", peer: undefined });
  expect(await shown(gateway, "show redundancy gate")).toEqual([
    "Scheme standby OUTSIDE",
    "  Plain HSRP decides who is active: no security key",
    "  FastEthernet0/0 group 1 leads",
    "  FastEthernet0/1 group 2 follows",
  ]);
  gateway.view = { groups: [], schemes: [] };
  expect((await shown(gateway, "show redundancy gate"))[1]).toBe("  Waits for a group of this name");
  expect(await shown(gatewayWith("hostname R1"), "show redundancy gate")).toEqual([
    "No redundancy scheme is configured: every group is plain HSRP",
  ]);
});

test("show standby counters: every reason, counted or not", async () => {
  const lines = await shown(pair(), "show standby counters");
  expect(lines.slice(0, 2)).toEqual(["FastEthernet0/0 - Group 1", "  Packets refused"]);
  expect(lines).toContain("    ttl                       3  TTL or hop limit other than 1 or 255");
  expect(lines).toContain("    authentication           12  text or digest wrong or missing");
  expect(lines.filter(each => /^ {4}timers +0 /.test(each))).toHaveLength(2);
});

test("force-switchover asks, then hands over what this member is active for", async () => {
  const gateway = pair();
  scheme(gateway, "OUTSIDE");
  scheme(gateway, "ELSEWHERE", { role: "standby" });
  expect(await shown(gateway, "redundancy force-switchover")).toEqual([
    "Proceed with switchover to standby unit? [confirm]",
    "",
  ]);
  expect(gateway.switched).toEqual(["OUTSIDE"]);
  gateway.refusal = "a switchover is under way";
  expect(await shown(gateway, "redundancy force-switchover group OUTSIDE")).toEqual([
    "Proceed with switchover to standby unit? [confirm]",
    "",
    "% OUTSIDE: a switchover is under way",
  ]);
});

test("an answer other than yes leaves everything as it is", async () => {
  const gateway = pair();
  scheme(gateway, "OUTSIDE");
  await shown(gateway, "redundancy force-switchover", "n");
  expect(gateway.switched).toEqual([]);
});

test.each([
  [{ role: "standby" as const }, "% OUTSIDE: this member is standby, not active"],
  [
    { plainBecause: "no security key", role: "init" as const },
    "% OUTSIDE: no switchover while the group is plain HSRP (no security key)",
  ],
  [{ peer: undefined }, "% OUTSIDE: the other member is not heard"],
  [
    { peer: { role: "standby" as const, epoch: 4, hot: false, heardMs: 1 } },
    "% OUTSIDE: the other member is not hot: tunnels would be lost",
  ],
])("without a hot standby nothing is asked and nothing happens: %j", async (said, refusal) => {
  const gateway = pair();
  scheme(gateway, "OUTSIDE", said);
  for (const line of ["redundancy force-switchover", "redundancy force-switchover group OUTSIDE"])
    expect(await shown(gateway, line)).toEqual([refusal]);
  expect(gateway.switched).toEqual([]);
});

test("a scheme that does not exist is refused", async () => {
  expect(await shown(pair(), "redundancy force-switchover group NOBODY")).toEqual(["% No redundancy scheme NOBODY"]);
  expect(await shown(pair(), "redundancy force-switchover")).toEqual(["% No redundancy scheme is configured"]);
});

test("debugging is switched topic by topic, and off altogether", async () => {
  const gateway = pair();
  expect(await shown(gateway, "show debugging")).toEqual([]);
  expect(await shown(gateway, "debug standby terse")).toEqual([
    "HSRP Errors, Events and Packets (terse) debugging is on",
  ]);
  expect(await shown(gateway, "show debugging")).toEqual([
    "HSRP:",
    "  HSRP Errors debugging is on",
    "  HSRP Events debugging is on",
    "  HSRP Packets debugging is on",
    "    (Coup, Resign)",
  ]);
  expect(await shown(gateway, "no debug standby events")).toEqual(["HSRP Events debugging is off"]);
  await shown(gateway, "debug standby packets");
  expect([...gateway.flags].sort()).toEqual(["hsrp-errors", "hsrp-hellos", "hsrp-packets"]);
  expect(await shown(gateway, "undebug standby packets")).toEqual(["HSRP Packets debugging is off"]);
  expect(await shown(gateway, "show debugging")).toEqual(["HSRP:", "  HSRP Errors debugging is on"]);
  expect(await shown(gateway, "debug standby")).toEqual(["HSRP debugging is on"]);
  expect(await shown(gateway, "show debugging")).toContain("    (Hello, Coup, Resign)");
  for (const line of ["undebug all", "no debug all"]) {
    await shown(gateway, "debug standby errors");
    expect(await shown(gateway, line)).toEqual(["All possible debugging has been turned off"]);
    expect(gateway.flags.size).toBe(0);
  }
});

test("without privileges there is neither debug nor switchover", async () => {
  const gateway = pair();
  const { type } = typist(gateway);
  await type("disable");
  for (const line of ["debug standby", "redundancy force-switchover"]) expect((await type(line)).refused).toBe(true);
  expect((await type("show standby brief")).refused).toBe(false);
});
