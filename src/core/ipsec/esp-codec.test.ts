import fc from "fast-check";
import { expect, test } from "vitest";
import { encode } from "../wire/codec.ts";
import { codecKit, fromHex, toHex } from "../wire/codec-kit.test-support.ts";
import { espPacket, espPlain, PADDING_MAX, paddingFor, udpEncapsulated } from "./esp-codec.ts";
import { ESP_VECTORS } from "./esp-vectors.test-support.ts";

codecKit({
  name: "esp",
  codec: espPacket,
  // One of each cipher; esp-seal.test.ts has them all.
  captured: ESP_VECTORS.filter(({ source }) => /case 12|7634|3602.*case 6/.test(source)).map(
    ({ source, sa, sealing, packet }) => ({
      source,
      hex: toHex(packet),
      value: { spi: sa.spi, sequence: sealing.sequence, sealed: packet.subarray(8) },
    }),
  ),
  mayEndAt: length => length >= 8,
});

const [ping = "", short = ""] = [
  "080045cd00000001 6162636465666768696a6b6c6d6e6f 010203040506070809 0901",
  "0800b5e8a80a0500a69c083d0b660e00777777777777777777777777 0102 0201",
];

codecKit({
  name: "esp plain text",
  codec: espPlain,
  captured: [
    {
      source: "an ICMP echo with nine octets of padding",
      hex: ping,
      value: { payload: fromHex(ping).subarray(0, 23), padding: 9, nextHeader: 1 },
    },
  ],
  vectors: [
    {
      source: "RFC 3602 section 4, case 6",
      hex: short,
      value: { payload: toHex(fromHex(short).subarray(0, 28)), padding: 2, nextHeader: 1 },
    },
  ],
  arbitrary: fc.record({
    payload: fc.uint8Array({ maxLength: 300 }),
    padding: fc.nat(PADDING_MAX),
    nextHeader: fc.nat(255),
  }),
  // It is read from its end, so a shorter one may be whole by chance; what decodes must encode back.
  mayEndAt: length => length >= 2,
});

codecKit({
  name: "udp encapsulation",
  codec: udpEncapsulated,
  captured: [
    { source: "a keepalive, RFC 3948 section 2.3", hex: "ff", value: { kind: "keepalive" } },
    {
      source: "IKE behind the non-ESP marker, RFC 3948 section 2.2",
      hex: "00000000 0102030405060708",
      value: { kind: "ike", message: fromHex("0102030405060708") },
    },
    {
      source: "ESP, RFC 3948 section 2.1",
      hex: "00000001 00000002 0000000000000000",
      value: { kind: "esp", packet: fromHex("00000001 00000002 0000000000000000") },
    },
  ],
  arbitrary: fc.oneof(
    fc.constant({ kind: "keepalive" as const }),
    fc.uint8Array({ maxLength: 40 }).map(message => ({ kind: "ike" as const, message })),
    fc
      .uint8Array({ minLength: 4, maxLength: 40 })
      .filter(packet => packet.subarray(0, 4).some(octet => octet !== 0))
      .map(packet => ({ kind: "esp" as const, packet })),
  ),
  mayEndAt: length => length >= 4,
});

test("the least padding fills a block and no more", () => {
  for (const block of [4, 16]) {
    for (let payload = 0; payload < 64; payload++) {
      const padding = paddingFor(payload, block);
      expect((payload + padding + 2) % block).toBe(0);
      expect(padding).toBeLessThan(block);
    }
  }
});

test("an ESP packet that would be taken for IKE is never written", () => {
  const packet = fromHex("00000000 00000001");
  expect(() => encode(udpEncapsulated, { kind: "esp", packet })).toThrow("taken for IKE");
});
