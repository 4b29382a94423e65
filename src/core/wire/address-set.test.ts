/** Sets against lists: in a universe of 64 addresses every question can be answered by counting. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type IpAddress, type Ipv4, ipFromOctets, ipv4FromNumber, parseIp, parseIpv4 } from "./address.ts";
import {
  type AddressSet,
  addressRange,
  anyAddress,
  containsAddresses,
  hasAddress,
  intersectAddresses,
  prefixAddresses,
  prefixAround,
  prefixesOf,
  prefixOf,
  sameAddresses,
  wildcardAddresses,
} from "./address-set.ts";
import { formatPrefix, type Prefix, parsePrefix } from "./prefix.ts";

const ip = (text: string): IpAddress => parseIp(text) ?? fail(text);
const v4 = (text: string): Ipv4 => parseIpv4(text) ?? fail(text);
const prefix = (text: string): Prefix => parsePrefix(text) ?? fail(text);
const range = (first: string, last: string): AddressSet => addressRange(ip(first), ip(last)) ?? fail(first);
const wildcard = (address: string, mask: string): AddressSet =>
  wildcardAddresses({ address: v4(address), wildcard: v4(mask) });

function fail(text: string): never {
  throw new Error(`the test itself is wrong: ${text}`);
}

/** Six bits that matter: at the low end of the address space's last /26, or at its high end with all below free. */
interface Universe {
  readonly addressOf: (bits: number) => Ipv4;
  readonly lastOf: (bits: number) => Ipv4;
  readonly wildcardOf: (free: number) => Ipv4;
}
const universes: Record<string, Universe> = {
  low: {
    addressOf: bits => ipv4FromNumber(0xffff_ffc0 + bits),
    lastOf: bits => ipv4FromNumber(0xffff_ffc0 + bits),
    wildcardOf: free => ipv4FromNumber(free),
  },
  high: {
    addressOf: bits => ipv4FromNumber(bits * 2 ** 26),
    lastOf: bits => ipv4FromNumber(bits * 2 ** 26 + 2 ** 26 - 1),
    wildcardOf: free => ipv4FromNumber(free * 2 ** 26 + 2 ** 26 - 1),
  },
};

const SIX_BITS = Array.from({ length: 64 }, (_, bits) => bits);
type Known = { readonly set: AddressSet | undefined; readonly members: readonly number[] };

function knownSets({ addressOf, lastOf, wildcardOf }: Universe): fc.Arbitrary<Known> {
  const bits = fc.nat(63);
  const simple = fc.oneof(
    fc.tuple(bits, bits).map(([first, last]) => ({
      set: addressRange(addressOf(first), lastOf(last)),
      members: SIX_BITS.filter(each => first <= each && each <= last),
    })),
    fc.tuple(bits, bits).map(([value, free]) => ({
      set: wildcardAddresses({ address: addressOf(value), wildcard: wildcardOf(free) }),
      members: SIX_BITS.filter(each => ((each ^ value) & ~free) === 0),
    })),
  );
  // Cut once more, so that ranges with holes come, too.
  return fc.oneof(
    simple,
    fc.tuple(simple, simple).map(([a, b]) => ({
      set: a.set && b.set && intersectAddresses(a.set, b.set),
      members: a.members.filter(each => b.members.includes(each)),
    })),
  );
}

