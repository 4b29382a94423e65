import fc from "fast-check";
import { codecKit, fromHex, toHex } from "../../wire/codec-kit.test-support.ts";
import { isakmpHeader } from "./isakmp-header-codec.ts";
import { packet, RECORDINGS, type Recording } from "./recorded.test-support.ts";

const [recording] = RECORDINGS as readonly [Recording];
const first = packet(recording, 0).subarray(0, 28);
const FLAGS_AT = 19;
const cookie = fc.uint8Array({ minLength: 8, maxLength: 8 });

codecKit({
  name: "isakmp header",
  codec: isakmpHeader,
  captured: [
    {
      source: "strongSwan's first message of main mode",
      hex: toHex(first),
      value: {
        initiatorCookie: first.subarray(0, 8),
        responderCookie: fromHex("0000000000000000"),
        firstPayload: 1,
        version: { major: 1, minor: 0 },
        exchange: "main",
        flags: { encrypted: false, commit: false, authenticationOnly: false },
        messageId: 0,
        length: packet(recording, 0).length,
      },
    },
  ],
  ignored: offset => offset === FLAGS_AT,
  arbitrary: fc.record({
    initiatorCookie: cookie,
    responderCookie: cookie,
    firstPayload: fc.nat(255),
    version: fc.record({ major: fc.nat(15), minor: fc.nat(15) }),
    exchange: fc.constantFrom("main" as const, "quick" as const, "informational" as const, { unknown: 77 }),
    flags: fc.record({ encrypted: fc.boolean(), commit: fc.boolean(), authenticationOnly: fc.boolean() }),
    messageId: fc.nat(2 ** 32 - 1),
    length: fc.nat(2 ** 32 - 1),
  }),
});
