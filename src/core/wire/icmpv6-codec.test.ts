import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { type Ipv6, macFromOctets, parseIpv6 } from "./address.ts";
import { decode, encode } from "./codec.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";
import { type Icmpv6Message, icmpv6Between } from "./icmpv6-codec.ts";

const ip = (text: string): Ipv6 => {
  const parsed = parseIpv6(text);
  if (parsed === undefined) throw new Error(`the test itself is wrong: ${text}`);
  return parsed;
};
const [a, b, solicited] = [ip("2001:db8::1"), ip("2001:db8::2"), ip("ff02::1:ff00:2")];
const macA = macFromOctets(fromHex("02000000000a"));
const macB = macFromOctets(fromHex("02000000000b"));
const echo = { identifier: 0x1234, sequence: 1, payload: fromHex("756e6465727374756479") };

codecKit({
  name: "icmpv6 solicitation",
  codec: icmpv6Between(a, solicited),
  captured: [
    {
      source: "Linux 6.18",
      hex: "87001c1e0000000020010db80000000000000000000000020101 02000000000a",
      value: {
        kind: "neighbourSolicitation",
        body: { target: b, options: [{ kind: "sourceLink", body: macA }] },
      },
    },
  ],
});

const advertisement: Icmpv6Message = {
  kind: "neighbourAdvertisement",
  body: {
    flags: { router: false, solicited: true, override: true },
    target: b,
    options: [{ kind: "targetLink", body: macB }],
  },
};

codecKit({
  name: "icmpv6 reply",
  codec: icmpv6Between(b, a),
  captured: [
    {
      source: "Linux 6.18's advertisement",
      hex: "8800 8a68 60000000 20010db8000000000000000000000002 0201 02000000000b",
      value: advertisement,
    },
    {
      source: "Linux 6.18's echo reply",
      hex: "8100ebd212340001756e6465727374756479",
      value: { kind: "echoReply", body: echo },
    },
    {
      source: "Linux 6.18's port unreachable",
      hex: `0104c8cc00000000 60016912000d1140 20010db8000000000000000000000001
        20010db8000000000000000000000002 9c400009000dc44368656c6c6f`,
      value: {
        kind: "unreachable",
        body: {
          code: 4,
          quoted: fromHex(`60016912000d1140 20010db8000000000000000000000001
            20010db8000000000000000000000002 9c400009000dc44368656c6c6f`),
        },
      },
    },
  ],
  arbitrary: fc.oneof(
    fc.record({
      kind: fc.constant("neighbourAdvertisement" as const),
      body: fc.record({
        flags: fc.record({ router: fc.boolean(), solicited: fc.boolean(), override: fc.boolean() }),
        target: fc.constantFrom(a, b),
        options: fc.array(
          fc.oneof(
            fc.record({ kind: fc.constant("targetLink" as const), body: fc.constantFrom(macA, macB) }),
            fc.record({
              kind: fc.constant("unknown" as const),
              tag: fc.integer({ min: 3, max: 255 }),
              body: fc.nat(3).chain(units => fc.uint8Array({ minLength: units * 8 + 6, maxLength: units * 8 + 6 })),
            }),
          ),
          { maxLength: 16 },
        ),
      }),
    }),
    fc.record({
      kind: fc.constant("packetTooBig" as const),
      body: fc.record({ mtu: fc.nat(65_535), quoted: fc.uint8Array() }),
    }),
    fc.record({
      kind: fc.constant("timeExceeded" as const),
      body: fc.record({ code: fc.nat(1), quoted: fc.uint8Array() }),
    }),
  ),
});

test("the addresses are under the checksum", () => {
  const octets = encode(icmpv6Between(b, a), advertisement);
  expect(decode(icmpv6Between(b, a), octets, "nd")).toEqual(advertisement);
  expect(String(decode(icmpv6Between(a, solicited), octets, "nd"))).toContain("nd.checksum: bad-value at octet 2");
});

test("an option without length is refused, or it would never end", () => {
  const endless = "8800 8a68 60000000 20010db8000000000000000000000002 0200 02000000000b";
  expect(String(decode(icmpv6Between(b, a), fromHex(endless), "nd"))).toBe(
    "WireError: nd.neighbourAdvertisement.options.0.targetLink: bad-value at octet 25 (length 0, at least 2 needed)",
  );
});

test("the request and the reply to an echo are two messages", () => {
  const request = encode(icmpv6Between(a, b), { kind: "echoRequest", body: echo });
  expect(request).toEqual(fromHex("8000ecd212340001756e6465727374756479"));
  expect(decode(icmpv6Between(a, b), request.subarray(0, 4), "echo")).toBeInstanceOf(WireError);
});
