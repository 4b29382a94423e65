import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodePrimitives } from "../../linux/node-primitives.ts";
import { encode } from "../wire/codec.ts";
import { toHex } from "../wire/codec-kit.test-support.ts";
import { espPlain, paddingFor } from "./esp-codec.ts";
import { sealedAsIs } from "./esp-forge.test-support.ts";
import { type EspSa, openEsp, sealEsp } from "./esp-seal.ts";
import { ESP_SUITES, type EspSuite, icvLengthOf, isAead } from "./esp-suite.ts";
import { ESP_VECTORS } from "./esp-vectors.test-support.ts";

const suites = [...ESP_SUITES];

describe("whole packets of the specifications", () => {
  test("there are 14 of AES-GCM, 4 of AES-CBC and one of ChaCha20-Poly1305", () => {
    expect(ESP_VECTORS.length).toBe(19);
  });

  test.each(ESP_VECTORS)("$source is made", ({ sa, sealing, packet }) => {
    expect(toHex(sealEsp(nodePrimitives, sa, sealing))).toBe(toHex(packet));
  });

  test.each(ESP_VECTORS)("$source is opened", ({ sa, sealing, packet }) => {
    const { sequence, payload, padding, nextHeader, sequenceHigh } = sealing;
    const opened = openEsp(nodePrimitives, sa, packet, sequenceHigh);
    expect({ ...opened, payload: toHex("payload" in opened ? opened.payload : packet) }).toEqual({
      kind: "opened",
      sequence,
      payload: toHex(payload),
      padding,
      nextHeader,
    });
  });

  test("the padding of each is the least there is, but where the draft says otherwise", () => {
    const more = ESP_VECTORS.filter(
      ({ sa, sealing }) => paddingFor(sealing.payload.length, sa.suite.encryption.block) !== sealing.padding,
    );
    expect(more.map(({ source }) => source)).toEqual([]);
  });
});

function saOf(suite: EspSuite, esn: boolean, fill = 7): EspSa {
  const { keyLength, saltLength } = suite.encryption;
  return {
    spi: 0x1234_5678,
    suite,
    keys: {
      encryption: new Uint8Array(keyLength).fill(fill),
      salt: new Uint8Array(saltLength).fill(fill),
      integrity: new Uint8Array(suite.integrity?.keyLength ?? 0).fill(fill),
    },
    esn,
  };
}

const u32 = fc.nat(0xffff_ffff);
const sealings = fc.record({
  sequence: u32,
  sequenceHigh: u32,
  payload: fc.uint8Array({ maxLength: 400, size: "max" }),
  nextHeader: fc.nat(255),
});

describe.each(suites)("%s", (_, suite) => {
  const { ivLength, block } = suite.encryption;
  const iv = new Uint8Array(ivLength).fill(9);
  const overhead = ivLength + icvLengthOf(suite);

  test("what is sealed is opened, with any legal padding, with and without ESN", () => {
    fc.assert(
      fc.property(sealings, fc.nat(3), fc.boolean(), (sealing, blocks, esn) => {
        const sa = saOf(suite, esn);
        const padding = paddingFor(sealing.payload.length, block) + blocks * block;
        const packet = sealEsp(nodePrimitives, sa, { ...sealing, iv, padding });
        expect((packet.length - 8 - overhead) % block).toBe(0);
        const { sequence, payload, nextHeader } = sealing;
        expect(openEsp(nodePrimitives, sa, packet, sealing.sequenceHigh)).toEqual({
          kind: "opened",
          sequence,
          payload,
          padding,
          nextHeader,
        });
      }),
      { numRuns: 30 },
    );
  });

  test("E03: no packet with a changed bit is opened, and its keys open nothing of another SA", () => {
    const sa = saOf(suite, true);
    const payload = Uint8Array.from({ length: 33 }, (_, at) => at);
    const packet = sealEsp(nodePrimitives, sa, { sequence: 5, sequenceHigh: 3, iv, payload, nextHeader: 4 });
    for (const at of packet.keys()) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Uint8Array.from(packet);
        changed[at] = (packet[at] ?? 0) ^ (1 << bit);
        expect(openEsp(nodePrimitives, sa, changed, 3).kind, `bit ${bit} of octet ${at}`).toBe("not-authentic");
      }
    }
    expect(openEsp(nodePrimitives, saOf(suite, true, 8), packet, 3).kind).toBe("not-authentic");
  });

  test("E08: the upper half that is not sent is authenticated where there is one, and nowhere else", () => {
    const payload = new Uint8Array(20);
    const extended = saOf(suite, true);
    const packet = sealEsp(nodePrimitives, extended, { sequence: 5, sequenceHigh: 3, iv, payload, nextHeader: 4 });
    for (const guess of [0, 2, 4]) expect(openEsp(nodePrimitives, extended, packet, guess).kind).toBe("not-authentic");
    expect(openEsp(nodePrimitives, saOf(suite, false), packet).kind).toBe("not-authentic");
    const short = saOf(suite, false);
    const plain = sealEsp(nodePrimitives, short, { sequence: 5, sequenceHigh: 3, iv, payload, nextHeader: 4 });
    expect(openEsp(nodePrimitives, short, plain, 99).kind).toBe("opened");
  });

  test("E01 and E04: every other length is refused", () => {
    const sa = saOf(suite, false);
    const packet = sealEsp(nodePrimitives, sa, { sequence: 1, iv, payload: new Uint8Array(40), nextHeader: 4 });
    for (let length = 0; length < packet.length; length++) {
      expect(openEsp(nodePrimitives, sa, packet.subarray(0, length)).kind, `${length}`).not.toBe("opened");
    }
    const longer = new Uint8Array(packet.length + block);
    longer.set(packet);
    expect(openEsp(nodePrimitives, sa, longer).kind).toBe("not-authentic");
    for (let length = 0; length <= 80; length++) {
      expect(openEsp(nodePrimitives, sa, new Uint8Array(length)).kind, `${length}`).not.toBe("opened");
    }
  });

  test("E05: padding that is not 1, 2, 3 or longer than the payload is the peer's mistake, behind a right ICV", () => {
    const sa = saOf(suite, false);
    for (const trailer of [
      [1, 3, 2, 4],
      [0, 0, 2, 4],
      [1, 2, 255, 4],
    ]) {
      const plain = new Uint8Array(block * Math.ceil(20 / block));
      plain.set(trailer, plain.length - 4);
      expect(openEsp(nodePrimitives, sa, sealedAsIs(sa, 1, plain)).kind, `${trailer}`).toBe("malformed");
    }
  });
});

describe("what is not offered", () => {
  test("a cipher without authentication, in any suite", () => {
    for (const [name, suite] of suites) {
      expect(isAead(suite.encryption), name).toBe(suite.integrity === undefined);
      expect(icvLengthOf(suite), name).toBeGreaterThanOrEqual(12);
    }
    expect(suites.length).toBe(20);
  });

  test("padding that does not fill a block is a bug of ours", () => {
    const [, suite] = suites[0] ?? [];
    expect(suite).toBeDefined();
    if (suite === undefined) return;
    const sealing = { sequence: 1, iv: new Uint8Array(0), payload: new Uint8Array(4), nextHeader: 4, padding: 1 };
    expect(() => sealEsp(nodePrimitives, saOf(suite, false), sealing)).toThrow("do not fill a block");
    expect(() => encode(espPlain, { payload: new Uint8Array(0), padding: 256, nextHeader: 4 })).toThrow("256");
  });
});
