import fc from "fast-check";
import { expect, test } from "vitest";
import { RecordStore } from "./record-store.ts";
import type { CheckpointRecord } from "./replication-port.ts";

const ike = (key: string, ...octets: number[]): CheckpointRecord => ({
  kind: "ike",
  key,
  octets: Uint8Array.from(octets),
});

test("what is replaced and what is deleted is wiped; what is said again is kept as it is", () => {
  const table = new RecordStore();
  const [first, second] = [ike("x", 1, 2), ike("x", 3, 4)];
  expect(table.put(first, 1, 0)).toBe(true);
  expect(table.put(ike("x", 1, 2), 2, 0)).toBe(false);
  expect([first.octets[0], table.versionOf(first)]).toEqual([1, 2]);
  expect(table.put(second, 3, 0)).toBe(true);
  expect([...first.octets]).toEqual([0, 0]);
  expect([table.delete(second), table.delete(second)]).toEqual([true, false]);
  expect([...second.octets]).toEqual([0, 0]);
});

test("IKE SAs come before the Child SAs that belong to them", () => {
  const table = new RecordStore();
  table.put({ kind: "child", key: "300", esn: false, octets: Uint8Array.of(1) }, 1, 0);
  table.put(ike("x", 1), 1, 0);
  expect(table.names().map(each => each.kind)).toEqual(["ike", "child"]);
  expect([table.count("ike"), table.count("child")]).toEqual([1, 1]);
});

const change = fc.record({ key: fc.constantFrom("a", "b", "c"), octet: fc.option(fc.integer({ min: 0, max: 3 })) });

test("the checksum depends on what there is, and not on how it came there", () => {
  fc.assert(
    fc.property(fc.array(change, { maxLength: 30 }), changes => {
      const table = new RecordStore();
      const last = new Map<string, number>();
      for (const [at, { key, octet }] of changes.entries()) {
        if (octet === null) table.delete({ kind: "ike", key });
        else table.put(ike(key, octet), at, 0);
        if (octet === null) last.delete(key);
        else last.set(key, octet);
      }
      const other = new RecordStore();
      for (const [key, octet] of [...last].reverse()) other.put(ike(key, octet), 9, 0);
      expect(table.checksum).toEqual(other.checksum);
      other.put(ike("a", (last.get("a") ?? 0) + 4), 10, 0);
      expect(table.checksum).not.toEqual(other.checksum);
    }),
  );
});

test("a record ages, and is no younger for being said again", () => {
  const table = new RecordStore();
  const name = { kind: "ike", key: "x" } as const;
  table.put(ike("x", 1), 1, 1_000);
  table.put(ike("x", 1), 2, 5_000);
  expect(table.ageMs(name, 6_000.2)).toBe(5_001);
  // Its first copy was late: it is older than it was taken for.
  expect([table.put(ike("x", 1), 2, 500), table.put(ike("x", 1), 2, -501)]).toEqual([false, true]);
  table.put(ike("x", 2), 3, 6_000);
  expect([table.ageMs(name, 6_000), table.ageMs({ kind: "ike", key: "y" }, 6_000)]).toEqual([0, 0]);
});
