/**
 * Two implementations of ESP that share no line, the reference in TypeScript and the fast path in C++, must understand
 * each other: what one seals the other opens, for every suite, of every length, with and without ESN, both ways.
 */
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ESP_VECTORS } from "../../src/core/ipsec/esp-vectors.test-support.ts";
import { toHex } from "../../src/core/wire/codec-kit.test-support.ts";
import { reversed } from "../../src/core/wire/selector.ts";
import { anyInner, contentOf, inward, nextHeaderOf, OURS, outward, THEIRS } from "./esp-packets.ts";
import { Bench, between, opened, referenceOf, SUITES, saRecord, sealed } from "./esp-path.ts";

/** For each suite, with and without ESN, each way: 20 suites give 8,000 packets. */
const PACKETS = 100;

const outwardPackets = anyInner(
  family => OURS[family],
  family => THEIRS[family],
);
const inwardPackets = anyInner(
  family => THEIRS[family],
  family => OURS[family],
);

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});
afterEach(() => bench.close());

describe.each(SUITES)("%s", name => {
  describe.each([false, true])("ESN %s", esn => {
    test("the reference opens what the fast path seals", () => {
      // Above 2^32 with ESN, so that the upper half is not zero.
      const start = esn ? 5 * 2 ** 32 - 20 : 7;
      const record = saRecord(name, "outbound", { esn, sequence: start, acknowledged: start + PACKETS });
      const sa = referenceOf(name, record);
      bench.install(record);
      let sequence = start;
      fc.assert(
        fc.property(outwardPackets, inner => {
          const { verdict, packets } = bench.encrypt(inner);
          expect(verdict).toBe("sent");
          const [packet] = packets;
          expect(packets.length).toBe(1);
          if (packet === undefined) return;
          const found = opened(sa, packet, esn ? Math.floor(sequence / 2 ** 32) : 0);
          expect(found.sequence).toBe(sequence % 2 ** 32);
          expect(found.nextHeader).toBe(nextHeaderOf(inner));
          expect(toHex(found.payload)).toBe(toHex(inner));
          sequence++;
        }),
        { numRuns: PACKETS },
      );
    });

    test("the fast path opens what the reference seals, and nothing twice", () => {
      const start = esn ? 5 * 2 ** 32 - 20 : 0;
      const record = saRecord(name, "inbound", { esn, sequence: start });
      const sa = referenceOf(name, record);
      bench.install(record);
      let number = start;
      fc.assert(
        fc.property(inwardPackets, fc.nat(3), (inner, blocks) => {
          number++;
          const { block } = sa.suite.encryption;
          const padding = ((block - ((inner.length + 2) % block)) % block) + blocks * block;
          const [sequence, sequenceHigh] = [number % 2 ** 32, Math.floor(number / 2 ** 32)];
          const packet = sealed(sa, {
            sequence,
            sequenceHigh,
            payload: inner,
            nextHeader: nextHeaderOf(inner),
            padding,
          });
          const found = bench.receive(Uint8Array.from(packet));
          expect(found.verdict).toBe("accepted");
          expect(toHex(found.packet ?? packet)).toBe(toHex(inner));
          expect(bench.receive(packet).verdict).toBe("replayed or too old");
        }),
        { numRuns: PACKETS },
      );
      expect(Number(bench.edges[1])).toBe(number);
    });
  });

  test.each([4, 6] as const)("transport mode carries what is behind the IPv%i header, both ways", family => {
    const [local, remote] = [OURS[family], THEIRS[family]];
    const selectors = [
      family === 4 ? between(`${local}/32`, `${remote}/32`) : between(`${local}/128`, `${remote}/128`),
    ];
    const change = { mode: "transport" as const, local, remote };
    const out = saRecord(name, "outbound", { ...change, selectors });
    const back = saRecord(name, "inbound", { ...change, selectors: selectors.map(reversed) });
    bench.install(out, back);

    const { verdict, packets } = bench.encrypt(outward(family));
    expect(verdict).toBe("sent");
    const found = opened(referenceOf(name, out), packets[0] ?? new Uint8Array(0));
    expect(found.nextHeader).toBe(17);
    expect(toHex(found.payload)).toBe(toHex(contentOf(outward(family)).payload));

    const { payload, source, destination } = contentOf(inward(family));
    const packet = sealed(referenceOf(name, back), { sequence: 1, payload, nextHeader: 17 });
    const received = bench.receive(packet, { from: remote, to: local });
    expect(received.verdict).toBe("accepted");
    expect(contentOf(received.packet ?? new Uint8Array(0))).toEqual({ source, destination, payload });
  });
});

describe("the specifications' whole packets", () => {
  // Those whose plain text is a packet that names itself so: the fast path looks at what it opens.
  const whole = ESP_VECTORS.filter(
    ({ sa, sealing }) => sealing.nextHeader === 4 && sa.suite.encryption.cipher !== "aes-cbc",
  );

  test("one of them can go all the way: RFC 7634's", () => {
    expect(whole.map(({ source }) => source)).toEqual(["RFC 7634 appendix A"]);
  });

  test.each(whole)("$source is received", ({ suiteName, sa, sealing, packet }) => {
    const { encryption, salt } = sa.keys;
    const cipherKey = Uint8Array.from([...encryption, ...salt]);
    const selectors = [between("198.51.100.0/24", "192.0.2.0/24")];
    bench.install(saRecord(suiteName, "inbound", { spi: sa.spi, cipherKey, selectors }));
    const { verdict, packet: inner } = bench.receive(Uint8Array.from(packet));
    expect(verdict).toBe("accepted");
    expect(toHex(inner ?? packet)).toBe(toHex(sealing.payload));
  });
});
