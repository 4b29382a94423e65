import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Ipv4, ipv4FromNumber, ipv4ToNumber } from "../wire/address.ts";
import { formatPrefix } from "../wire/prefix.ts";
import { matches, mayMatch, type PacketTuple } from "../wire/selector.ts";
import type { AccessList, AclAddress, AclPort } from "./acl-model.ts";
import { type AclRule, selectorOf, selectorOfIdentities } from "./acl-selectors.ts";
import {
  type AppliedCryptoMap,
  type AskedPart,
  configuredLines,
  cryptoPolicies,
  negotiableTraffic,
  type PolicyLine,
  prefixesAround,
  protectedTraffic,
} from "./crypto-policies.ts";
import { emptyIpsec, type IpsecModel, newMapEntry } from "./ipsec-model.ts";

const ANY: AclAddress = { kind: "any" };
const host = (address: string): AclAddress => ({ kind: "host", address: address as Ipv4 });
const network = (address: string, wildcard: string): AclAddress => ({
  kind: "network",
  address: address as Ipv4,
  wildcard: wildcard as Ipv4,
});

function rule(
  kind: "permit" | "deny",
  source: AclAddress,
  destination: AclAddress,
  more: Partial<AclRule> = {},
): AclRule {
  return {
    sequence: 10,
    kind,
    protocol: "ip",
    source: { address: source, port: undefined },
    destination: { address: destination, port: undefined },
    established: false,
    log: false,
    ...more,
  };
}

/** A map of entries 10, 20, …, each with a list of its own. */
function mapOf(...lists: readonly (readonly AclRule[])[]): { ipsec: IpsecModel; acls: Map<string, AccessList> } {
  const ipsec = emptyIpsec();
  const acls = new Map<string, AccessList>();
  const entries = lists.map((rules, at) => {
    const name = `A${at}`;
    acls.set(name, { name, entries: rules.map((each, index) => ({ ...each, sequence: (index + 1) * 10 })) });
    return [(at + 1) * 10, { ...newMapEntry((at + 1) * 10, undefined), accessList: name }] as const;
  });
  ipsec.maps.set("M", { name: "M", entries: new Map(entries), replayInterval: undefined });
  return { ipsec, acls };
}

const APPLIED: AppliedCryptoMap = { interface: "f0/0", map: "M", owner: "plain" };

function linesOf(...lists: readonly (readonly AclRule[])[]): PolicyLine[] {
  const { ipsec, acls } = mapOf(...lists);
  return cryptoPolicies(configuredLines(ipsec, acls, [APPLIED]));
}

function decide(lines: readonly PolicyLine[], packet: PacketTuple): string | undefined {
  const found = lines.find(line =>
    line.action === "protect" ? mayMatch(line.selector, packet) : matches(line.selector, packet),
  );
  return found?.action === "protect" ? found.traffic.key : undefined;
}

const packet = (source: string, destination: string, more: Partial<PacketTuple> = {}): PacketTuple => ({
  protocol: 6,
  source: source as Ipv4,
  destination: destination as Ipv4,
  ports: { source: 40_000, destination: 80 },
  ...more,
});

