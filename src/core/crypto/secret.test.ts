import { inspect } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "./secret.ts";

const OCTETS = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

test("keeps a copy of its own, which wiping destroys and nothing else does", () => {
  const given = OCTETS.slice();
  const secret = new Secret(given);
  given.fill(7);
  const inside = secret.reveal();
  expect(inside).toEqual(OCTETS);
  expect(inside.buffer.byteLength).toBe(4);
  secret.wipe();
  expect(inside).toEqual(new Uint8Array(4));
  expect(() => secret.reveal()).toThrow("after it was wiped");
});

test("is told from another by its octets", () => {
  const secret = new Secret(OCTETS);
  expect(
    [secret, new Secret(OCTETS), new Secret(OCTETS.subarray(1)), new Secret(new Uint8Array(4))].map(each =>
      secret.equals(each),
    ),
  ).toEqual([true, true, false, false]);
});

test("has no form that shows its octets", () => {
  const secret = new Secret(OCTETS);
  const forms = [String(secret), `${secret}`, JSON.stringify({ key: secret }), inspect(secret, { showHidden: true })];
  for (const form of forms) expect(form).not.toMatch(/222|dead|173|239/i);
  expect(JSON.stringify({ key: secret })).toBe('{"key":"(secret)"}');
  expect(Object.keys(secret)).toEqual([]);
});
