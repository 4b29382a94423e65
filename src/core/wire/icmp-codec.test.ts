import fc from "fast-check";
import { expect, test } from "vitest";
import { decode, encode } from "./codec.ts";
import { codecKit, fromHex } from "./codec-kit.test-support.ts";
import { icmpMessage } from "./icmp-codec.ts";

const echo = { identifier: 0x1234, sequence: 1, payload: fromHex("756e6465727374756479") };
const short = fc.nat(65_535);
const payload = fc.uint8Array({ maxLength: 60 });
const echoes = fc.record({ identifier: short, sequence: short, payload });

codecKit({
  name: "icmp",
  codec: icmpMessage,
  captured: [
    {
      source: "an echo request, to which Linux 6.18 replied",
      hex: "0800c09412340001756e6465727374756479",
      value: { kind: "echoRequest", body: echo },
    },
    {
      source: "Linux 6.18's echo reply",
      hex: "0000c89412340001756e6465727374756479",
      value: { kind: "echoReply", body: echo },
    },
    {
      source: "Linux 6.18's port unreachable",
      hex: `0303811f00000000
        45000021f77240004011bf55c0000201c00002029c400009000d9bb468656c6c6f`,
      value: {
        kind: "unreachable",
        body: {
          code: 3,
          nextHopMtu: 0,
          quoted: fromHex("45000021f77240004011bf55c0000201c00002029c400009000d9bb468656c6c6f"),
        },
      },
    },
  ],
  arbitrary: fc.oneof(
    fc.record({ kind: fc.constantFrom("echoRequest" as const, "echoReply" as const), body: echoes }),
    fc.record({
      kind: fc.constant("unreachable" as const),
      body: fc.record({ code: fc.nat(255), nextHopMtu: short, quoted: payload }),
    }),
    fc.record({
      kind: fc.constant("timeExceeded" as const),
      body: fc.record({ code: fc.nat(1), quoted: payload }),
    }),
  ),
});

test("other messages are kept as they are, if their checksum is right", () => {
  const body = "00 e0ca 1234 0001 00000000 00000000 00000000";
  const kept = { kind: "unknown" as const, tag: 13, body: fromHex(body) };
  expect(decode(icmpMessage, fromHex(`0d ${body}`), "icmp")).toEqual(kept);
  expect(encode(icmpMessage, kept)).toEqual(fromHex(`0d ${body}`));
  const wrong = fromHex("0d00 0dfb 1234 0001 00000000 00000000 00000000");
  expect(String(decode(icmpMessage, wrong, "icmp"))).toContain("icmp.checksum: bad-value at octet 2");
});

test("an echo has code 0", () => {
  expect(String(decode(icmpMessage, fromHex("0801 c093 12340001 756e6465727374756479"), "icmp"))).toBe(
    "WireError: icmp.echoRequest.code: bad-value at octet 1 (1)",
  );
});
