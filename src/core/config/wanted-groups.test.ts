import { expect, test } from "vitest";
import type { HsrpGroup } from "../hsrp/hsrp-group.ts";
import type { TrackState } from "../net/track-state.ts";
import { utf8 } from "../wire/utf8.ts";
import { loadConfig } from "./config-document.ts";
import { type FormerKeysOf, wantedGroups } from "./wanted-groups.ts";

const INTERFACE = "interface FastEthernet0/0\n linux-device eth0\n ip address 10.0.0.1 255.255.255.0\n no shutdown\n";

/** The only group that these lines, in interface mode, ask for. */
function groupOf(lines: string, tracks: [number, TrackState][] = [], former?: FormerKeysOf): HsrpGroup | undefined {
  const [group] = wantedGroups(loadConfig(`${INTERFACE}${lines}`).config, new Map(tracks), former);
  return group;
}

test("what tracked objects take, of those that exist", () => {
  const lines = " standby 1 ip 10.0.0.15\n standby 1 track 1 decrement 20\n standby 1 track 2";
  expect(groupOf(lines, [])?.decrement).toBe(0);
  expect(groupOf(lines, [[1, "up"]])?.decrement).toBe(0);
  expect(groupOf(lines, [[1, "down"]])?.decrement).toBe(20);
  const both: [number, TrackState][] = [
    [1, "down"],
    [2, "down"],
  ];
  expect(groupOf(lines, both)?.decrement).toBe(30);
});

test("an object that shuts the group does so only while it is down", () => {
  const lines = " standby 1 ip 10.0.0.15\n standby 1 track 1 shutdown\n standby 1 track 2";
  expect(groupOf(lines, [[2, "down"]])?.decrement).toBe(10);
  expect(groupOf(lines, [[1, "down"]])).toMatchObject({ decrement: undefined });
});

test("a former key is accepted and does not sign", () => {
  const former: FormerKeysOf = (name, group) =>
    name === "FastEthernet0/0" && group === 1 ? [{ id: 0, octets: utf8("OLD") }] : [];
  const lines = " standby 1 ip 10.0.0.15\n standby 1 authentication md5 key-string NEW timeout 30";
  expect(groupOf(lines, [], former)?.auth).toEqual({
    kind: "md5",
    keys: [
      { id: 0, octets: utf8("NEW") },
      { id: 0, octets: utf8("OLD") },
    ],
  });
  expect(groupOf(" standby 1 ip 10.0.0.15", [], former)?.auth).toEqual({ kind: "text", text: "cisco" });
});

test("a group waits for an address of its own, a device and an address for others", () => {
  expect(groupOf(" standby 1 ip 10.0.0.15")?.settings).toMatchObject({ address: "10.0.0.1", group: 1, priority: 100 });
  expect(groupOf(" standby 1 priority 90")).toBeUndefined();
  expect(groupOf(" standby 1 ip 10.0.0.15\n no ip address")).toBeUndefined();
  expect(groupOf(" standby 1 ip 10.0.0.15\n no linux-device")).toBeUndefined();
});
