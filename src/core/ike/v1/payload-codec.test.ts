import fc from "fast-check";
import { codecKit, fromHex } from "../../wire/codec-kit.test-support.ts";
import { deletePayload, identificationPayload, notificationPayload } from "./payload-codec.ts";

const octets = fc.uint8Array({ maxLength: 20 });

codecKit({
  name: "identification payload",
  codec: identificationPayload,
  captured: [
    {
      source: "strongSwan's 10.1.0.0/24 in quick mode",
      hex: "04 00 0000 0a010000 ffffff00",
      value: { type: 4, protocol: 0, port: 0, data: fromHex("0a010000ffffff00") },
    },
  ],
  mayEndAt: length => length >= 4,
  arbitrary: fc.record({ type: fc.nat(255), protocol: fc.nat(255), port: fc.nat(65_535), data: octets }),
});

codecKit({
  name: "notification payload",
  codec: notificationPayload,
  captured: [
    {
      source: "R_U_THERE, RFC 3706 section 5.3, by hand",
      hex: `00000001 01 10 8d28 ${"11".repeat(16)} 00000007`,
      value: { protocol: 1, type: 36_136, spi: fromHex("11".repeat(16)), data: fromHex("00000007") },
    },
  ],
  mayEndAt: length => length >= 24,
  arbitrary: fc.record({ protocol: fc.nat(255), type: fc.nat(65_535), spi: octets, data: octets }),
});

codecKit({
  name: "delete payload",
  codec: deletePayload,
  captured: [
    {
      source: "two ESP SAs, by hand",
      hex: "00000001 03 04 0002 01020304 05060708",
      value: { protocol: 3, spiLength: 4, spis: [fromHex("01020304"), fromHex("05060708")] },
    },
  ],
  arbitrary: fc.nat(20).chain(spiLength =>
    fc.record({
      protocol: fc.nat(255),
      spiLength: fc.constant(spiLength),
      spis: fc.array(fc.uint8Array({ minLength: spiLength, maxLength: spiLength }), { maxLength: 5 }),
    }),
  ),
});
