/** Echo messages alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEchoOutcome, encodeEchoRequest, internetChecksum } from "./icmp.ts";

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replaceAll(/\s/g, ""), "hex"));
const ipv4Header = hex("4500 0000 0000 0000 4001 0000 0a000001 0a000002");
const join = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap(part => [...part]));

test("the checksum of RFC 1071's example, and of an odd number of octets", () => {
  expect(internetChecksum(hex("0001 f203 f4f5 f6f7"))).toBe(~0xddf2 & 0xffff);
  expect(internetChecksum(hex("01"))).toBe(0xfeff);
});

test("a request's checksum comes to nothing over the whole", () => {
  const octets = encodeEchoRequest(4, { identifier: 0x1234, sequence: 7, payload: hex("a1b2c3") });
  expect(octets.subarray(0, 2)).toEqual(hex("0800"));
  expect(internetChecksum(octets)).toBe(0);
});

test("a reply gives its echo, behind IP options as well", () => {
  const reply = hex("0000 0000 1234 0007 a1b2c3");
  const echo = { identifier: 0x1234, sequence: 7, payload: hex("a1b2c3") };
  expect(decodeEchoOutcome(4, join(ipv4Header, reply))).toEqual({ kind: "reply", echo });
  const options = join(hex("46"), ipv4Header.subarray(1), hex("01010101"));
  expect(decodeEchoOutcome(4, join(options, reply))).toEqual({ kind: "reply", echo });
  expect(decodeEchoOutcome(6, join(hex("81"), reply.subarray(1)))).toEqual({ kind: "reply", echo });
});

test("a complaint counts only when it quotes an echo request", () => {
  const request = hex("0800 0000 1234 0007");
  const complaint = hex("0301 0000 0000 0000");
  const found = { kind: "unreachable", identifier: 0x1234, sequence: 7 };
  expect(decodeEchoOutcome(4, join(ipv4Header, complaint, ipv4Header, request))).toEqual(found);
  const udp = ipv4Header.slice();
  udp[9] = 17;
  expect(decodeEchoOutcome(4, join(ipv4Header, complaint, udp, request))).toBeUndefined();
  const ipv6Header = new Uint8Array(40);
  ipv6Header[6] = 58;
  const v6Request = join(hex("80"), request.subarray(1));
  expect(decodeEchoOutcome(6, join(hex("0100 0000 0000 0000"), ipv6Header, v6Request))).toEqual(found);
});

test("any octets are survived", () => {
  fc.assert(
    fc.property(fc.constantFrom(4 as const, 6 as const), fc.uint8Array({ maxLength: 80 }), (family, octets) => {
      decodeEchoOutcome(family, octets);
      decodeEchoOutcome(family, join(ipv4Header, octets));
    }),
  );
});
