import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type IpAddress, ipv4FromNumber, ipv6FromOctets, macFromOctets, parseIpv4 } from "../wire/address.ts";
import { fromHex, toHex } from "../wire/codec-kit.test-support.ts";
import { type Hash, type HsrpAuth, md5Digest, withoutDigest } from "./hsrp-auth.ts";
import type { HsrpMessage } from "./hsrp-message.ts";
import { decodeHsrp, encodeHsrp } from "./hsrp-packet.ts";

const hash: Hash = (algorithm, octets) => createHash(algorithm).update(octets).digest();
const ip = (text: string) => parseIpv4(text) ?? ipv4FromNumber(0);
const vectors = JSON.parse(readFileSync(new URL("./fixtures/hsrp-md5.json", import.meta.url), "utf8")) as {
  source: string;
  key: string;
  packet: string;
  digest: string;
}[];

describe("keyed MD5, RFC 1828", () => {
  test.each(vectors)("$source: key $key", ({ key, packet, digest }) => {
    expect(toHex(md5Digest(hash, new TextEncoder().encode(key), fromHex(packet)))).toBe(digest);
  });

  test.each(vectors)(
    "a packet signed with $key is believed, and with any octet changed it is not",
    ({ key, packet, digest }) => {
      const signed = fromHex(packet.substring(0, packet.length - 32) + digest);
      const address = ip([...signed.subarray(26, 30)].join("."));
      const keyId = 0;
      const auth: HsrpAuth = { kind: "md5", keys: [{ id: keyId, octets: new TextEncoder().encode(key) }] };
      const context = { version: 1 as const, auth, hash };
      expect(decodeHsrp(signed, address, context).kind).toBe("message");
      expect(decodeHsrp(signed, ip("192.0.2.1"), context)).toMatchObject({
        kind: "unauthentic",
        because: "md5-source",
      });
      for (const at of signed.keys()) {
        const changed = Uint8Array.from(signed);
        changed[at] = (changed[at] ?? 0) ^ 0x10;
        expect(decodeHsrp(changed, address, context).kind, `octet ${at}`).not.toBe("message");
      }
    },
  );

  test("only the digest is left out of the digest", () => {
    expect(toHex(withoutDigest(fromHex(`0102${"ff".repeat(16)}`), 2))).toBe(`0102${"00".repeat(16)}`);
  });
});

const message = (version: 1 | 2): fc.Arbitrary<HsrpMessage> =>
  fc.record({
    opcode: fc.constantFrom("hello", "coup", "resign"),
    state: fc.constantFrom("initial", "learn", "listen", "speak", "standby", "active"),
    group: fc.nat(version === 1 ? 255 : 4095),
    priority: fc.nat(255),
    helloMs: version === 1 ? fc.nat(255).map(each => each * 1000) : fc.nat(255_000),
    holdMs: version === 1 ? fc.nat(255).map(each => each * 1000) : fc.nat(255_000),
    virtualAddress: fc.oneof<fc.Arbitrary<IpAddress | undefined>[]>(
      fc.constant(undefined),
      version === 1
        ? fc.integer({ min: 1, max: 2 ** 32 - 1 }).map(ipv4FromNumber)
        : fc
            .uint8Array({ minLength: 16, maxLength: 16 })
            .filter(octets => octets.some(each => each > 0))
            .map(ipv6FromOctets),
    ),
  });
const auth: fc.Arbitrary<HsrpAuth> = fc.oneof(
  fc.constant<HsrpAuth>({ kind: "text", text: "cisco" }),
  fc.stringMatching(/^[a-z]{1,8}$/).map((text): HsrpAuth => ({ kind: "text", text })),
  fc
    .tuple(fc.nat(2 ** 32 - 1), fc.uint8Array({ minLength: 1, maxLength: 80 }))
    .map(([id, octets]): HsrpAuth => ({ kind: "md5", keys: [{ id, octets }] })),
);
const source = { address: ip("10.0.0.1"), mac: macFromOctets(fromHex("00000c07ac01")) };

describe.each([1, 2] as const)("version %i", version => {
  test("what is sent is what is received, by whoever has the key", () => {
    fc.assert(
      fc.property(message(version), auth, (sent, proof) => {
        const context = { version, auth: proof, hash };
        const decoded = decodeHsrp(encodeHsrp(sent, source, context), source.address, context);
        expect(decoded.kind === "message" ? decoded.message : decoded).toEqual(sent);
      }),
    );
  });

  test("what has another proof is not believed", () => {
    fc.assert(
      fc.property(message(version), auth, auth, (sent, mine, theirs) => {
        fc.pre(JSON.stringify(mine) !== JSON.stringify(theirs));
        const packet = encodeHsrp(sent, source, { version, auth: theirs, hash });
        expect(decodeHsrp(packet, source.address, { version, auth: mine, hash }).kind).not.toBe("message");
      }),
    );
  });

  test("any octets are survived", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), auth, (octets, proof) => {
        void decodeHsrp(octets, source.address, { version, auth: proof, hash });
      }),
    );
  });
});

test("version 1 says seconds rounded up", () => {
  const sent: HsrpMessage = {
    opcode: "hello",
    state: "speak",
    group: 1,
    priority: 100,
    helloMs: 250,
    holdMs: 1001,
    virtualAddress: undefined,
  };
  const context = { version: 1 as const, auth: { kind: "text" as const, text: "cisco" }, hash };
  const decoded = decodeHsrp(encodeHsrp(sent, source, context), source.address, context);
  expect(decoded.kind === "message" && [decoded.message.helloMs, decoded.message.holdMs]).toEqual([1000, 2000]);
});

test("version 1 never says a hold time that ends with the interval", () => {
  const sent: HsrpMessage = {
    opcode: "hello",
    state: "active",
    group: 1,
    priority: 100,
    helloMs: 250,
    holdMs: 750,
    virtualAddress: undefined,
  };
  const context = { version: 1 as const, auth: { kind: "text" as const, text: "cisco" }, hash };
  const decoded = decodeHsrp(encodeHsrp(sent, source, context), source.address, context);
  expect(decoded).toMatchObject({ message: { helloMs: 1_000, holdMs: 2_000 } });
});
