import { describe, expect, test } from "vitest";
import { parseIp } from "../../wire/address.ts";
import { fromHex } from "../../wire/codec-kit.test-support.ts";
import { parsePrefix } from "../../wire/prefix.ts";
import { betweenPrefixes, type Selector, sameSelector } from "../../wire/selector.ts";
import { utf8 } from "../../wire/utf8.ts";
import {
  addressIdentity,
  addressOf,
  hostnameIdentity,
  isPhaseOneIdentity,
  quickModeIdentities,
  selectorOf,
  shownIdentity,
} from "./identity.ts";
import type { IdentificationPayload } from "./payload-codec.ts";

const between = (a: string, b: string): Selector => {
  const [source, destination] = [parsePrefix(a), parsePrefix(b)];
  if (source === undefined || destination === undefined) throw new Error("no prefix");
  return betweenPrefixes(source, destination);
};
const identity = (type: number, data: string, protocol = 0, port = 0): IdentificationPayload => ({
  type,
  protocol,
  port,
  data: fromHex(data),
});
const range = (first: string, last: string, selector: Selector): Selector => {
  const [from, to] = [parseIp(first), parseIp(last)];
  if (from === undefined || to === undefined) throw new Error("no address");
  return { ...selector, source: { ...selector.source, addresses: { first: from, last: to } } };
};

describe("phase 1", () => {
  test("an address, and a name", () => {
    const address = parseIp("192.0.2.1");
    if (address === undefined) throw new Error("no address");
    expect(shownIdentity(addressIdentity(address))).toBe("192.0.2.1");
    expect(addressOf(addressIdentity(address))).toBe(address);
    expect(shownIdentity(hostnameIdentity("r1.example"))).toBe("r1.example");
    expect(addressOf(hostnameIdentity("r1.example"))).toBeUndefined();
  });

  test.each([
    ["a NUL", "a\0b", "a\\u0000b"],
    ["a line end", "a\nb", "a\\u000ab"],
    ["an escape", "\u001b[31m", "\\u001b[31m"],
    ["a quote", 'a"b', "a\\u0022b"],
    ["what a shell would run is text", "$(reboot) %s", "$(reboot) %s"],
  ])("I24: a name with %s is shown escaped", (_, name, shown) => {
    expect(shownIdentity({ type: 2, protocol: 0, port: 0, data: utf8(name) })).toBe(shown);
  });

  test("I24: of another type, an empty one, one of 64 kB", () => {
    expect(shownIdentity(identity(0, "ff00"))).toBe("type 0 ff00");
    expect(isPhaseOneIdentity(identity(1, ""))).toBe(false);
    expect(shownIdentity({ type: 2, protocol: 0, port: 0, data: new Uint8Array(65_536).fill(0x61) })).toHaveLength(128);
  });

  test("ports of others", () => {
    expect(isPhaseOneIdentity(identity(1, "c0000201", 17, 500))).toBe(true);
    expect(isPhaseOneIdentity(identity(1, "c0000201", 6, 500))).toBe(false);
    expect(isPhaseOneIdentity(identity(1, "c0000201", 17, 501))).toBe(false);
  });
});

describe("phase 2", () => {
  test.each([
    ["two networks", between("10.99.0.0/16", "172.16.5.0/24")],
    ["two hosts", between("10.99.0.1/32", "172.16.5.1/32")],
    ["everything", between("0.0.0.0/0", "0.0.0.0/0")],
    ["IPv6", between("2001:db8::/47", "2001:db8:1::1/128")],
    ["a range", range("10.0.0.1", "10.0.0.6", between("10.0.0.0/24", "10.1.0.0/24"))],
    [
      "one port of UDP",
      {
        protocol: 17,
        source: { ...between("10.0.0.0/8", "10.0.0.0/8").source, ports: [{ first: 53, last: 53 }] },
        destination: between("10.0.0.0/8", "10.0.0.0/8").destination,
      },
    ],
  ] as [string, Selector][])("%s is said, and understood", (_, selector) => {
    const said = quickModeIdentities(selector);
    if (said === undefined) throw new Error("it is not said");
    const again = selectorOf(said.source, said.destination);
    expect(again !== undefined && sameSelector(again, selector)).toBe(true);
  });

  test("what two identities cannot say is not said", () => {
    const base = between("10.0.0.0/8", "10.0.0.0/8");
    const ports = [{ first: 1, last: 9 }];
    expect(quickModeIdentities({ ...base, protocol: 6, source: { ...base.source, ports } })).toBeUndefined();
  });

  test.each([
    ["a network with holes in its mask", identity(4, "0a000000ff00ff00")],
    ["an address of three octets", identity(1, "0a0000")],
    ["a network without a mask", identity(4, "0a000000")],
    ["a range that ends before it begins (I38)", identity(7, "0a0000090a000001")],
    ["a name", identity(2, "61")],
    ["a type that nobody knows", identity(250, "0a000000")],
    ["IPv6 with IPv4 (I38)", identity(5, "20010db8000000000000000000000001")],
    ["a port without a protocol", identity(1, "0a000001", 0, 53)],
    ["another protocol than the other end", identity(1, "0a000001", 6)],
  ])("I33: %s means nothing", (_, source) => {
    expect(selectorOf(source, identity(1, "0a000002"))).toBeUndefined();
  });
});
