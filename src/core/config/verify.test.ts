import { describe, expect, test } from "vitest";
import { loadConfig } from "./config-document.ts";
import { CAUTIOUS, type HostFacts } from "./problem.ts";

/** Warnings of a configuration that is taken whole; what does not act yet is another test's. */
function warnings(text: string, facts: HostFacts = CAUTIOUS): string[] {
  const { problems } = loadConfig(text, facts);
  expect(problems.filter(each => each.severity === "error")).toEqual([]);
  return problems.map(each => each.message).filter(each => !each.startsWith("Accepted"));
}

/** The lines that are refused, each with its reason. */
function refusals(text: string): string[] {
  return loadConfig(text)
    .problems.filter(each => each.severity === "error")
    .map(({ line, message }) => `${line.trim()}: ${message}`);
}

const OUTSIDE = `
interface FastEthernet0/0
 ip address 10.0.0.1 255.255.255.0
 ipv6 address 2001:db8::1/64
 standby version 2
 standby 1 ip 10.0.0.15
 standby 1 name OUTSIDE`;
const INSIDE = `
interface FastEthernet0/1
 ip address 10.99.0.1 255.255.0.0
 standby version 2
 standby 2 ip 10.99.0.15`;

describe("addresses", () => {
  test("a virtual address belongs to one group", () => {
    expect(refusals(`${OUTSIDE}\n standby 2 ip 10.0.0.15`)).toEqual([
      "standby 2 ip 10.0.0.15: FastEthernet0/0 group 2: " +
        "10.0.0.15 is a virtual address of FastEthernet0/0 group 1 already",
    ]);
    expect(refusals(`${OUTSIDE}\n standby 2 ip 10.0.0.15 secondary`)).toHaveLength(1);
    expect(refusals(`${OUTSIDE}\n standby 2 ip 10.0.0.16`)).toEqual([]);
  });

  test("on two interfaces that have no address yet, too", () => {
    const text = "interface f0/0\n standby 1 ip 10.0.0.15\ninterface f0/1\n standby 1 ip 10.0.0.15";
    expect(refusals(text)).toEqual([
      "standby 1 ip 10.0.0.15: FastEthernet0/1 group 1: " +
        "10.0.0.15 is a virtual address of FastEthernet0/0 group 1 already",
    ]);
  });

  test("a link-local one is each interface's own", () => {
    const group = " standby version 2\n standby 6 ipv6 fe80::15";
    expect(refusals(`interface f0/0\n${group}\ninterface f0/1\n${group}`)).toEqual([]);
    expect(refusals(`interface f0/0\n${group}\n standby 7 ipv6 fe80::15`)).toHaveLength(1);
  });

  test("it is on a network of its interface and not the interface's own, in either family", () => {
    expect(refusals(`${OUTSIDE}\n standby 6 ipv6 2001:db8:9::15`)).toEqual([
      "standby 6 ipv6 2001:db8:9::15: FastEthernet0/0 group 6: 2001:db8:9::15 is not on a network of FastEthernet0/0",
    ]);
    expect(refusals(`${OUTSIDE}\n standby 6 ipv6 2001:db8::1`)).toEqual([
      "standby 6 ipv6 2001:db8::1: FastEthernet0/0 group 6: 2001:db8::1 is the interface's own address",
    ]);
    expect(refusals(`${OUTSIDE}\n standby 2 ip 10.0.0.1`)).toHaveLength(1);
    expect(refusals(`${OUTSIDE}\n standby 6 ipv6 2001:db8::15\n standby 6 ipv6 fe80::15`)).toEqual([]);
  });

  test("a group is of one family, and IPv6 needs version 2", () => {
    expect(refusals(`${OUTSIDE}\n standby 1 ipv6 autoconfig`)).toEqual([
      "standby 1 ipv6 autoconfig: FastEthernet0/0 group 1: a group is of IPv4 or of IPv6; " +
        "take another number for the other",
    ]);
    expect(refusals("interface f0/0\n standby 1 ipv6 autoconfig")).toEqual([
      "standby 1 ipv6 autoconfig: FastEthernet0/0 group 1: IPv6 needs 'standby version 2'",
    ]);
    expect(refusals("interface f0/0\n standby 256 ip")).toEqual([
      "standby 256 ip: FastEthernet0/0: group 256 needs 'standby version 2'; version 1 has groups 0 to 255",
    ]);
  });

  test("a virtual MAC address belongs to one group of an interface", () => {
    expect(refusals(`${OUTSIDE}\n standby 2 mac-address 0000.0c9f.f001`)).toEqual([
      "standby 2 mac-address 0000.0c9f.f001: FastEthernet0/0 group 2: " +
        "0000.0c9f.f001 is the virtual MAC address of FastEthernet0/0 group 1 already",
    ]);
    expect(refusals(`${OUTSIDE}${INSIDE}\n standby 2 mac-address 0000.0c9f.f001`)).toEqual([]);
    expect(refusals(`${OUTSIDE}\n standby use-bia\n standby 2 mac-address 0000.0c9f.f001`)).toEqual([]);
  });
});

