import { expect, test } from "vitest";
import type { TrackState } from "../net/track-state.ts";
import { type Ipv6, parseIpv6 } from "../wire/address.ts";
import { loadConfig } from "./config-document.ts";
import { wantedGroups } from "./wanted-groups.ts";

const linkLocals = new Map([["eth0", parseIpv6("fe80::1") as Ipv6]]);
const groups = (text: string, tracks: readonly [number, TrackState][] = []) =>
  wantedGroups(loadConfig(text).config, { tracks: new Map(tracks), linkLocals });
const eth0 = (lines: string): string =>
  `track 1 interface eth1 line-protocol\ntrack 2 interface eth1 ip routing\n` +
  `interface eth1\ninterface eth0\n ip address 10.0.0.1 255.255.255.0\n${lines}`;

test("defaults are filled in", () => {
  expect(groups(eth0(" standby 1 ip 10.0.0.15\n"))).toMatchObject([
    {
      settings: {
        interface: "eth0",
        version: 1,
        group: 1,
        address: "10.0.0.1",
        virtualAddress: "10.0.0.15",
        priority: 100,
        helloMs: 3_000,
        holdMs: 10_000,
        timersConfigured: false,
        preempt: undefined,
      },
      device: "eth0",
      auth: { kind: "text", text: "cisco" },
      virtualMac: "0000.0c07.ac01",
      decrement: 0,
    },
  ]);
});

test("a group without an address, or on an interface without one, is none", () => {
  expect(groups(eth0(" standby 1 priority 110\n"))).toEqual([]);
  expect(groups("interface eth0\n standby 1 ip 10.0.0.15\n")).toEqual([]);
});

test("a group on a shut interface is wanted: it says why it is in Init", () => {
  expect(groups(eth0(" standby 1 ip 10.0.0.15\n shutdown\n"))).toHaveLength(1);
});

test("what is tracked and down takes from the priority, and may shut the group", () => {
  const lines = " standby 1 ip 10.0.0.15\n standby 1 track 1 decrement 30\n standby 1 track 2 decrement 5\n";
  const decrement = (one: TrackState, two: TrackState) =>
    groups(eth0(lines), [
      [1, one],
      [2, two],
    ])[0]?.decrement;
  expect([decrement("up", "up"), decrement("down", "up"), decrement("down", "down")]).toEqual([0, 30, 35]);
  const shut = eth0(" standby 1 ip 10.0.0.15\n standby 1 track 1 shutdown\n");
  expect(groups(shut, [[1, "down"]])[0]?.decrement).toBeUndefined();
  expect(groups(shut, [[1, "up"]])[0]?.decrement).toBe(0);
});

test("use-bia, mac-address and version decide the MAC address", () => {
  const mac = (lines: string) => groups(eth0(` standby 300 ip 10.0.0.15\n${lines}`))[0]?.virtualMac;
  expect(mac(" standby version 2\n")).toBe("0000.0c9f.f12c");
  const one = (lines: string) => groups(eth0(`${lines} standby 1 ip 10.0.0.15\n`))[0]?.virtualMac;
  expect(one(" standby 1 mac-address 0200.0000.0001\n")).toBe("0200.0000.0001");
  expect(one(" standby use-bia\n")).toBeUndefined();
});

test("an MD5 key chain gives all its keys, without those that say nothing", () => {
  const chain = "key chain K\n key 1\n  key-string one\n key 2\n key 3\n  key-string three\n";
  const [group] = groups(chain + eth0(" standby 1 ip 10.0.0.15\n standby 1 authentication md5 key-chain K\n"));
  expect(group?.auth).toMatchObject({ kind: "md5", keys: [{ id: 1 }, { id: 3 }] });
});

test("IPv6 is a group of its own, from the link-local address, with version 2 alone", () => {
  const six = " standby 7 ipv6 2001:db8::15\n standby 7 ipv6 autoconfig\n";
  const [group, ...others] = groups(eth0(` standby version 2\n${six}`));
  expect(others).toEqual([]);
  expect(group).toMatchObject({
    settings: { address: "fe80::1", virtualAddress: "fe80::5:73ff:fea0:7", group: 7 },
    own: [{ address: "fe80::1", length: 64 }],
    virtualMac: "0005.73a0.0007",
    secondaries: ["2001:db8::15"],
  });
  expect(groups(eth0(six))).toEqual([]);
  const given = groups(eth0(" standby version 2\n standby 7 ipv6 fe80::7\n"));
  expect(given[0]).toMatchObject({ settings: { virtualAddress: "fe80::7" }, secondaries: [] });
});
