import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { IdentityStore } from "./identity-store.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "understudy-identity-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("the key is made once, for its owner alone, and stays", () => {
  const first = new IdentityStore(folder).identity();
  const second = new IdentityStore(folder).identity();
  expect(second.fingerprint).toBe(first.fingerprint);
  expect(first.fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
  expect(statSync(join(folder, "identity/key.pem")).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, "identity")).mode & 0o777).toBe(0o700);
});

test("two gateways have two identities", () => {
  const one = new IdentityStore(join(folder, "1")).identity();
  expect(new IdentityStore(join(folder, "2")).identity().fingerprint).not.toBe(one.fingerprint);
});

test("a key that cannot be read is not replaced", () => {
  new IdentityStore(folder).identity();
  writeFileSync(join(folder, "identity/key.pem"), "not a key");
  expect(() => new IdentityStore(folder).identity()).toThrow("cannot read the identity key");
  expect(readFileSync(join(folder, "identity/key.pem"), "utf8")).toBe("not a key");
});

test("the key that was agreed on survives, and the last one holds", () => {
  const store = new IdentityStore(folder);
  expect(store.agreedKey).toBeUndefined();
  store.keepAgreedKey(new Uint8Array(32).fill(1));
  store.keepAgreedKey(new Uint8Array(32).fill(2));
  expect(store.agreedKey).toEqual(new Uint8Array(32).fill(2));
  expect(new IdentityStore(folder).agreedKey).toEqual(new Uint8Array(32).fill(2));
  expect(statSync(join(folder, "identity/beacons")).mode & 0o777).toBe(0o600);
  writeFileSync(join(folder, "identity/beacons"), "0102\n");
  expect(new IdentityStore(folder).agreedKey).toBeUndefined();
});

test("the pin survives, and what was confirmed once stays confirmed until another key is pinned", () => {
  const store = new IdentityStore(folder);
  expect(store.pin).toBeUndefined();
  const steps = [
    [{ fingerprint: "SHA256:one", confirmed: false }, false],
    [{ fingerprint: "SHA256:one", confirmed: true }, true],
    [{ fingerprint: "SHA256:one", confirmed: false }, true],
    [{ fingerprint: "SHA256:two", confirmed: false }, false],
  ] as const;
  for (const [pin, confirmed] of steps) {
    store.keepPin(pin);
    expect(new IdentityStore(folder).pin).toEqual({ ...pin, confirmed });
    expect(store.pin).toEqual({ ...pin, confirmed });
  }
});
