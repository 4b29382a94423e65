import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type IpAddress, ipv4FromNumber, macFromOctets, parseIp, parseIpv4 } from "../wire/address.ts";
import { parsePrefix } from "../wire/prefix.ts";
import type { Hash, HsrpAuth } from "./hsrp-auth.ts";
import type { HsrpMessage } from "./hsrp-message.ts";
import { encodeHsrp } from "./hsrp-packet.ts";
import { type HsrpDatagram, type ReceiveContext, receiveHsrp } from "./hsrp-receive.ts";

const hash: Hash = (algorithm, octets) => createHash(algorithm).update(octets).digest();
const ip = (text: string) => parseIpv4(text) ?? ipv4FromNumber(0);
const prefix = (text: string) => parsePrefix(text) ?? { address: ip("0.0.0.0"), length: 0 };
const context = (version: 1 | 2, more: Partial<ReceiveContext> = {}): ReceiveContext => ({
  version,
  group: 1,
  address: ip("10.0.0.2"),
  auth: { kind: "text", text: "cisco" },
  hash,
  own: [prefix("10.0.0.2/24")],
  ...more,
});
const hello: HsrpMessage = {
  opcode: "hello",
  state: "active",
  group: 1,
  priority: 100,
  helloMs: 3_000,
  holdMs: 10_000,
  virtualAddress: ip("10.0.0.15"),
};
const source = { address: ip("10.0.0.1"), mac: macFromOctets(Uint8Array.of(2, 0, 0, 0, 0, 1)) };

function datagram(version: 1 | 2, more: Partial<HsrpDatagram> = {}, message: Partial<HsrpMessage> = {}): HsrpDatagram {
  return {
    source: source.address,
    destination: ip(version === 1 ? "224.0.0.2" : "224.0.0.102"),
    sourcePort: 1985,
    ttl: 1,
    octets: encodeHsrp({ ...hello, ...message }, source, context(version)),
    ...more,
  };
}
const because = (
  version: 1 | 2,
  more: Partial<HsrpDatagram>,
  message: Partial<HsrpMessage> = {},
  at: Partial<ReceiveContext> = {},
) => {
  const received = receiveHsrp(datagram(version, more, message), context(version, at));
  return received.kind === "refused" ? received.because : received.kind;
};

describe.each([1, 2] as const)("version %i", version => {
  test("a hello as it should be is accepted", () => {
    expect(receiveHsrp(datagram(version), context(version))).toEqual({ kind: "accepted", message: hello });
  });

  test("H01: no length but the right one is accepted", () => {
    const { octets } = datagram(version);
    for (let length = 0; length < octets.length; length++)
      expect(because(version, { octets: octets.subarray(0, length) })).toBe("malformed");
    for (let more = 1; more < 40; more++) {
      const longer = new Uint8Array(octets.length + more);
      longer.set(octets);
      expect(because(version, { octets: longer })).not.toBe("accepted");
    }
  });

  test("H02: TTL, destination, source port, source subnet", () => {
    expect(because(version, { ttl: 64 })).toBe("ttl");
    expect(because(version, { ttl: undefined })).toBe("ttl");
    expect(because(version, { ttl: 255 })).toBe(version === 1 ? "ttl" : "accepted");
    expect(because(version, { ttl: 2 })).toBe("ttl");
    expect(because(version, { destination: ip("10.0.0.2") })).toBe("destination");
    expect(because(version, { destination: ip(version === 1 ? "224.0.0.102" : "224.0.0.2") })).toBe("destination");
    expect(because(version, { sourcePort: 1986 })).toBe("source-port");
    expect(because(version, { source: ip("10.0.1.1") })).toBe("source-subnet");
    expect(because(version, { source: ip("0.0.0.0") })).toBe("source-subnet");
  });

  test("H04: another text, or a digest where none is configured", () => {
    const octets = encodeHsrp(hello, source, context(version, { auth: { kind: "text", text: "other" } }));
    expect(because(version, { octets })).toBe("authentication");
    const signed = encodeHsrp(
      hello,
      source,
      context(version, { auth: { kind: "md5", keys: [{ id: 0, octets: Uint8Array.of(1) }] } }),
    );
    expect(because(version, { octets: signed })).toBe("authentication");
  });

  test("another group's packet is nobody's mistake, whatever key signed it", () => {
    expect(because(version, {}, { group: 2 })).toBe("ignored");
    const text = { auth: { kind: "text" as const, text: "other" } };
    expect(because(version, {}, { group: 2 }, text)).toBe("ignored");
    expect(because(version, {}, {}, text)).toBe("authentication");
  });

  test("H08: timers that would make the group flap or freeze", () => {
    expect(because(version, {}, { helloMs: 0, holdMs: 10_000 })).toBe("timers");
    expect(because(version, {}, { helloMs: 3_000, holdMs: 0 })).toBe("timers");
    expect(because(version, {}, { helloMs: 10_000, holdMs: 3_000 })).toBe("timers");
    expect(because(version, {}, { opcode: "resign", helloMs: 0, holdMs: 0 })).toBe("accepted");
  });

  test("H11: states, opcodes and versions that do not exist", () => {
    const { octets } = datagram(version);
    const [opcodeAt, stateAt, versionAt] = version === 1 ? [1, 2, 0] : [3, 4, 2];
    for (const [at, values] of [
      [opcodeAt, [4, 9, 255]],
      [stateAt, version === 1 ? [3, 5, 255] : [7, 255]],
      [versionAt, version === 1 ? [1, 2] : [0, 1, 3]],
    ] as const) {
      for (const value of values) {
        const changed = Uint8Array.from(octets);
        changed[at] = value;
        expect(because(version, { octets: changed }), `octet ${at} is ${value}`).toBe("malformed");
      }
    }
  });

  test("H17: our own packet, come back", () => {
    expect(because(version, { source: ip("10.0.0.2") })).toBe("own-packet");
  });
});

