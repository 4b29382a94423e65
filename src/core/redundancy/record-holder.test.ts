import { expect, test } from "vitest";
import type { WireError } from "../errors.ts";
import { childSa } from "../ipsec/child-sa.test-support.ts";
import type { ChildSa } from "../ipsec/child-sa.ts";
import { encodeChildSa } from "../ipsec/child-sa-record.ts";
import { RecordHolder } from "./record-holder.ts";

/** Says in words what the data plane's keeper and IKE are told. */
function holding() {
  const told: string[] = [];
  const malformed: WireError[] = [];
  const spis = (children: readonly ChildSa[]): string => children.map(({ spi }) => spi.toString(16)).join(" ");
  const holder = new RecordHolder({
    keeper: {
      installAll: children => void told.push(`install ${spis(children)}`),
      enable: spi => void told.push(`enable ${spi.toString(16)}`),
      remove: spi => void told.push(`remove ${spi.toString(16)}`),
    },
    ike: () => ({
      restore: (records, children) => void told.push(`ike ${records.map(({ id }) => id)} with ${spis(children)}`),
      forget: (ids, gone) => void told.push(`ike forgets ${ids} and ${gone.map(spi => spi.toString(16))}`),
      role: () => {},
    }),
    malformed: error => malformed.push(error),
    now: () => 0,
  });
  return { holder, told, malformed };
}

const put = (changes: Partial<ChildSa>, octets = encodeChildSa(childSa(changes), 0)) =>
  ({ kind: "child", key: String(changes.spi), esn: false, octets, ageMs: 0 }) as const;

test("every pair goes into the data plane, IKE's and those keyed by hand, before IKE hears of it", () => {
  const { holder, told, malformed } = holding();
  const byHand = put({ spi: 0x1002, ike: undefined });
  const ike = { kind: "ike", key: "ike-1", octets: new Uint8Array(), ageMs: 0 } as const;
  holder.apply("scheme", { puts: [ike, put({ spi: 0x1001 }), byHand], deletes: [] });
  expect(told).toEqual(["install 1001 1002", "enable 1001", "enable 1002", "ike ike-1 with 1001"]);
  expect(malformed).toEqual([]);
});

test("what is not in use yet, or no more, carries nothing", () => {
  const { holder, told } = holding();
  holder.apply("scheme", {
    puts: [put({ spi: 0x1001, stage: "fresh" }), put({ spi: 0x1002, stage: "old" })],
    deletes: [],
  });
  expect(told).toEqual(["install 1001 1002", "ike  with 1001 1002"]);
});

test("what is deleted goes from both", () => {
  const { holder, told } = holding();
  const deletes = [
    { kind: "ike", key: "ike-1" },
    { kind: "child", key: "4097" },
  ] as const;
  holder.apply("scheme", { puts: [], deletes });
  expect(told).toEqual(["install ", "ike forgets ike-1 and 1001", "remove 1001"]);
});

test("a record that is none is told, and the others are held", () => {
  const { holder, told, malformed } = holding();
  holder.apply("scheme", { puts: [put({ spi: 0x1001 }, Uint8Array.of(0xff)), put({ spi: 0x1002 })], deletes: [] });
  expect(malformed).toHaveLength(1);
  expect(told).toEqual(["install 1002", "enable 1002", "ike  with 1002"]);
});

test("times that were left when a record was written are less by its age", () => {
  const installed: (number | undefined)[] = [];
  const restored: number[] = [];
  const holder = new RecordHolder({
    keeper: {
      installAll: children => installed.push(...children.map(({ lifetime }) => lifetime.hardAtMs)),
      enable: () => {},
      remove: () => {},
    },
    ike: () => ({
      restore: records => restored.push(...records.map(({ ageMs }) => ageMs)),
      forget: () => {},
      role: () => {},
    }),
    malformed: () => {},
    now: () => 100_000,
  });
  const lifetime = { softAtMs: undefined, hardAtMs: 3_600_000, softOctets: undefined, hardOctets: undefined };
  const ike = { kind: "ike", key: "ike-1", octets: new Uint8Array(), ageMs: 7 } as const;
  holder.apply("scheme", { puts: [{ ...put({ spi: 0x1001, lifetime }), ageMs: 40_000 }, ike], deletes: [] });
  expect([installed, restored]).toEqual([[100_000 + 3_600_000 - 40_000], [7]]);
});
