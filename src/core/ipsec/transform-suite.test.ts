import { expect, test } from "vitest";
import { ESP_SUITES, icvLengthOf } from "./esp-suite.ts";
import type { TransformSet } from "./ipsec-model.ts";
import { espOverhead, keyLengths, suiteOf, transformOf } from "./transform-suite.ts";

type Transforms = Pick<TransformSet, "cipher" | "hash">;

const GCM: Transforms = { cipher: { kind: "aes-gcm", bits: 256 }, hash: undefined };
const CBC: Transforms = { cipher: { kind: "aes-cbc", bits: 128 }, hash: "sha" };

test.each<[string, Transforms, number, number, number]>([
  ["esp-gcm 256", GCM, 36, 0, 16],
  ["esp-gcm 128", { cipher: { kind: "aes-gcm", bits: 128 }, hash: undefined }, 20, 0, 16],
  ["esp-chacha20-poly1305", { cipher: { kind: "chacha20" }, hash: undefined }, 36, 0, 16],
  ["esp-aes esp-sha-hmac", CBC, 16, 20, 12],
  ["esp-aes 192 esp-sha256-hmac", { cipher: { kind: "aes-cbc", bits: 192 }, hash: "sha256" }, 24, 32, 16],
  ["esp-null esp-sha384-hmac", { cipher: { kind: "null" }, hash: "sha384" }, 0, 48, 24],
  ["esp-null esp-sha512-hmac", { cipher: { kind: "null" }, hash: "sha512" }, 0, 64, 32],
])(
  "%s: octets of the cipher's key with its salt, of the integrity key, of the ICV",
  (_, set, cipher, integrity, icv) => {
    expect(keyLengths(suiteOf(set))).toEqual({ cipher, integrity });
    expect(icvLengthOf(suiteOf(set))).toBe(icv);
  },
);

test("overhead: header, IV, padding to the block, two octets of trailer, ICV", () => {
  expect(espOverhead(suiteOf(GCM), 1400)).toBe(8 + 8 + 2 + 2 + 16);
  expect(espOverhead(suiteOf(GCM), 1402)).toBe(8 + 8 + 0 + 2 + 16);
  expect(espOverhead(suiteOf(CBC), 1400)).toBe(8 + 16 + 6 + 2 + 12);
  expect(espOverhead(suiteOf(CBC), 1406)).toBe(8 + 16 + 0 + 2 + 12);
});

test.each([...ESP_SUITES])("%s is known by its transforms", (_, suite) => {
  expect(suiteOf(transformOf(suite))).toEqual(suite);
});
