import { expect, test } from "vitest";
import { type EspSuite, espOverhead, isCounterMode, suiteSizes } from "./esp-suite.ts";

const gcm: EspSuite = { cipher: { kind: "aes-gcm", bits: 256 }, hash: undefined };
const cbc: EspSuite = { cipher: { kind: "aes-cbc", bits: 128 }, hash: "sha" };
const chacha: EspSuite = { cipher: { kind: "chacha20" }, hash: undefined };
const nothing: EspSuite = { cipher: { kind: "null" }, hash: "sha256" };

test("sizes are the RFCs'", () => {
  expect(suiteSizes(gcm)).toEqual({ cipherKey: 32, salt: 4, integrityKey: 0, iv: 8, block: 4, icv: 16 });
  expect(suiteSizes(chacha)).toEqual({ cipherKey: 32, salt: 4, integrityKey: 0, iv: 8, block: 4, icv: 16 });
  expect(suiteSizes(cbc)).toEqual({ cipherKey: 16, salt: 0, integrityKey: 20, iv: 16, block: 16, icv: 12 });
  expect(suiteSizes(nothing)).toEqual({ cipherKey: 0, salt: 0, integrityKey: 32, iv: 0, block: 4, icv: 16 });
  expect(suiteSizes({ ...cbc, hash: "sha384" })).toMatchObject({ integrityKey: 48, icv: 24 });
  expect(suiteSizes({ ...cbc, hash: "sha512" })).toMatchObject({ integrityKey: 64, icv: 32 });
});

test("a nonce matters where a keystream would repeat", () => {
  expect([gcm, chacha, cbc, nothing].map(isCounterMode)).toEqual([true, true, false, false]);
});

test("overhead: header, IV, padding to the block, two octets of trailer, ICV", () => {
  expect(espOverhead(gcm, 1400)).toBe(8 + 8 + 2 + 2 + 16);
  expect(espOverhead(gcm, 1402)).toBe(8 + 8 + 0 + 2 + 16);
  expect(espOverhead(cbc, 1400)).toBe(8 + 16 + 6 + 2 + 12);
  expect(espOverhead(cbc, 1406)).toBe(8 + 16 + 0 + 2 + 12);
});
