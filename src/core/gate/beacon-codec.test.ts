import { readFileSync } from "node:fs";
import fc from "fast-check";
import { ipv4FromNumber, ipv6FromOctets } from "../wire/address.ts";
import { codecKit, fromHex, type Sample } from "../wire/codec-kit.test-support.ts";
import { beacon, SEQUENCE_AT } from "./beacon-codec.ts";

interface Vector extends Sample<Record<string, string>> {
  readonly key: string;
}
const vectors = JSON.parse(readFileSync(new URL("./fixtures/beacons.json", import.meta.url), "utf8")) as Vector[];

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const FLAGS_AT = SEQUENCE_AT + 13;

codecKit({
  name: "beacon",
  codec: beacon,
  captured: [
    {
      source: "a will, by hand",
      hex: `554e4452 01 03 1111111111111111 2222222222222222 001fffffffffffff 00000002 03 02 64 00000032
            04 0a000002 0000000000000000 ${"33".repeat(32)} 0000 ${"44".repeat(16)}`,
      value: {
        kind: "will",
        scheme: fromHex("11".repeat(8)),
        boot: fromHex("22".repeat(8)),
        sequence: Number.MAX_SAFE_INTEGER,
        epoch: 2,
        state: "active",
        flags: { hot: false, healthy: true, preempt: false, deaf: false },
        priority: 100,
        holdMs: 50,
        address: ipv4FromNumber(0x0a000002),
        nonce: fromHex("00".repeat(8)),
        token: fromHex("33".repeat(32)),
        extensions: [],
        seal: fromHex("44".repeat(16)),
      },
    },
  ],
  vectors,
  // Flags of later versions are ignored.
  ignored: offset => offset === FLAGS_AT,
  arbitrary: fc.record({
    kind: fc.constantFrom("beacon", "ask", "answer", "will", "not-hot", "preempt-request", "handover"),
    scheme: octets(8),
    boot: octets(8),
    sequence: fc.maxSafeNat(),
    epoch: fc.nat(2 ** 32 - 1),
    state: fc.constantFrom("init", "standby", "asking", "active", "contested", "draining", "handing", "doubting"),
    flags: fc.record({ hot: fc.boolean(), healthy: fc.boolean(), preempt: fc.boolean(), deaf: fc.boolean() }),
    priority: fc.nat(255),
    holdMs: fc.nat(255_000),
    address: fc.oneof(fc.nat(2 ** 32 - 1).map(ipv4FromNumber), octets(16).map(ipv6FromOctets)),
    nonce: octets(8),
    token: octets(32),
    extensions: fc.array(
      fc.record({ kind: fc.constant("unknown" as const), tag: fc.nat(255), body: fc.uint8Array({ maxLength: 20 }) }),
      { maxLength: 4 },
    ),
    seal: octets(16),
  }),
});