describe("who follows whom", () => {
  test("a group that stands, on whatever interface", () => {
    expect(warnings(`${OUTSIDE}${INSIDE}\n standby 2 follow OUTSIDE`)).toEqual([]);
  });

  test("one that is still to come", () => {
    expect(warnings(`${INSIDE}\n standby 2 follow OUTSIDE`)).toEqual([
      "FastEthernet0/1 group 2 waits for a group of the name OUTSIDE to follow",
    ]);
  });

  test("not itself", () => {
    expect(refusals(`${OUTSIDE}\n standby 1 follow OUTSIDE`)).toEqual([
      "standby 1 follow OUTSIDE: FastEthernet0/0 group 1 cannot follow itself",
    ]);
  });

  test("not without an address: a follower learns none", () => {
    expect(refusals(`${OUTSIDE}${INSIDE}\n standby 3 ip\n standby 3 follow OUTSIDE`)).toEqual([
      "standby 3 follow OUTSIDE: FastEthernet0/1 group 3 needs an address of its own: who follows OUTSIDE learns none",
    ]);
  });

  test("not a follower, whichever line comes last", () => {
    const chain = `${OUTSIDE}${INSIDE}\n standby 2 follow OUTSIDE\n standby 2 name INSIDE\n standby 3 ip 10.99.0.16`;
    expect(refusals(`${chain}\n standby 3 follow INSIDE`)).toEqual([
      "standby 3 follow INSIDE: FastEthernet0/1 group 3 cannot follow INSIDE, which follows OUTSIDE",
    ]);
    const early = `${OUTSIDE}${INSIDE}\n standby 3 ip 10.99.0.16\n standby 3 follow INSIDE\n standby 2 follow OUTSIDE`;
    expect(refusals(`${early}\n standby 2 name INSIDE`)).toEqual([
      "standby 2 name INSIDE: FastEthernet0/1 group 3 cannot follow INSIDE, which follows OUTSIDE",
    ]);
  });
});

describe("what a group waits for", () => {
  test("a tracked object", () => {
    expect(warnings(`${OUTSIDE}\n standby 1 track 7`)).toEqual([
      "FastEthernet0/0 group 1 waits for track object 7, which does not exist",
    ]);
    expect(warnings(`${OUTSIDE}\n standby 1 track 7\ntrack 7 interface f0/1 line-protocol`)).toEqual([]);
  });

  test("a key of its key chain", () => {
    const group = `${OUTSIDE}\n standby 1 authentication md5 key-chain KEYS`;
    const waits = ["FastEthernet0/0 group 1 waits for a key of key chain KEYS: until then it accepts no packet"];
    expect(warnings(group)).toEqual(waits);
    expect(warnings(`${group}\nkey chain KEYS\n key 1`)).toEqual(waits);
    expect(warnings(`${group}\nkey chain KEYS\n key 1\n  key-string CANARY`)).toEqual([]);
  });

  test("a scheme waits for its group, which must lead", () => {
    const scheme = "redundancy inter-device\n scheme standby INSIDE";
    expect(warnings(scheme)).toEqual(["Standby scheme INSIDE waits for an HSRP group of this name"]);
    const follower = `${OUTSIDE}${INSIDE}\n standby 2 name INSIDE\n standby 2 follow OUTSIDE`;
    expect(warnings(`${scheme}${follower}`)).toEqual([
      "Standby scheme INSIDE does nothing: FastEthernet0/1 group 2 follows OUTSIDE, which must be the scheme",
    ]);
    expect(warnings(`redundancy inter-device\n scheme standby OUTSIDE${follower}`)).toEqual([]);
  });
});

test("a short hold time is warned of where SCHED_FIFO is not permitted, and only there", () => {
  const text = `${OUTSIDE}\n standby 1 timers msec 15 msec 50`;
  expect(warnings(text)).toEqual([
    "FastEthernet0/0 group 1: a hold time of 50 ms needs SCHED_FIFO, which is not permitted here",
  ]);
  expect(warnings(text, { realTime: true })).toEqual([]);
  expect(warnings(text.replace("15 msec 50", "50 msec 150"))).toEqual([]);
});

test("two groups cannot have one name", () => {
  expect(refusals(`${OUTSIDE}${INSIDE}\n standby 2 name OUTSIDE`)).toEqual([
    "standby 2 name OUTSIDE: the name OUTSIDE stands for FastEthernet0/0 group 1 and FastEthernet0/1 group 2",
  ]);
});

describe("the association", () => {
  const association = (local: string, remote: string) => `
ipc zone default
 association 1
  protocol sctp
   local-port 5005
    local-ip ${local}
   remote-port 5005
    remote-ip ${remote}`;

  test("is between real addresses, and two of them", () => {
    expect(warnings(OUTSIDE + association("10.0.0.1", "10.0.0.2"))).toEqual([]);
    expect(refusals(OUTSIDE + association("10.0.0.15", "10.0.0.2"))).toEqual([
      "local-ip 10.0.0.15: association 1: 10.0.0.15 is a virtual address, which is now here and now there",
    ]);
    expect(refusals(association("10.0.0.1 10.1.0.1", "10.1.0.1"))).toEqual([
      "remote-ip 10.1.0.1: association 1: 10.1.0.1 cannot be at both ends",
    ]);
  });

  test("says what does not protect it", () => {
    expect(warnings("redundancy inter-device\n security ipsec P")).toEqual([
      "security ipsec P does nothing yet: the association is sealed by TLS 1.3 without it",
    ]);
  });
});
