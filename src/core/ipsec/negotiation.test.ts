import { expect, test } from "vitest";
import type { IpAddress, Ipv4 } from "../wire/address.ts";
import { wildcardAddresses } from "../wire/address-set.ts";
import { parsePrefix } from "../wire/prefix.ts";
import { betweenPrefixes, containsSelector, type Selector } from "../wire/selector.ts";
import { chooseNegotiable, type Negotiable, selectorToAsk } from "./negotiation.ts";

const HERE = "10.0.0.15" as Ipv4;
const PEER = "172.16.0.18" as IpAddress;

function between(source: string, destination: string): Selector {
  const [left, right] = [parsePrefix(source), parsePrefix(destination)];
  if (left === undefined || right === undefined) throw new TypeError(`${source} ${destination} are no prefixes`);
  return betweenPrefixes(left, right);
}

function permit(traffic: string, selector: Selector, more: Partial<Negotiable> = {}): Negotiable {
  return {
    traffic,
    owner: "plain",
    map: "MAP",
    interface: "f0/0",
    local: HERE,
    peers: [PEER],
    proposals: [],
    pfsGroup: undefined,
    lifetime: { seconds: 3_600, kilobytes: 4_608_000 },
    replayWindow: 64,
    selector,
    ...more,
  };
}

const WIDE = between("10.99.0.0/16", "172.16.5.0/24");
const NARROW = between("10.99.1.0/24", "172.16.5.0/24");
const asked = (selector: Selector, more: object = {}) => ({ local: HERE, remote: PEER, selector, ...more });

test("mirrored lists meet", () => {
  const list = [permit("1", between("10.98.0.0/16", "172.16.5.0/24")), permit("2", WIDE)];
  const { negotiable, selector } = chooseNegotiable(list, asked(WIDE));
  expect([negotiable?.traffic, selector]).toEqual(["2", WIDE]);
});

test("a part of a permit is taken as asked for, and more than it is not", () => {
  expect(chooseNegotiable([permit("1", WIDE)], asked(NARROW))).toMatchObject({ selector: NARROW });
  expect(chooseNegotiable([permit("1", NARROW)], asked(WIDE))).toEqual({ refused: "proxy identities not supported" });
});

test("what says exactly this goes before what says more", () => {
  const { negotiable } = chooseNegotiable([permit("1", WIDE), permit("2", NARROW)], asked(NARROW));
  expect(negotiable?.traffic).toBe("2");
});

test("among equals the first entry decides", () => {
  expect(chooseNegotiable([permit("1", WIDE), permit("2", WIDE)], asked(WIDE)).negotiable?.traffic).toBe("1");
});

test("a protocol that the permit does not mean is more than it says", () => {
  const tcp = { ...WIDE, protocol: 6 };
  expect(chooseNegotiable([permit("1", tcp)], asked(WIDE)).refused).toBe("proxy identities not supported");
  expect(chooseNegotiable([permit("1", WIDE)], asked(tcp)).negotiable?.traffic).toBe("1");
});

test("peers: those that are named, or any", () => {
  const other = { remote: "192.0.2.1" as IpAddress };
  expect(chooseNegotiable([permit("1", WIDE)], asked(WIDE, other)).refused).toBe("no entry for this peer");
  expect(chooseNegotiable([permit("1", WIDE, { peers: [] })], asked(WIDE, other)).negotiable?.traffic).toBe("1");
});

test("only at the address that the map is applied to", () => {
  const local = { local: "10.0.0.1" as IpAddress };
  expect(chooseNegotiable([permit("1", WIDE)], asked(WIDE, local)).refused).toBe("no crypto map at this address");
});

const PACKET = {
  protocol: 6,
  source: "10.99.1.7" as Ipv4,
  destination: "172.16.5.9" as Ipv4,
  ports: { source: 40_000, destination: 5_001 },
};

test.each<[string, Partial<Selector>]>([
  ["two prefixes", {}],
  ["one port", { protocol: 6, destination: { ...WIDE.destination, ports: [{ first: 80, last: 80 }] } }],
])("a permit of %s is asked for as it is", (_, change) => {
  const permit = { ...WIDE, ...change };
  expect(selectorToAsk(permit, PACKET)).toBe(permit);
});

const HOLES = wildcardAddresses({ address: "10.99.0.7" as Ipv4, wildcard: "0.0.255.0" as Ipv4 });

test("what two identities cannot say is asked for as the packet needs it, and is a part of the permit", () => {
  const ports = { ...WIDE, protocol: 6, destination: { ...WIDE.destination, ports: [{ first: 5_000, last: 6_000 }] } };
  const one = selectorToAsk(ports, PACKET);
  expect(one.destination.ports).toEqual([{ first: 5_001, last: 5_001 }]);
  expect(one.source.ports).toEqual(WIDE.source.ports);
  expect(one.source.addresses).toEqual({ first: "10.99.1.7", last: "10.99.1.7" });
  expect(containsSelector(ports, one)).toBe(true);
  const holes = { ...WIDE, source: { ...WIDE.source, addresses: HOLES } };
  const hosts = selectorToAsk(holes, PACKET);
  expect(containsSelector(holes, hosts)).toBe(true);
  expect([hosts.protocol, hosts.destination.addresses]).toEqual(["any", { first: "172.16.5.9", last: "172.16.5.9" }]);
});

test("a fragment says no ports: then all of them are asked for", () => {
  const { ports: _, ...fragment } = PACKET;
  const permit = { ...WIDE, protocol: 6, destination: { ...WIDE.destination, ports: [{ first: 5_000, last: 6_000 }] } };
  expect(selectorToAsk(permit, fragment).destination.ports).toEqual(WIDE.destination.ports);
});
