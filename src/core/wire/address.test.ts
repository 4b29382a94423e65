import { isIPv4, isIPv6, SocketAddress } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareIp,
  type IpAddress,
  ipFromOctets,
  ipToOctets,
  ipv4FromNumber,
  ipv4FromOctets,
  ipv4ToNumber,
  isIpv4,
  isLinkLocal,
  isLoopback,
  isMulticast,
  isUnspecified,
  macFromOctets,
  macToOctets,
  parseIp,
  parseIpv4,
  parseIpv6,
  parseMac,
} from "./address.ts";
import {
  formatPrefix,
  lastOf,
  lengthToMask,
  lengthToWildcard,
  maskToLength,
  networkOf,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from "./prefix.ts";

const address = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .map(ipFromOctets);
const parse = (text: string) => parseIp(text) ?? ipv4FromNumber(0);
const prefix = (text: string) => parsePrefix(text) ?? { address: ipv4FromNumber(0), length: 0 };

describe("addresses", () => {
  test("agree with the platform on what is an address, and on its canonical form", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.ipV4(), fc.ipV6(), fc.string({ maxLength: 20 }), fc.stringMatching(/^[0-9a-f:.]{1,24}$/)),
        text => {
          expect(parseIpv4(text) !== undefined).toBe(isIPv4(text));
          expect(parseIpv6(text) !== undefined).toBe(isIPv6(text));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("IPv6 is written as RFC 5952 says", () => {
    for (const [text, canonical] of [
      ["2001:0DB8:0:0:0:0:2:1", "2001:db8::2:1"],
      ["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
      ["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
      ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
      ["0:0:0:0:0:0:0:0", "::"],
      ["::FFFF:a00:1", "::ffff:10.0.0.1"],
      ["::ffff:10.0.0.1", "::ffff:10.0.0.1"],
      ["::fffe:10.0.0.1", "::fffe:a00:1"],
      ["::10.0.0.1", "::a00:1"],
      ["1::ffff:10.0.0.1", "1::ffff:a00:1"],
      ["2001:db8:1:1:1:1:10.0.0.1", "2001:db8:1:1:1:1:a00:1"],
      ["fe80::", "fe80::"],
      ["ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
    ] as const) {
      expect(parseIpv6(text)).toBe(canonical);
    }
    for (const text of [
      ":",
      ":::",
      "1::2::3",
      "1:2:3:4:5:6:7:8:9",
      "1:2:3:4:5:6:7::8",
      "1:2:3:4:5:6:7:8::",
      "1:2:3:4:5:6:7:8::9",
      "::1:2:3:4:5:6:10.0.0.1",
      "1:2:3:4:5:6:7:10.0.0.1",
      "12345::",
      "::1%eth0",
      "1:2:3:4:5:6:7",
      "::10.0.0.256",
    ])
      expect(parseIpv6(text)).toBeUndefined();
  });

  test("the canonical form means what the platform's parser says", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), octets => {
        const made = ipFromOctets(octets);
        const there = new SocketAddress({ address: made, family: "ipv6" }).address;
        expect(parseIpv6(there)).toBe(made);
      }),
    );
  });

  test("octets and back, number and back, MAC and back", () => {
    fc.assert(
      fc.property(address, each => {
        expect(ipFromOctets(ipToOctets(each))).toBe(each);
      }),
    );
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), value => {
        expect(ipv4ToNumber(ipv4FromNumber(value))).toBe(value);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), octets => {
        expect(macToOctets(macFromOctets(octets))).toEqual(octets);
      }),
    );
  });

  test("octets that are too few or too many, and numbers too large, are bugs of ours", () => {
    expect(() => macFromOctets(new Uint8Array(5))).toThrow("5 octets are no MAC address");
    expect(() => ipv4FromOctets(new Uint8Array(5))).toThrow("5 octets are no IPv4 address");
    expect(() => ipFromOctets(new Uint8Array(5))).toThrow("5 octets are no IPv6 address");
    for (const value of [-1, 2 ** 32, 0.5]) expect(() => ipv4FromNumber(value)).toThrow("is no IPv4 address");
  });

  test("a MAC in its three spellings", () => {
    for (const text of ["0000.0c07.ac01", "00:00:0C:07:ac:01", "00-00-0c-07-ac-01", "0.c07.ac01"])
      expect(parseMac(text)).toBe("0000.0c07.ac01");
    for (const text of ["0000.0c07", "00:00:0c:07:ac", "00:00-0c:07:ac:01", "0000.0c07.ac01.0000", "g000.0c07.ac01"])
      expect(parseMac(text)).toBeUndefined();
  });

  test("kinds of address", () => {
    const kinds: [(address: IpAddress) => boolean, string[], string[]][] = [
      [isMulticast, ["224.0.0.2", "239.255.255.255", "ff02::66"], ["223.0.0.1", "240.0.0.1", "fe80::1"]],
      [isLoopback, ["127.0.0.1", "127.9.9.9", "::1"], ["128.0.0.1", "::2", "::"]],
      [isLinkLocal, ["169.254.1.1", "fe80::1", "febf::1"], ["169.253.1.1", "10.254.1.1", "fec0::1", "fd80::1"]],
      [isUnspecified, ["0.0.0.0", "::"], ["0.0.0.1", "::1"]],
      [isIpv4, ["0.0.0.0", "10.0.0.1"], ["::", "::ffff:10.0.0.1"]],
    ];
    for (const [is, those, others] of kinds) {
      expect(those.filter(each => !is(parse(each)))).toEqual([]);
      expect(others.filter(each => is(parse(each)))).toEqual([]);
    }
  });

  test("order is numeric, IPv4 first", () => {
    const sorted = ["10.0.0.2", "::1", "9.255.0.0", "10.0.0.10", "2001:db8::"].map(parse).sort(compareIp);
    expect(sorted).toEqual(["9.255.0.0", "10.0.0.2", "10.0.0.10", "::1", "2001:db8::"]);
  });
});

