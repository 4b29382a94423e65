import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { ipv4FromOctets, ipv6FromOctets } from "./address.ts";
import { decode, encode, padded } from "./codec.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";
import { type Ipv4Packet, ipv4Packet, ipv6Packet } from "./ip-codec.ts";

const v4 = (hex: string) => ipv4FromOctets(fromHex(hex));
const v6 = (hex: string) => ipv6FromOctets(fromHex(hex));
const address4 = fc.uint8Array({ minLength: 4, maxLength: 4 }).map(ipv4FromOctets);
const address6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map(ipv6FromOctets);

const UDP_HEX = "45000021f77240004011bf55c0000201c0000202 9c400009000d9bb468656c6c6f";
const udp: Ipv4Packet = {
  typeOfService: 0,
  identification: 0xf772,
  dontFragment: true,
  moreFragments: false,
  fragmentOffset: 0,
  timeToLive: 64,
  protocol: 17,
  source: v4("c0000201"),
  destination: v4("c0000202"),
  options: new Uint8Array(0),
  payload: fromHex("9c400009000d9bb468656c6c6f"),
};

codecKit({
  name: "ip",
  codec: ipv4Packet,
  captured: [
    { source: "Linux 6.18 to a neighbour", hex: UDP_HEX, value: udp },
    {
      source: "Linux 6.18, with a router alert",
      hex: "46000025f773400040112a4cc0000201c0000202 94040000 9c400009000da4a7616c657274",
      value: {
        ...udp,
        identification: 0xf773,
        options: fromHex("94040000"),
        payload: fromHex("9c400009000da4a7616c657274"),
      },
    },
  ],
  arbitrary: fc.record({
    typeOfService: fc.nat(255),
    identification: fc.nat(65_535),
    dontFragment: fc.boolean(),
    moreFragments: fc.boolean(),
    fragmentOffset: fc.nat(8191).map(units => units * 8),
    timeToLive: fc.nat(255),
    protocol: fc.nat(255),
    source: address4,
    destination: address4,
    options: fc.nat(10).chain(words => fc.uint8Array({ minLength: words * 4, maxLength: words * 4 })),
    payload: fc.uint8Array({ maxLength: 100 }),
  }),
});

const ECHO_HEX = `60014b7c00123a40 20010db8000000000000000000000001 20010db8000000000000000000000002
  8000ecd212340001756e6465727374756479`;

codecKit({
  name: "ip",
  codec: ipv6Packet,
  captured: [
    {
      source: "Linux 6.18 to a neighbour",
      hex: ECHO_HEX,
      value: {
        trafficClass: 0,
        flowLabel: 0x14b7c,
        nextHeader: 58,
        hopLimit: 64,
        source: v6("20010db8000000000000000000000001"),
        destination: v6("20010db8000000000000000000000002"),
        payload: fromHex("8000ecd212340001756e6465727374756479"),
      },
    },
  ],
  arbitrary: fc.record({
    trafficClass: fc.nat(255),
    flowLabel: fc.nat(0xfffff),
    nextHeader: fc.nat(255),
    hopLimit: fc.nat(255),
    source: address6,
    destination: address6,
    payload: fc.uint8Array({ maxLength: 100 }),
  }),
});

test("what fills up a short frame is no part of the packet", () => {
  const frame = fromHex(`${UDP_HEX} 000000`);
  expect(decode(ipv4Packet, frame, "ip")).toBeInstanceOf(WireError);
  expect(decode(padded(ipv4Packet), frame, "ip")).toEqual(udp);
});

test("a refusal names what is wrong, though the checksum is right", () => {
  const broken = (patch: string): string =>
    String(decode(ipv4Packet, withChecksum(`${patch}${UDP_HEX.slice(8)}`), "ip"));
  expect(broken("65000021")).toBe("WireError: ip.version: bad-value at octet 0 (6)");
  expect(broken("44000021")).toBe("WireError: ip.headerLength: bad-value at octet 0 (16)");
  expect(broken("45000013")).toBe("WireError: ip.totalLength: bad-value at octet 2 (19, a header has 20)");
  expect(broken("45000022")).toBe("WireError: ip.payload: truncated at octet 20 (14 wanted, 13 left)");
  expect(String(decode(ipv4Packet, fromHex(UDP_HEX.replace("4011bf55", "4011bf56")), "ip"))).toBe(
    "WireError: ip.checksum: bad-value at octet 10 (off by 65534)",
  );
  expect(String(decode(ipv6Packet, fromHex(ECHO_HEX.replace("60014b7c", "40014b7c")), "ip"))).toBe(
    "WireError: ip.version: bad-value at octet 0 (4)",
  );
});

test("what no IPv4 packet can be is a bug of ours", () => {
  expect(() => encode(ipv4Packet, { ...udp, options: fromHex("0101") })).toThrow("2 octets of IPv4 options");
  expect(() => encode(ipv4Packet, { ...udp, options: new Uint8Array(44) })).toThrow("44 octets of IPv4 options");
  expect(() => encode(ipv4Packet, { ...udp, fragmentOffset: 4 })).toThrow("does not fit into 13 bit(s)");
  expect(() => encode(ipv4Packet, { ...udp, payload: new Uint8Array(65_516) })).toThrow("65536 does not fit");
});

/** Sums the first five words by hand, so that only the field in question is wrong. */
function withChecksum(hex: string): Uint8Array {
  const octets = fromHex(hex);
  octets.fill(0, 10, 12);
  const words = Array.from({ length: 10 }, (_, at) => (octets[at * 2] ?? 0) * 256 + (octets[at * 2 + 1] ?? 0));
  let sum = words.reduce((total, word) => total + word, 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  octets.set([(0xffff - sum) >> 8, (0xffff - sum) & 0xff], 10);
  return octets;
}
