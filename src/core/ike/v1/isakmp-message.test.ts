/** What is no message of IKEv1, by the numbers of the attack catalogue. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { WireError } from "../../errors.ts";
import { clearPayloads, readMessage } from "./isakmp-message.ts";
import { chainOf, type Payload, readPayloads } from "./payloads.ts";
import { message, packet, RECORDINGS, type Recording, taken } from "./recorded.test-support.ts";

const [recording] = RECORDINGS as readonly [Recording];
const first = packet(recording, 0);
const changed = (at: number, ...octets: number[]): Uint8Array => {
  const copy = Uint8Array.from(first);
  copy.set(octets, at);
  return copy;
};
const why = (value: unknown): string => (value instanceof WireError ? `${value.path} ${value.fault}` : "taken");

test("I01: a message of every length below a whole one", () => {
  for (let length = 0; length < first.length; length++)
    expect(readMessage(first.subarray(0, length)), String(length)).toBeInstanceOf(WireError);
  expect(why(readMessage(first))).toBe("taken");
});

describe("I02: a length that is not that of the datagram", () => {
  test.each([
    ["below a header", [0, 0, 0, 27], "isakmp.length trailing-octets"],
    ["beyond the datagram", [0, 0, 1, 0], "isakmp.length truncated"],
    ["2^32 - 1", [255, 255, 255, 255], "isakmp.length truncated"],
  ])("%s", (_, octets, expected) => {
    expect(why(readMessage(changed(24, ...octets)))).toBe(expected);
  });
});

test("I04: another major version is for somebody else, a higher minor one is not", () => {
  for (const version of [0x00, 0x20, 0x30, 0xf0])
    expect(why(readMessage(changed(17, version)))).toBe("isakmp.version bad-value");
  expect(why(readMessage(changed(17, 0x15)))).toBe("taken");
});

test("I19: an initiator cookie of zeros", () => {
  expect(why(readMessage(changed(0, 0, 0, 0, 0, 0, 0, 0, 0)))).toBe("isakmp.initiatorCookie bad-value");
});

describe("I05: chains of payloads", () => {
  const vendor = (count: number): Payload[] =>
    Array.from({ length: count }, () => ({ kind: "vendor" as const, body: new Uint8Array(0) }));

  test("a length below its header, which would never end", () => {
    for (const length of [0, 1, 2, 3])
      expect(why(readPayloads(13, Uint8Array.of(13, 0, 0, length, 0, 0, 0, 4), false))).toBe(
        "isakmp.vendor.length bad-value",
      );
  });

  test("a length past the end", () => {
    expect(why(readPayloads(13, Uint8Array.of(0, 0, 0, 200), false))).toBe("isakmp.vendor truncated");
  });

  test("more of one kind than anybody sends, and more private ones than fit a message", () => {
    expect(why(readPayloads(13, chainOf(vendor(20)), false))).toBe("taken");
    expect(why(readPayloads(13, chainOf(vendor(21)), false))).toBe("isakmp bad-value");
    const tiny = new Uint8Array(4 * 10_000);
    for (let at = 0; at < tiny.length; at += 4) tiny.set([200, 0, 0, 4], at);
    expect(why(readPayloads(200, tiny, false))).toBe("isakmp bad-value");
  });

  test("octets behind the last payload, unless they may be padding", () => {
    const octets = Uint8Array.of(...chainOf(vendor(1)), 0, 0, 0);
    expect(why(readPayloads(13, octets, false))).toBe("isakmp trailing-octets");
    expect(why(readPayloads(13, octets, true))).toBe("taken");
    expect(why(readPayloads(13, Uint8Array.of(...octets, ...new Uint8Array(300)), true))).toBe(
      "isakmp trailing-octets",
    );
  });
});

test("I06: payloads of IKEv2 in each position", () => {
  const { list } = taken(clearPayloads(message(recording, 0)));
  for (let type = 33; type <= 53; type++) {
    for (let at = 0; at <= list.length; at++) {
      const chain = chainOf(list);
      let mark = -1;
      for (let offset = 0, index = 0; index < at; index++) {
        mark = offset;
        offset += ((chain[offset + 2] ?? 0) << 8) | (chain[offset + 3] ?? 0);
      }
      if (mark >= 0) chain[mark] = type;
      expect(why(readPayloads(at === 0 ? type : 1, chain, false)), `${type} at ${at}`).not.toBe("taken");
    }
  }
});

test("I08: what may stand once stands once; two identities are quick mode's", () => {
  const two = (kind: Payload["kind"]): string => {
    const list = [
      { kind, body: new Uint8Array(0) },
      { kind, body: new Uint8Array(0) },
    ];
    const types = { sa: 1, ke: 4, id: 5, hash: 8, nonce: 10 } as const;
    return why(readPayloads(types[kind as keyof typeof types], chainOf(list), false));
  };
  for (const kind of ["sa", "ke", "hash", "nonce"] as const) expect(two(kind)).toBe("isakmp bad-value");
  expect(two("id")).toBe("taken");
});

test("I10: reserved octets set everywhere are ignored", () => {
  const chain = chainOf(taken(clearPayloads(message(recording, 0))).list);
  for (let offset = 0; offset < chain.length; ) {
    chain[offset + 1] = 0xff;
    offset += ((chain[offset + 2] ?? 0) << 8) | (chain[offset + 3] ?? 0);
  }
  expect(why(readPayloads(1, chain, false))).toBe("taken");
});

test("any octets give payloads or a refusal", () => {
  fc.assert(
    fc.property(fc.nat(255), fc.uint8Array({ maxLength: 200, size: "max" }), fc.boolean(), (type, octets, padded) => {
      const value = readPayloads(type, octets, padded);
      if (!(value instanceof WireError)) expect(value.list.length).toBeLessThanOrEqual(100);
    }),
    { numRuns: 2_000 },
  );
});
