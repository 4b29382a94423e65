import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { fromHex, toHex } from "../wire/codec-kit.test-support.ts";
import { draftBeacon, isAuthentic, readBeacon, schemeTag, sealBeacon } from "./beacon-seal.ts";
import { primitives } from "./toy-network.test-support.ts";

const { hmac, hash } = primitives();
const vectors = JSON.parse(readFileSync(new URL("./fixtures/beacons.json", import.meta.url), "utf8")) as {
  source: string;
  key: string;
  scheme: string;
  hex: string;
}[];

const read = (octets: Uint8Array) => {
  const said = readBeacon(octets);
  if (said instanceof WireError) throw said;
  return said;
};

test.each(vectors)("$source: sealed as by another hand", ({ key, scheme, hex }) => {
  const said = read(fromHex(hex));
  expect(toHex(said.scheme)).toBe(toHex(schemeTag(scheme, hash)));
  expect(toHex(sealBeacon(draftBeacon(said), said.sequence, fromHex(key), hmac))).toBe(hex);
});

test.each(vectors)("$source: believed, and with any octet changed, or another key, not", ({ key, hex }) => {
  const octets = fromHex(hex);
  expect(isAuthentic(octets, read(octets), fromHex(key), hmac)).toBe(true);
  expect(isAuthentic(octets, read(octets), fromHex("00".repeat(32)), hmac)).toBe(false);
  for (const at of octets.keys()) {
    const changed = Uint8Array.from(octets);
    changed[at] = (changed[at] ?? 0) ^ 0x20;
    const said = readBeacon(changed);
    if (said instanceof WireError) continue;
    expect(isAuthentic(changed, said, fromHex(key), hmac), `octet ${at}`).toBe(false);
  }
});

test("a sequence number above 2^32 stands in all of its eight octets", () => {
  const [vector] = vectors;
  const said = read(fromHex(vector?.hex ?? ""));
  const sealed = sealBeacon(draftBeacon(said), 2 ** 40 + 5, fromHex(vector?.key ?? ""), hmac);
  expect(read(sealed).sequence).toBe(2 ** 40 + 5);
});