describe("an entry of an access list as a selector", () => {
  const port = (of: AclPort): AclRule =>
    rule("permit", ANY, ANY, { protocol: "tcp", destination: { address: ANY, port: of } });

  test.each<[string, AclRule, PacketTuple, boolean]>([
    ["host to any", rule("permit", host("10.0.0.1"), ANY), packet("10.0.0.1", "192.0.2.1"), true],
    ["another host", rule("permit", host("10.0.0.1"), ANY), packet("10.0.0.2", "192.0.2.1"), false],
    [
      "a wildcard with holes",
      rule("permit", network("10.0.0.1", "0.0.255.0"), ANY),
      packet("10.0.7.1", "1.1.1.1"),
      true,
    ],
    ["beside its holes", rule("permit", network("10.0.0.1", "0.0.255.0"), ANY), packet("10.0.7.2", "1.1.1.1"), false],
    ["icmp", rule("permit", ANY, ANY, { protocol: "icmp" }), packet("1.1.1.1", "2.2.2.2", { protocol: 1 }), true],
    ["gre is not tcp", rule("permit", ANY, ANY, { protocol: "gre" }), packet("1.1.1.1", "2.2.2.2"), false],
    ["protocol 6 by number", rule("permit", ANY, ANY, { protocol: 6 }), packet("1.1.1.1", "2.2.2.2"), true],
    ["eq", port({ operator: "eq", port: 80 }), packet("1.1.1.1", "2.2.2.2"), true],
    ["neq", port({ operator: "neq", port: 80 }), packet("1.1.1.1", "2.2.2.2"), false],
    ["range", port({ operator: "range", port: 79, last: 81 }), packet("1.1.1.1", "2.2.2.2"), true],
    ["gt", port({ operator: "gt", port: 80 }), packet("1.1.1.1", "2.2.2.2"), false],
  ])("%s", (_, entry, sent, expected) => {
    const selector = selectorOf(entry);
    expect(selector && matches(selector, sent)).toBe(expected);
  });

  test("what can mean no packet is no selector, nor is a deny that TCP flags decide", () => {
    expect(selectorOf(port({ operator: "lt", port: 0 }))).toBeUndefined();
    expect(selectorOf(rule("deny", ANY, ANY, { protocol: "tcp", established: true }))).toBeUndefined();
    expect(selectorOf(rule("permit", ANY, ANY, { protocol: "tcp", established: true }))).toBeDefined();
  });

  test("identities of a quick mode: 0 is any", () => {
    const prefix = (address: string, length: number) => ({ address: address as Ipv4, length });
    const local = { prefix: prefix("10.99.0.0", 16), protocol: 17, port: 1701 };
    const remote = { prefix: prefix("172.16.5.0", 24), protocol: 17, port: 0 };
    const selector = selectorOfIdentities(local, remote);
    const sent = packet("10.99.3.3", "172.16.5.9", { protocol: 17, ports: { source: 1701, destination: 9 } });
    expect(matches(selector, sent)).toBe(true);
    expect(matches(selector, { ...sent, ports: { source: 1702, destination: 9 } })).toBe(false);
  });
});

describe("crypto maps as policies", () => {
  test("the article's map", () => {
    const lines = linesOf([rule("permit", network("10.99.0.0", "0.0.255.255"), network("172.16.5.0", "0.0.0.255"))]);
    expect(lines).toHaveLength(1);
    const [traffic] = protectedTraffic(lines);
    expect(traffic).toMatchObject({ key: "f0/0 M 10 10", interface: "f0/0", map: "M", sequence: 10, owner: "plain" });
    const { local, remote } = traffic ? prefixesAround(traffic) : {};
    expect([local, remote].map(each => each && formatPrefix(each))).toEqual(["10.99.0.0/16", "172.16.5.0/24"]);
  });

  test("a deny goes on with the next entry, not with the next line", () => {
    const branch = network("172.16.0.0", "0.0.255.255");
    const lines = linesOf(
      [rule("deny", ANY, host("172.16.5.5")), rule("permit", ANY, branch)],
      [rule("permit", host("10.0.0.1"), branch)],
    );
    expect(decide(lines, packet("10.0.0.1", "172.16.5.5"))).toBe("f0/0 M 20 10");
    expect(decide(lines, packet("10.0.0.2", "172.16.5.5"))).toBeUndefined();
    expect(decide(lines, packet("10.0.0.2", "172.16.5.6"))).toBe("f0/0 M 10 20");
  });

  test("a fragment whose ports cannot be seen is protected", () => {
    const web = { protocol: "tcp", destination: { address: ANY, port: { operator: "eq", port: 80 } } } as const;
    const lines = linesOf([rule("deny", ANY, ANY, web), rule("permit", ANY, ANY)]);
    expect(decide(lines, packet("1.1.1.1", "2.2.2.2"))).toBeUndefined();
    expect(decide(lines, { protocol: 6, source: "1.1.1.1" as Ipv4, destination: "2.2.2.2" as Ipv4 })).toBe(
      "f0/0 M 10 20",
    );
  });

  test("a dynamic entry takes the lists of its template", () => {
    const { ipsec, acls } = mapOf([rule("permit", host("10.0.0.1"), ANY)]);
    const template = { ...newMapEntry(5, undefined), accessList: "A0" };
    ipsec.dynamicMaps.set("D", { name: "D", entries: new Map([[5, template]]), replayInterval: undefined });
    ipsec.maps.get("M")?.entries.set(10, newMapEntry(10, "D"));
    const [traffic] = protectedTraffic(cryptoPolicies(configuredLines(ipsec, acls, [APPLIED])));
    expect(traffic).toMatchObject({ key: "f0/0 M 10 D 5 10", sequence: 10 });
  });

  test("a map that is applied nowhere protects nothing", () => {
    const { ipsec, acls } = mapOf([rule("permit", ANY, ANY)]);
    expect(configuredLines(ipsec, acls, [])).toEqual([]);
    expect(configuredLines(ipsec, acls, [{ ...APPLIED, map: "OTHER" }])).toEqual([]);
  });
});

