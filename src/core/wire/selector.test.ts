import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type IpAddress, type Ipv4, ipv4FromNumber, parseIp } from "./address.ts";
import { type AddressSet, addressRange, prefixAddresses, wildcardAddresses } from "./address-set.ts";
import {
  ANY_PORT,
  containsPorts,
  hasPort,
  intersectPorts,
  isAnyPort,
  type PortCondition,
  type PortSet,
  portRanges,
  portsWhere,
  samePorts,
} from "./port-set.ts";
import { type Prefix, parsePrefix } from "./prefix.ts";
import {
  anyTraffic,
  asPrefixes,
  betweenPrefixes,
  containsSelector,
  intersectSelectors,
  matches,
  mayMatch,
  type PacketTuple,
  reversed,
  type Selector,
  sameSelector,
} from "./selector.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? fail(text);
const prefix = (text: string): Prefix => parsePrefix(text) ?? fail(text);
const ports = (condition: PortCondition): PortSet => portsWhere(condition) ?? fail(condition.operator);

function fail(text: string): never {
  throw new Error(`the test itself is wrong: ${text}`);
}

const ENDS_OF_PORTS = [0, 1, 79, 80, 81, 442, 443, 444, 65_534, 65_535];
const port = fc.oneof(fc.constantFrom(...ENDS_OF_PORTS), fc.nat(65_535));
const condition: fc.Arbitrary<PortCondition> = fc.oneof(
  fc.record({ operator: fc.constantFrom("eq" as const, "neq" as const, "gt" as const, "lt" as const), port }),
  fc.record({ operator: fc.constant("range" as const), port, last: port }),
);

function meant(where: PortCondition, each: number): boolean {
  switch (where.operator) {
    case "eq":
      return each === where.port;
    case "neq":
      return each !== where.port;
    case "gt":
      return each > where.port;
    case "lt":
      return each < where.port;
    case "range":
      return where.port <= each && each <= where.last;
  }
}

describe("ports", () => {
  test("an operator means the ports that it says", () => {
    fc.assert(
      fc.property(condition, port, (where, each) => {
        const set = portsWhere(where);
        expect(set !== undefined && hasPort(set, each)).toBe(meant(where, each));
      }),
      { numRuns: 2_000 },
    );
    expect(portsWhere({ operator: "lt", port: 0 })).toBeUndefined();
    expect(portsWhere({ operator: "gt", port: 65_535 })).toBeUndefined();
    expect(isAnyPort(ports({ operator: "range", port: 0, last: 65_535 }))).toBe(true);
    expect(isAnyPort(ports({ operator: "gt", port: 0 }))).toBe(false);
  });

  test("sets intersect and contain as their ports do", () => {
    // Of few ports, so that counting them answers everything.
    const few = fc.nat(20);
    const set = fc.array(fc.record({ first: few, last: few }), { maxLength: 4 }).map(portRanges);
    const all = Array.from({ length: 21 }, (_, each) => each);
    fc.assert(
      fc.property(set, set, (a, b) => {
        if (a === undefined || b === undefined) return;
        const both = all.filter(each => hasPort(a, each) && hasPort(b, each));
        const shared = intersectPorts(a, b);
        expect(all.filter(each => shared !== undefined && hasPort(shared, each))).toEqual(both);
        expect(containsPorts(a, b)).toBe(all.every(each => !hasPort(b, each) || hasPort(a, each)));
        expect(samePorts(a, b)).toBe(all.every(each => hasPort(b, each) === hasPort(a, each)));
      }),
      { numRuns: 1_000 },
    );
  });

  test("are one value however they were said", () => {
    const set = portRanges([
      { first: 5, last: 6 },
      { first: 9, last: 8 },
      { first: 1, last: 4 },
      { first: 3, last: 5 },
      { first: 10, last: 12 },
    ]);
    expect(set).toEqual([
      { first: 1, last: 6 },
      { first: 10, last: 12 },
    ]);
    expect(() => portRanges([{ first: 0, last: 65_536 }])).toThrow("0-65536 are no ports");
  });
});

const article = betweenPrefixes(prefix("10.99.0.0/16"), prefix("172.16.5.0/24"));
const packet: PacketTuple = {
  protocol: 6,
  source: ip("10.99.1.2"),
  destination: ip("172.16.5.20"),
  ports: { source: 40_000, destination: 80 },
};
const http: Selector = {
  protocol: 6,
  source: article.source,
  destination: { ...article.destination, ports: ports({ operator: "eq", port: 80 }) },
};

