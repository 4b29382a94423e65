import { execFileSync } from "node:child_process";
import { createPublicKey, generateKeyPairSync, X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { selfSigned } from "./self-signed.ts";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

test("a certificate carries the key, is signed by it, and never ends", () => {
  const certificate = new X509Certificate(selfSigned(privateKey, "understudy"));
  const spki = certificate.publicKey.export({ type: "spki", format: "der" });
  expect(spki).toEqual(createPublicKey(privateKey).export({ type: "spki", format: "der" }));
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.subject).toBe("CN=understudy");
  expect(certificate.validTo).toBe("Dec 31 23:59:59 9999 GMT");
});

test("no two have the same serial number, and none is negative or padded", () => {
  const serials = Array.from({ length: 50 }, () => new X509Certificate(selfSigned(privateKey, "a")).serialNumber);
  expect(new Set(serials).size).toBe(50);
  for (const serial of serials) expect(serial).toMatch(/^[4-7][0-9A-F]{31}$/);
});

test("lengths of one, two and three octets are written", () => {
  for (const length of [1, 60, 120, 300]) {
    const name = "n".repeat(length);
    expect(new X509Certificate(selfSigned(privateKey, name)).subject).toBe(`CN=${name}`);
  }
});

test("openssl reads it strictly", () => {
  const input = selfSigned(privateKey, "understudy");
  const text = execFileSync("openssl", ["x509", "-noout", "-text"], { input, encoding: "utf8" });
  expect(text).toContain("Version: 3 (0x2)");
  expect(text).toContain("ecdsa-with-SHA256");
});
