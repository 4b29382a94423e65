import { createDiffieHellmanGroup, createECDH } from "node:crypto";
import { describe, expect, test } from "vitest";
import { Secret } from "../core/crypto/secret.ts";
import type { ComputeJob, ComputeResult } from "../core/ike/compute-job.ts";
import { dhGroup } from "../core/ike/dh-groups.ts";
import { fromHex, toHex } from "../core/wire/codec-kit.test-support.ts";
import { computeDiffieHellman } from "./diffie-hellman.ts";

const GROUPS = [2, 5, 14, 15, 16, 19, 20, 21];

function done<K extends ComputeResult["kind"]>(job: ComputeJob, kind: K): Extract<ComputeResult, { kind: K }> {
  const result = computeDiffieHellman(job);
  if (result.kind !== kind) throw new Error(`${result.kind}: ${"because" in result ? result.because : ""}`);
  return result as Extract<ComputeResult, { kind: K }>;
}
const refused = (group: number, peerPublic: Uint8Array): string => {
  const result = computeDiffieHellman({ kind: "dh-exchange", group, peerPublic });
  return result.kind === "failed" ? result.because : "taken";
};
const filled = (length: number, octet: number): Uint8Array => new Uint8Array(length).fill(octet);

test.each(GROUPS)("group %s: both sides find the same secret, as long as the group says", group => {
  const ours = done({ kind: "dh-generate", group }, "generated");
  const theirs = done({ kind: "dh-exchange", group, peerPublic: ours.publicValue }, "exchanged");
  const agreed = done({ kind: "dh-agree", group, secret: ours.secret, peerPublic: theirs.publicValue }, "agreed");
  expect(toHex(agreed.shared.reveal())).toBe(toHex(theirs.shared.reveal()));
  expect(agreed.shared.length).toBe(dhGroup(group)?.sharedLength);
  expect(theirs.publicValue.length).toBe(dhGroup(group)?.publicLength);
});

test("RFC 5903 section 8.1", () => {
  const secret = new Secret(fromHex("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433"));
  const peerPublic = fromHex(
    `D12DFB5289C8D4F81208B70270398C342296970A0BCCB74C736FC7554494BF63
     56FBF3CA366CC23E8157854C13C58D6AAC23F046ADA30F8353E74F33039872AB`,
  );
  const { shared } = done({ kind: "dh-agree", group: 19, secret, peerPublic }, "agreed");
  expect(toHex(shared.reveal()).toUpperCase()).toBe("D6840F6B42F6EDAFD13116E0E12565202FEF8E9ECE7DCE03812464D04B9442DE");
});

test("a number with leading zeros keeps its length", () => {
  const group = 14;
  const prime = createDiffieHellmanGroup("modp14").getPrime();
  // g^1 = 2, which is one octet of 256.
  const two = filled(256, 0);
  two[255] = 2;
  expect(prime).toHaveLength(256);
  expect(done({ kind: "dh-exchange", group, peerPublic: two }, "exchanged").shared.length).toBe(256);
});

describe("what is no public value", () => {
  test("I13: a group that does not exist here", () => {
    for (const group of [0, 1, 22, 23, 24, 1025, 65_535]) expect(refused(group, filled(256, 3))).toContain(`${group}`);
  });

  test.each(GROUPS)("I14: group %s, of another length", group => {
    const length = dhGroup(group)?.publicLength ?? 0;
    for (const wrong of [0, length - 1, length + 1, 65_000])
      expect(refused(group, filled(wrong, 3))).toBe(`a public value of ${wrong} octets, group ${group} has ${length}`);
  });

  test.each([
    [2, "modp2"],
    [5, "modp5"],
    [14, "modp14"],
    [15, "modp15"],
    [16, "modp16"],
  ])("I15: group %s, 0, 1, p - 1, p, p + 1, 2^n - 1", (group, name) => {
    const prime = createDiffieHellmanGroup(name).getPrime();
    const near = (difference: number): Uint8Array => {
      const value = BigInt(`0x${prime.toString("hex")}`) + BigInt(difference);
      return fromHex(value.toString(16).padStart(prime.length * 2, "0"));
    };
    const one = filled(prime.length, 0);
    one[prime.length - 1] = 1;
    for (const value of [filled(prime.length, 0), one, near(-1), near(0), near(1), filled(prime.length, 0xff)])
      expect(refused(group, value)).toBe(`a public value that is none of group ${group}`);
  });

  test.each([
    [19, "prime256v1"],
    [20, "secp384r1"],
    [21, "secp521r1"],
  ])("I16: group %s, a point off the curve, infinity, coordinates beyond the field", (group, name) => {
    const ecdh = createECDH(name);
    const point = new Uint8Array(ecdh.generateKeys()).subarray(1);
    expect(refused(group, point)).toBe("taken");
    const off = Uint8Array.from(point, (octet, at) => (at === point.length - 1 ? octet ^ 1 : octet));
    for (const value of [off, filled(point.length, 0), filled(point.length, 0xff)])
      expect(refused(group, value)).toBe(`a public value that is none of group ${group}`);
  });
});