describe("selectors", () => {
  test("mean packets by addresses, protocol and ports of both ends", () => {
    expect(matches(article, packet)).toBe(true);
    expect(matches(http, packet)).toBe(true);
    expect(matches(article, { ...packet, source: ip("10.98.1.2") })).toBe(false);
    expect(matches(article, { ...packet, destination: ip("172.16.6.1") })).toBe(false);
    expect(matches(http, { ...packet, protocol: 17 })).toBe(false);
    expect(matches(http, { ...packet, ports: { source: 80, destination: 40_000 } })).toBe(false);
    expect(matches(reversed(http), packet)).toBe(false);
    const back = {
      ...packet,
      source: packet.destination,
      destination: packet.source,
      ports: { source: 80, destination: 40_000 },
    };
    expect(matches(reversed(http), back)).toBe(true);
    const fromHigh = { ...http, source: { ...http.source, ports: ports({ operator: "gt", port: 1023 }) } };
    expect(matches(fromHigh, packet)).toBe(true);
    expect(matches(fromHigh, { ...packet, ports: { source: 1023, destination: 80 } })).toBe(false);
  });

  test("a later fragment matches for certain only where ports do not matter", () => {
    const { ports: _, ...fragment } = packet;
    expect([matches(article, fragment), mayMatch(article, fragment)]).toEqual([true, true]);
    expect([matches(http, fragment), mayMatch(http, fragment)]).toEqual([false, true]);
    const udp = { ...fragment, protocol: 17 };
    expect([matches(http, udp), mayMatch(http, udp)]).toEqual([false, false]);
    // GRE has no ports to wait for.
    const web = { ...http, protocol: "any" as const };
    expect([matches(web, fragment), mayMatch(web, fragment)]).toEqual([false, true]);
    expect(mayMatch(web, { ...fragment, protocol: 47 })).toBe(false);
    expect(mayMatch(http, { ...packet, ports: { source: 1, destination: 81 } })).toBe(false);
  });

  test("everything of a family, and nothing of the other", () => {
    const six = { ...packet, source: ip("2001:db8::1"), destination: ip("2001:db8::2") };
    expect(matches(anyTraffic(6), six)).toBe(true);
    expect(matches(anyTraffic(4), six)).toBe(false);
    expect(matches(anyTraffic(4), packet)).toBe(true);
    expect(intersectSelectors(anyTraffic(4), anyTraffic(6))).toBeUndefined();
    expect(intersectSelectors(anyTraffic(4), article)).toEqual(article);
  });

  test("as prefixes, where they are prefixes", () => {
    expect(asPrefixes(http)).toEqual({ source: prefix("10.99.0.0/16"), destination: prefix("172.16.5.0/24") });
    const odd = wildcardAddresses({ address: ipv4FromNumber(0x0a000001), wildcard: ipv4FromNumber(0x00ff0000) });
    const withHoles = { ...http, source: { ...http.source, addresses: odd } };
    expect(asPrefixes(withHoles)).toBeUndefined();
    expect(asPrefixes(reversed(withHoles))).toBeUndefined();
    expect(matches(withHoles, { ...packet, source: ip("10.7.0.1") })).toBe(true);
    expect(matches(withHoles, { ...packet, source: ip("10.7.0.2") })).toBe(false);
  });
});

/** Few of everything, so that random selectors often meet. */
const few: fc.Arbitrary<Ipv4> = fc.nat(7).map(bits => ipv4FromNumber(0xfffffff8 + bits));
const addresses: fc.Arbitrary<AddressSet> = fc.oneof(
  fc.tuple(few, fc.integer({ min: 28, max: 32 })).map(([address, length]) => prefixAddresses({ address, length })),
  fc.tuple(few, few).map(([a, b]) => addressRange(a, b) ?? addressRange(b, a) ?? fail("no range")),
  fc.tuple(few, fc.nat(7)).map(([address, free]) => wildcardAddresses({ address, wildcard: ipv4FromNumber(free) })),
);
const end = fc.record({
  addresses,
  ports: fc.oneof(
    fc.constant(ANY_PORT),
    fc.tuple(fc.nat(3), fc.nat(3)).map(([a, b]) => portRanges([{ first: Math.min(a, b), last: Math.max(a, b) }]) ?? []),
  ),
});
const selector: fc.Arbitrary<Selector> = fc.record({
  protocol: fc.constantFrom("any" as const, 6, 17),
  source: end,
  destination: end,
});
const tuple: fc.Arbitrary<PacketTuple> = fc.record(
  {
    protocol: fc.constantFrom(6, 17, 47),
    source: few,
    destination: few,
    ports: fc.record({ source: fc.nat(3), destination: fc.nat(3) }),
  },
  { requiredKeys: ["protocol", "source", "destination"] },
);

describe("random selectors and packets", () => {
  test("what both mean, the intersection means, and nothing else", () => {
    fc.assert(
      fc.property(selector, selector, tuple, (a, b, each) => {
        const both = intersectSelectors(a, b);
        const here = (ask: typeof matches): boolean => both !== undefined && ask(both, each);
        expect(here(matches)).toBe(matches(a, each) && matches(b, each));
        // With ports unseen, two selectors of different ports may each match what no packet can.
        if (each.ports !== undefined) expect(here(mayMatch)).toBe(mayMatch(a, each) && mayMatch(b, each));
        else if (here(mayMatch)) expect(mayMatch(a, each) && mayMatch(b, each)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });

  test("what one contains, it means as well; what is the same means the same", () => {
    fc.assert(
      fc.property(selector, selector, tuple, (a, b, each) => {
        if (containsSelector(a, b) && matches(b, each)) expect(matches(a, each)).toBe(true);
        const both = intersectSelectors(a, b);
        expect(containsSelector(a, b)).toBe(both !== undefined && sameSelector(both, b));
        if (both !== undefined) expect(containsSelector(a, both) && containsSelector(b, both)).toBe(true);
        if (matches(a, each)) expect(mayMatch(a, each)).toBe(true);
        expect(sameSelector(reversed(reversed(a)), a)).toBe(true);
      }),
      { numRuns: 3_000 },
    );
  });
});
