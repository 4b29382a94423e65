import { expect, test } from "vitest";
import { emptyConfig } from "../../core/config/config.ts";
import { loadConfig } from "../../core/config/config-document.ts";
import { wantedGroups } from "../../core/config/wanted-groups.ts";
import type { SchemeSettings } from "../../core/gate/liveness-port.ts";
import { allOwners, ownersOf } from "./owners.ts";

const { config } = loadConfig(`
interface eth0
 ip address 10.0.0.1 255.255.255.0
 standby 1 ip 10.0.0.15
 standby 1 name OUT
 standby 9 ip 10.0.0.19
interface eth1
 ip address 10.1.0.1 255.255.255.0
 standby 2 ip 10.1.0.15
 standby 2 follow OUT
 standby 3 ip 10.1.0.16
 standby 3 follow NOBODY
`);
const NO_FACTS = { tracks: new Map(), linkLocals: new Map() };
const groups = wantedGroups(config, NO_FACTS);
const scheme: SchemeSettings = {
  name: "OUT",
  paths: [],
  key: undefined,
  storedEpoch: 0,
  drainMs: 250,
  holdDownMs: 1_000,
};
const owners = (schemes: SchemeSettings[]): Record<string, string[]> =>
  Object.fromEntries(groups.map(group => [group.settings.group, ownersOf(group, { groups, schemes })]));

test("without a scheme a group owns itself, and those that follow it", () => {
  expect(owners([])).toEqual({ 1: ["eth0 1"], 9: ["eth0 9"], 2: ["eth0 1"], 3: ["eth1 3"] });
});

test("with one the scheme's word may be it, for the leader and for those that follow", () => {
  expect(owners([scheme])).toMatchObject({ 1: ["OUT", "eth0 1"], 2: ["OUT", "eth0 1"], 9: ["eth0 9"] });
});

test("every owner that there may be has a line", () => {
  expect(allOwners({ groups, schemes: [scheme] })).toEqual(["OUT", "eth0 1", "eth0 9", "eth1 2", "eth1 3"]);
  expect(allOwners({ groups: wantedGroups(emptyConfig(), NO_FACTS), schemes: [] })).toEqual([]);
});