/** A small world, so that rules meet: addresses below 16, ports below 4. */
const address: fc.Arbitrary<AclAddress> = fc.oneof(
  fc.constant(ANY),
  fc.tuple(fc.nat(15), fc.nat(15)).map(
    ([base, wildcard]): AclAddress => ({
      kind: "network",
      address: ipv4FromNumber(base & ~wildcard),
      wildcard: ipv4FromNumber(wildcard),
    }),
  ),
);
const aclPort = fc.option(
  fc.record({ operator: fc.constantFrom("eq", "neq", "gt", "lt"), port: fc.nat(3) }) as fc.Arbitrary<AclPort>,
  { nil: undefined },
);
const aclRule: fc.Arbitrary<AclRule> = fc
  .record({ kind: fc.constantFrom("permit", "deny"), a: address, b: address, p: aclPort, q: aclPort })
  .map(({ kind, a, b, p, q }) =>
    rule(kind, a, b, {
      protocol: p === undefined && q === undefined ? "ip" : "tcp",
      source: { address: a, port: p },
      destination: { address: b, port: q },
    }),
  );

/** What IOS does, entry by entry. */
function asIosDoes(lists: readonly (readonly AclRule[])[], sent: PacketTuple): string | undefined {
  for (const [at, rules] of lists.entries()) {
    const meant = (each: AclRule): boolean => {
      const selector = selectorOf(each);
      return selector !== undefined && matches(selector, sent);
    };
    const index = rules.findIndex(meant);
    if (rules[index]?.kind === "permit") return `f0/0 M ${(at + 1) * 10} ${(index + 1) * 10}`;
  }
  return undefined;
}

test("one list decides as IOS does entry by entry", () => {
  const lists = fc.array(fc.array(aclRule, { maxLength: 5 }), { minLength: 1, maxLength: 4 });
  const some = fc.record({ source: fc.nat(15), destination: fc.nat(15), a: fc.nat(4), b: fc.nat(4) });
  fc.assert(
    fc.property(lists, fc.array(some, { minLength: 5, maxLength: 20 }), (acls, packets) => {
      const lines = linesOf(...acls);
      for (const { source, destination, a, b } of packets) {
        const sent: PacketTuple = {
          protocol: 6,
          source: ipv4FromNumber(source),
          destination: ipv4FromNumber(destination),
          ports: { source: a, destination: b },
        };
        expect(decide(lines, sent)).toBe(asIosDoes(acls, sent));
      }
    }),
    { numRuns: 500 },
  );
});

test("whatever is protected lies inside the prefixes that routes are made of", () => {
  fc.assert(
    fc.property(fc.array(aclRule, { minLength: 1, maxLength: 5 }), rules => {
      for (const traffic of protectedTraffic(linesOf(rules))) {
        const { local, remote } = prefixesAround(traffic);
        for (const [prefix, set] of [
          [local, traffic.selector.source],
          [remote, traffic.selector.destination],
        ] as const) {
          const size = 2 ** (32 - prefix.length);
          const first = ipv4ToNumber(prefix.address as Ipv4);
          expect(ipv4ToNumber(set.addresses.first as Ipv4)).toBeGreaterThanOrEqual(first);
          expect(ipv4ToNumber(set.addresses.last as Ipv4)).toBeLessThan(first + size);
        }
      }
    }),
  );
});

