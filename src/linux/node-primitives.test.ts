import { describe, expect, test } from "vitest";
import { AEAD_TAG, type AeadUse } from "../core/crypto/primitives.ts";
import { nodePrimitives } from "./node-primitives.ts";

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString("hex");
const octets = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "hex"));
const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "ascii"));

describe("hashes and MACs", () => {
  test.each([
    ["md5", "900150983cd24fb0d6963f7d28e17f72", "RFC 1321 appendix A.5"],
    ["sha1", "a9993e364706816aba3e25717850c26c9cd0d89d", "FIPS 180-2 appendix A.1"],
    ["sha256", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", "FIPS 180-2 appendix B.1"],
  ] as const)("%s of abc is %s (%s)", (algorithm, digest, _source) => {
    expect(hex(nodePrimitives.hash(algorithm, ascii("a"), ascii("bc")))).toBe(digest);
  });

  test("HMAC of RFC 2202 and RFC 4231, case 2, over parts", () => {
    const parts = [ascii("what do ya want "), ascii("for nothing?")];
    const mac = (algorithm: "md5" | "sha1" | "sha256") => hex(nodePrimitives.hmac(algorithm, ascii("Jefe"), ...parts));
    expect(mac("md5")).toBe("750c783e6ab0b503eaa86e310a5db738");
    expect(mac("sha1")).toBe("effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    expect(mac("sha256")).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });
});

describe("AES-CBC", () => {
  test("RFC 3602 section 4, case 2, both ways", () => {
    const key = octets("c286696d887c9aa0611bbb3e2025a45a");
    const iv = octets("562e17996d093d28ddb3ba695a2e6f58");
    const plain = Uint8Array.from({ length: 32 }, (_, at) => at);
    const cipher = "d296cd94c2cccf8a3a863028b5e1dc0a7586602d253cfff91b8266bea6d61ab1";
    expect(hex(nodePrimitives.aesCbc.encrypt(key, iv, plain))).toBe(cipher);
    expect(hex(nodePrimitives.aesCbc.decrypt(key, iv, octets(cipher)))).toBe(hex(plain));
  });
});

describe("AEADs", () => {
  const algorithms = [
    ["aes-gcm", 16],
    ["aes-gcm", 24],
    ["aes-gcm", 32],
    ["chacha20-poly1305", 32],
  ] as const;

  test.each(algorithms)(
    "%s with %i octets of key: any other tag, key, nonce or data opens nothing",
    (algorithm, length) => {
      const use: AeadUse = { algorithm, key: new Uint8Array(length), nonce: new Uint8Array(12), aad: ascii("head") };
      const sealed = nodePrimitives.aead.seal(use, ascii("body"));
      expect(sealed.length).toBe(4 + AEAD_TAG);
      expect(hex(nodePrimitives.aead.open(use, sealed) ?? sealed)).toBe(hex(ascii("body")));
      for (const at of sealed.keys()) {
        const changed = Uint8Array.from(sealed);
        changed[at] = (sealed[at] ?? 0) ^ 1;
        expect(nodePrimitives.aead.open(use, changed)).toBeUndefined();
      }
      expect(nodePrimitives.aead.open({ ...use, aad: ascii("heat") }, sealed)).toBeUndefined();
      expect(nodePrimitives.aead.open({ ...use, nonce: new Uint8Array(12).fill(1) }, sealed)).toBeUndefined();
      expect(nodePrimitives.aead.open({ ...use, key: new Uint8Array(length).fill(1) }, sealed)).toBeUndefined();
      expect(nodePrimitives.aead.open(use, sealed.subarray(0, AEAD_TAG - 1))).toBeUndefined();
    },
  );

  test("a key of no AES size is a bug of ours", () => {
    const use: AeadUse = { algorithm: "aes-gcm", key: new Uint8Array(17), nonce: new Uint8Array(12), aad: ascii("") };
    expect(() => nodePrimitives.aead.seal(use, ascii(""))).toThrow("17 octets are no AES key");
  });
});

describe("comparison and randomness", () => {
  test("octets are equal where all are, and never of two lengths", () => {
    expect(nodePrimitives.equal(ascii("abc"), ascii("abc"))).toBe(true);
    expect(nodePrimitives.equal(ascii("abc"), ascii("abd"))).toBe(false);
    expect(nodePrimitives.equal(ascii("abc"), ascii("ab"))).toBe(false);
    expect(nodePrimitives.equal(ascii(""), ascii(""))).toBe(true);
  });

  test("random octets are as many as were asked for, and others each time", () => {
    const drawn = new Set(Array.from({ length: 100 }, () => hex(nodePrimitives.random(16))));
    expect(drawn.size).toBe(100);
    expect([...drawn].every(value => value.length === 32)).toBe(true);
  });
});