describe("prefixes", () => {
  test("text and back; host bits are kept", () => {
    for (const text of ["10.0.0.1/24", "0.0.0.0/0", "2001:db8::1/64", "::/0", "10.0.0.1/32"])
      expect(formatPrefix(prefix(text))).toBe(text);
    for (const text of [
      "10.0.0.1",
      "10.0.0.1/33",
      "::/129",
      "10.0.0.1/",
      "/24",
      "10.0.0.1/-1",
      "10.0.0.1/2/3",
      "10.0.0.1/08",
    ])
      expect(parsePrefix(text)).toBeUndefined();
  });

  test("the network and the last address", () => {
    const ends = (text: string) => [networkOf(prefix(text)).address, lastOf(prefix(text))];
    expect(ends("10.0.0.77/26")).toEqual(["10.0.0.64", "10.0.0.127"]);
    expect(ends("2001:db8:7::1/47")).toEqual(["2001:db8:6::", "2001:db8:7:ffff:ffff:ffff:ffff:ffff"]);
    expect(ends("10.0.0.77/0")).toEqual(["0.0.0.0", "255.255.255.255"]);
    expect(ends("10.0.0.77/32")).toEqual(["10.0.0.77", "10.0.0.77"]);
  });

  test("masks, wildcards and lengths agree", () => {
    for (let length = 0; length <= 32; length++) {
      expect(maskToLength(lengthToMask(length))).toBe(length);
      expect(ipv4ToNumber(lengthToMask(length)) + ipv4ToNumber(lengthToWildcard(length))).toBe(2 ** 32 - 1);
    }
    expect(maskToLength(parseIpv4("255.0.255.0") ?? ipv4FromNumber(0))).toBeUndefined();
  });

  test("an address is in a prefix exactly when it has the same network", () => {
    fc.assert(
      fc.property(address, address, fc.nat(128), (a, b, bits) => {
        const length = Math.min(bits, a.includes(":") ? 128 : 32);
        const same =
          a.includes(":") === b.includes(":") &&
          networkOf({ address: a, length }).address === networkOf({ address: b, length }).address;
        expect(prefixContains({ address: a, length }, b)).toBe(same);
      }),
    );
  });

  test("two prefixes overlap exactly when one holds the other's network", () => {
    expect(prefixesOverlap(prefix("10.0.0.0/8"), prefix("10.9.0.0/16"))).toBe(true);
    expect(prefixesOverlap(prefix("10.9.0.0/16"), prefix("10.0.0.1/8"))).toBe(true);
    expect(prefixesOverlap(prefix("10.8.0.0/16"), prefix("10.9.0.0/16"))).toBe(false);
    expect(prefixesOverlap(prefix("::/0"), prefix("10.9.0.0/16"))).toBe(false);
  });
});