describe("what a peer asked for", () => {
  const wide = [rule("permit", network("10.0.0.0", "0.255.255.255"), network("172.16.0.0", "0.0.255.255"))];
  const part = (source: string, destination: string): AskedPart["selector"] => {
    const selector = selectorOf(rule("permit", host(source), host(destination)));
    if (selector === undefined) throw new TypeError("a host is a selector");
    return selector;
  };
  const partsOf = (key: string, ...asked: [string, string][]): AskedPart[] =>
    asked.map(([source, destination]) => ({ key, selector: part(source, destination) }));
  const sources = (lines: readonly PolicyLine[]): string[] => lines.map(line => line.selector.source.addresses.first);

  test("stands before the permit that it is a part of, and is a flow of its own", () => {
    const { ipsec, acls } = mapOf(wide);
    const configured = configuredLines(ipsec, acls, [APPLIED]);
    const [whole] = negotiableTraffic(configured);
    const lines = cryptoPolicies(configured, partsOf(whole?.key ?? "", ["10.0.0.1", "172.16.0.1"]));
    expect(sources(lines)).toEqual(["10.0.0.1", "10.0.0.0"]);
    expect(protectedTraffic(lines).map(({ key }) => key)).toEqual([whole?.key, whole?.key]);
  });

  test.each<[string, AskedPart[]]>([
    ["of another permit", partsOf("f0/0 M 10 20", ["10.0.0.1", "172.16.0.1"])],
    ["that the permit does not say", partsOf("f0/0 M 10 10", ["11.0.0.1", "172.16.0.1"])],
  ])("a part %s makes no line", (_, parts) => {
    const { ipsec, acls } = mapOf(wide);
    expect(sources(cryptoPolicies(configuredLines(ipsec, acls, [APPLIED]), parts))).toEqual(["10.0.0.0"]);
  });

  test("all that the permit says is the permit", () => {
    const { ipsec, acls } = mapOf(wide);
    const configured = configuredLines(ipsec, acls, [APPLIED]);
    const parts = negotiableTraffic(configured).map(({ key, selector }) => ({ key, selector }));
    expect(cryptoPolicies(configured, parts)).toEqual(configured);
  });

  test("a smaller part stands before the larger that it lies in", () => {
    const { ipsec, acls } = mapOf(wide);
    const larger = selectorOf(rule("permit", network("10.0.0.0", "0.0.0.255"), host("172.16.0.1")));
    if (larger === undefined) throw new TypeError("a network is a selector");
    const key = "f0/0 M 10 10";
    const parts = [{ key, selector: larger }, ...partsOf(key, ["10.0.0.1", "172.16.0.1"])];
    const lines = cryptoPolicies(configuredLines(ipsec, acls, [APPLIED]), parts);
    expect(sources(lines)).toEqual(["10.0.0.1", "10.0.0.0", "10.0.0.0"]);
  });

  test("a template without an access list protects what peers ask for, and nothing before", () => {
    const { ipsec, acls } = mapOf();
    ipsec.maps.get("M")?.entries.set(10, newMapEntry(10, "T"));
    ipsec.dynamicMaps.set("T", {
      name: "T",
      entries: new Map([[5, newMapEntry(5, undefined)]]),
      replayInterval: undefined,
    });
    const configured = configuredLines(ipsec, acls, [APPLIED]);
    expect(negotiableTraffic(configured)).toMatchObject([{ key: "f0/0 M 10 T 5 any", dynamic: true }]);
    expect(cryptoPolicies(configured)).toEqual([]);
    const lines = cryptoPolicies(configured, partsOf("f0/0 M 10 T 5 any", ["10.0.0.1", "172.16.0.1"]));
    expect(sources(lines)).toEqual(["10.0.0.1"]);
  });

  test("a deny before the permit keeps its part out", () => {
    const deny = rule("deny", host("10.0.0.1"), ANY);
    const { ipsec, acls } = mapOf([deny, ...wide]);
    const parts = partsOf("f0/0 M 10 20", ["10.0.0.1", "172.16.0.1"]);
    const lines = cryptoPolicies(configuredLines(ipsec, acls, [APPLIED]), parts);
    expect(decide(lines, packet("10.0.0.1", "172.16.0.1"))).toBeUndefined();
  });
});