test("H05: neither text nor MD5 tells a replay from life, which is why the gate does not rely on them", () => {
  const md5 = { auth: { kind: "md5" as const, keys: [{ id: 0, octets: Uint8Array.of(1, 2, 3) }] } };
  const octets = encodeHsrp(hello, source, context(1, md5));
  for (let times = 0; times < 3; times++) expect(because(1, { octets }, {}, md5)).toBe("accepted");
});

test("H15: a version 2 packet means nothing to a version 1 group, and the other way round", () => {
  const two = datagram(2);
  expect(because(1, { octets: two.octets })).toBe("ignored");
  expect(because(1, two)).toBe("destination");
  expect(because(2, { octets: datagram(1).octets })).not.toBe("accepted");
});

describe("IPv6", () => {
  const ipv6 = (text: string): IpAddress => parseIp(text) ?? ip("");
  const six = {
    address: ipv6("fe80::2"),
    own: [{ address: ipv6("fe80::2"), length: 64 }],
  };
  const link = (text: string) => ({ address: ipv6(text), mac: source.mac });
  const said = (auth: HsrpAuth = { kind: "text", text: "cisco" }, from = "fe80::1"): HsrpDatagram => ({
    source: link(from).address,
    destination: ipv6("ff02::66"),
    sourcePort: 2029,
    ttl: 255,
    octets: encodeHsrp({ ...hello, virtualAddress: undefined }, link(from), context(2, { auth })),
  });
  const refusal = (more: Partial<HsrpDatagram>, at: Partial<ReceiveContext> = {}) => {
    const received = receiveHsrp({ ...said(at.auth), ...more }, context(2, { ...six, ...at }));
    return received.kind === "refused" ? received.because : received.kind;
  };

  test("hop limit 255, ff02::66, port 2029, a link-local source", () => {
    expect(refusal({})).toBe("accepted");
    expect([refusal({ ttl: 1 }), refusal({ ttl: 254 })]).toEqual(["ttl", "ttl"]);
    expect(refusal({ destination: ipv6("ff02::1") })).toBe("destination");
    expect(refusal({ sourcePort: 1985 })).toBe("source-port");
    expect(refusal({ source: six.address })).toBe("own-packet");
    expect(refusal({ source: ipv6("2001:db8::1") })).toBe("source-subnet");
  });

  test("the other family's packet is nobody's mistake", () => {
    expect(refusal(datagram(2))).toBe("ignored");
    expect(receiveHsrp(said(), context(2)).kind).toBe("ignored");
  });

  test("the digest covers the last four octets of the source", () => {
    const auth: HsrpAuth = { kind: "md5", keys: [{ id: 0, octets: Uint8Array.of(1, 2, 3) }] };
    expect(refusal({}, { auth })).toBe("accepted");
    expect(refusal({ source: link("fe80::3").address }, { auth })).toBe("authentication");
  });
});