describe.each(Object.entries(universes))("sets in the %s universe", (_, universe) => {
  const known = knownSets(universe);
  const membersOf = (set: AddressSet | undefined): number[] =>
    set === undefined
      ? []
      : SIX_BITS.filter(bits => hasAddress(set, universe.addressOf(bits)) && hasAddress(set, universe.lastOf(bits)));

  test("have the members that they should, and those at their ends", () => {
    fc.assert(
      fc.property(known, ({ set, members }) => {
        expect(membersOf(set)).toEqual(members);
        if (set === undefined) return;
        expect(set.first).toBe(universe.addressOf(members[0] ?? -1));
        expect(set.last).toBe(universe.lastOf(members.at(-1) ?? -1));
        const span = (members.at(-1) ?? 0) - (members[0] ?? 0) + 1;
        expect(set.holes === undefined).toBe(members.length === span);
      }),
      { numRuns: 1_000 },
    );
  });

  test("intersect, contain and equal as their members do", () => {
    fc.assert(
      fc.property(known, known, (a, b) => {
        if (a.set === undefined || b.set === undefined) return;
        const both = a.members.filter(each => b.members.includes(each));
        expect(membersOf(intersectAddresses(a.set, b.set))).toEqual(both);
        expect(containsAddresses(a.set, b.set)).toBe(both.length === b.members.length);
        expect(sameAddresses(a.set, b.set)).toBe(both.length === a.members.length && both.length === b.members.length);
      }),
      { numRuns: 2_000 },
    );
  });

  test("are the prefixes that they are made of, if they have no holes", () => {
    fc.assert(
      fc.property(known, ({ set, members }) => {
        if (set === undefined) return;
        expect(containsAddresses(prefixAddresses(prefixAround(set)), set)).toBe(true);
        const prefixes = prefixesOf(set);
        expect(prefixes === undefined).toBe(set.holes !== undefined);
        const one = prefixOf(set);
        expect(one).toEqual(prefixes?.length === 1 ? prefixes[0] : undefined);
        if (prefixes === undefined) return;
        expect(prefixes.flatMap(each => membersOf(prefixAddresses(each)))).toEqual(members);
      }),
      { numRuns: 1_000 },
    );
  });
});

test("prefixes, ranges and wildcard masks by name", () => {
  expect(prefixAddresses(prefix("10.1.2.3/8"))).toEqual(range("10.0.0.0", "10.255.255.255"));
  expect(wildcard("10.99.0.7", "0.0.255.255")).toEqual(range("10.99.0.0", "10.99.255.255"));
  expect(wildcard("1.2.3.4", "255.255.255.255")).toEqual(anyAddress(4));
  expect(wildcard("10.0.0.1", "0.255.0.0")).toEqual({
    first: "10.0.0.1",
    last: "10.255.0.1",
    holes: { address: "10.0.0.1", wildcard: "0.255.0.0" },
  });
  expect(prefixOf(wildcard("10.0.0.1", "0.255.0.0"))).toBeUndefined();
  expect(formatPrefix(prefixAround(wildcard("10.0.0.1", "0.255.0.0")))).toBe("10.0.0.0/8");
  expect(addressRange(ip("10.0.0.2"), ip("10.0.0.1"))).toBeUndefined();
  expect(addressRange(ip("10.0.0.2"), ip("::1"))).toBeUndefined();
});

test("a range as prefixes, the fewest of them", () => {
  expect(prefixesOf(range("10.0.0.1", "10.0.0.6"))?.map(formatPrefix)).toEqual([
    "10.0.0.1/32",
    "10.0.0.2/31",
    "10.0.0.4/31",
    "10.0.0.6/32",
  ]);
  expect(prefixesOf(range("2001:db8::", "2001:db8:2:ffff:ffff:ffff:ffff:ffff"))?.map(formatPrefix)).toEqual([
    "2001:db8::/47",
    "2001:db8:2::/48",
  ]);
  expect(prefixesOf(anyAddress(6))?.map(formatPrefix)).toEqual(["::/0"]);
  expect(prefixesOf(range("::1", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe"))?.length).toBe(254);
});

test("IPv6 sets, and sets of two families", () => {
  const address = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(ipFromOctets);
  fc.assert(
    fc.property(address, address, fc.nat(128), (a, b, length) => {
      const set = prefixAddresses({ address: a, length });
      expect(prefixOf(set)?.length).toBe(length);
      expect(hasAddress(set, a)).toBe(true);
      expect(hasAddress(set, b)).toBe(
        intersectAddresses(set, prefixAddresses({ address: b, length: 128 })) !== undefined,
      );
    }),
  );
  for (const four of [anyAddress(4), wildcard("10.0.0.1", "0.255.0.0")]) {
    expect(intersectAddresses(four, anyAddress(6))).toBeUndefined();
    expect(intersectAddresses(anyAddress(6), four)).toBeUndefined();
    expect(containsAddresses(anyAddress(6), four)).toBe(false);
    expect(containsAddresses(four, anyAddress(6))).toBe(false);
    expect(hasAddress(four, ip("::10.0.0.1"))).toBe(false);
  }
});
