import fc from "fast-check";
import { expect, test } from "vitest";
import type { Ipv4 } from "../wire/address.ts";
import { betweenPrefixes } from "../wire/selector.ts";
import type { PolicyLine } from "./crypto-policies.ts";
import { newMapEntry } from "./ipsec-model.ts";
import type { Policy } from "./policy.ts";
import { Spd } from "./spd.ts";

const selector = (at: number) => {
  const prefix = (text: string) => ({ address: text as Ipv4, length: 24 });
  return betweenPrefixes(prefix("10.99.0.0"), prefix(`172.16.${at}.0`));
};

function protect(at: number, owner = "plain"): PolicyLine {
  const common = {
    interface: "f0/0",
    map: "M",
    sequence: 10,
    entry: newMapEntry(10, undefined),
    dynamic: false,
    part: false,
  };
  const traffic = { ...common, key: `f0/0 M 10 ${at * 10}`, owner, selector: selector(at) };
  return { action: "protect", traffic, selector: selector(at) };
}

const bypass = (at: number): PolicyLine => ({ action: "bypass", owner: "plain", selector: selector(at) });

test("numbers, orders and bundles", () => {
  const spd = new Spd();
  const { add, remove } = spd.change([bypass(1), protect(2), protect(3)]);
  expect(remove).toEqual([]);
  expect(add.map(({ id, order, action }) => [id, order, action])).toEqual([
    [0, 0, { kind: "bypass" }],
    [1, 1, { kind: "protect", bundle: 0 }],
    [2, 2, { kind: "protect", bundle: 1 }],
  ]);
  expect(spd.trafficOf(1)?.key).toBe("f0/0 M 10 30");
  expect(spd.change([bypass(1), protect(2), protect(3)])).toEqual({ remove: [], add: [], ended: [] });
});

test("what stands keeps its bundle when something comes before it", () => {
  const spd = new Spd();
  spd.change([protect(2)]);
  const { add, ended } = spd.change([protect(1), protect(2)]);
  expect(ended).toEqual([]);
  expect(add.map(({ id, order, action }) => [id, order, action])).toEqual([
    [1, 0, { kind: "protect", bundle: 1 }],
    [0, 1, { kind: "protect", bundle: 0 }],
  ]);
});

test("what goes says which SAs go with it, and its numbers are given again", () => {
  const spd = new Spd();
  spd.change([protect(1), protect(2)]);
  expect(spd.change([protect(2)])).toMatchObject({ remove: [0], ended: [0] });
  expect(spd.change([protect(2), protect(3)]).add).toMatchObject([{ id: 0, action: { bundle: 0 } }]);
});

test("another owner is another bundle: its SAs hang on another role word", () => {
  const spd = new Spd();
  spd.change([protect(1)]);
  expect(spd.change([protect(1, "TUNNEL")])).toMatchObject({ ended: [0], add: [{ owner: "TUNNEL" }] });
});

test("the data plane, told of every change, has what is wanted", () => {
  const line = fc.tuple(fc.nat(5), fc.boolean(), fc.constantFrom("plain", "A"));
  const lines = fc.array(line, { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(lines, { maxLength: 5 }), history => {
      const spd = new Spd();
      const plane = new Map<number, Policy>();
      for (const wanted of history) {
        const change = spd.change(wanted.map(([at, on, owner]) => (on ? protect(at, owner) : bypass(at))));
        for (const id of change.remove) expect(plane.delete(id)).toBe(true);
        for (const policy of change.add) plane.set(policy.id, policy);
        expect([...plane.values()].sort((a, b) => a.order - b.order)).toEqual(spd.policies);
        expect(spd.policies.map(({ selector: meant }) => meant)).toEqual(wanted.map(([at]) => selector(at)));
        const used = spd.policies.flatMap(({ action }) => (action.kind === "protect" ? [action.bundle] : []));
        expect(new Set(used)).toEqual(new Set(spd.protected.map(({ bundle }) => bundle)));
        expect(change.ended.every(bundle => !used.includes(bundle))).toBe(true);
      }
    }),
  );
});
