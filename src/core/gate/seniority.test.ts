import fc from "fast-check";
import { expect, test } from "vitest";
import { ipv4FromNumber } from "../wire/address.ts";
import { type Claim, compareAskers, compareOwners } from "./seniority.ts";

const claim: fc.Arbitrary<Claim> = fc.record({
  epoch: fc.nat(3),
  priority: fc.nat(3),
  address: fc.nat(3).map(ipv4FromNumber),
  boot: fc.uint8Array({ minLength: 8, maxLength: 8 }),
  flags: fc.record({ hot: fc.boolean(), healthy: fc.boolean() }),
});

test("two members come to opposite answers, always", () => {
  fc.assert(
    fc.property(claim, claim, (a, b) => {
      fc.pre(a.boot.join() !== b.boot.join());
      for (const compare of [compareOwners, compareAskers]) {
        expect(compare(a, b)).not.toBe(0);
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)));
      }
    }),
  );
});

const base: Claim = {
  epoch: 1,
  priority: 100,
  address: ipv4FromNumber(1),
  boot: new Uint8Array(8),
  flags: { hot: false, healthy: true },
};

test.each([
  ["epoch, whatever the priority", { epoch: 2, priority: 1 }, {}],
  ["priority, whatever the address", { priority: 101 }, { address: ipv4FromNumber(2) }],
  ["address, whatever the boot", { address: ipv4FromNumber(2) }, { boot: new Uint8Array(8).fill(1) }],
  ["boot", { boot: new Uint8Array(8).fill(1) }, {}],
])("owners: %s", (_name, a, b) => {
  expect(compareOwners({ ...base, ...a }, { ...base, ...b })).toBeGreaterThan(0);
});

test.each([
  ["health, whatever is held", { flags: { hot: false, healthy: true } }, { flags: { hot: true, healthy: false } }],
  ["what is held, whatever the epoch", { flags: { hot: true, healthy: true } }, { epoch: 9 }],
  ["then as owners", { epoch: 2 }, {}],
])("askers: %s", (_name, a, b) => {
  expect(compareAskers({ ...base, ...a }, { ...base, ...b })).toBeGreaterThan(0);
});
