/** What is told of others on the segment, and how seldom. */
import { beforeEach, expect, test } from "vitest";
import { iosLine } from "../log/message.ts";
import { parseMac } from "../wire/address.ts";
import { GroupAlarms } from "./group-alarms.ts";
import type { LivenessEffect } from "./liveness-port.ts";
import { group, ip, Member, ToyNetwork } from "./toy-network.test-support.ts";

const effects: LivenessEffect[] = [];
const told = (): string[] => effects.splice(0).flatMap(each => (each.do === "report" ? [iosLine(each.event)] : []));
const one = group({ address: "10.0.0.1", more: { secondaries: [ip("10.0.0.20")] } });
let alarms: GroupAlarms;
beforeEach(() => {
  effects.length = 0;
  alarms = new GroupAlarms(effect => effects.push(effect));
});

test("H04: bad authentication, once a minute for each source", () => {
  const claim = {
    opcode: "hello",
    state: "active",
    group: 1,
    priority: 1,
    helloMs: 1,
    holdMs: 3,
    virtualAddress: undefined,
  } as const;
  const refused = { kind: "refused", because: "authentication", detail: "text", claim } as const;
  for (const now of [0, 1, 59_999]) alarms.refused(one, refused, ip("10.0.0.9"), now);
  alarms.refused(one, refused, ip("10.0.0.8"), 1);
  expect(told()).toEqual([
    "%HSRP-4-BADAUTH: Bad authentication from 10.0.0.9, group 1, remote state Active",
    "%HSRP-4-BADAUTH: Bad authentication from 10.0.0.8, group 1, remote state Active",
  ]);
  alarms.refused(one, refused, ip("10.0.0.9"), 60_000);
  expect(told()).toHaveLength(1);
});

test("H17: a loop, once; other refusals are counted, not told", () => {
  for (const because of ["own-packet", "own-packet", "ttl", "malformed"] as const)
    alarms.refused(one, { kind: "refused", because, detail: "" }, ip("10.0.0.1"), 0);
  expect(told()).toEqual(["%HSRP-4-LOOP: outside Grp 1 receives its own packets: the segment has a loop"]);
});

test("H10: another virtual address of the active, but for one of our own secondaries", () => {
  for (const theirs of ["10.0.0.15", "10.0.0.20", "10.0.0.16", "10.0.0.17"]) alarms.addressOfActive(one, ip(theirs), 0);
  expect(told()).toEqual([
    "%HSRP-4-DIFFVIP1: outside Grp 1 active routers virtual IP address 10.0.0.16 is different to the locally " +
      "configured address 10.0.0.15",
  ]);
});

test("H16: who claims the address is told of once a minute, and answered once a second, by the active alone", () => {
  const a = new Member("A", 1);
  const net = new ToyNetwork(a);
  net.give(a, { kind: "configure", settings: { groups: [one], up: ["outside"], schemes: [] } });
  const mac = parseMac("0200.0000.0001");
  if (mac === undefined) throw new Error("0200.0000.0001 is a MAC address");
  const claim = (): void => net.give(a, { kind: "claimed", group: "outside 1", mac });
  claim();
  expect(a.done.some(({ effect }) => effect.do === "report")).toBe(false);
  net.run(5_000);
  a.done.length = 0;
  for (let times = 0; times < 10; times++) {
    claim();
    net.run(250);
  }
  const count = (kind: LivenessEffect["do"]): number => a.done.filter(({ effect }) => effect.do === kind).length;
  expect([count("report"), count("announce")]).toEqual([1, 3]);
});
