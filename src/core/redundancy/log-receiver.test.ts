/** What a standby takes of the active's log, entry by entry; the guards that a sender without faults never needs. */
import { expect, test } from "vitest";
import type { Entry, TableRecord } from "./entry-message.ts";
import { LogReceiver } from "./log-receiver.ts";
import { RecordStore } from "./record-store.ts";
import { SequenceBook } from "./sequence-book.ts";

const record = (key: string, version: number, text: string): TableRecord => ({
  kind: "ike",
  key,
  version,
  octets: Uint8Array.from(text, char => char.charCodeAt(0)),
  esn: false,
  held: 0,
  inboundEdge: 0,
  ageMs: 0,
});
const records = (...list: TableRecord[]): Entry => ({ is: "records", records: list });
const changes = (position: number, puts: TableRecord[], deletes: string[] = []): Entry => ({
  is: "transaction",
  position,
  puts,
  deletes: deletes.map(key => ({ kind: "ike", key })),
  more: false,
});
const BEGIN: Entry = { is: "begin", records: 0 };

function standby() {
  const table = new RecordStore();
  const receiver = new LogReceiver(table, new SequenceBook());
  receiver.ask({ session: 1, join: 1, epoch: 3 });
  const take = (entry: Entry, now = 0) => receiver.take(receiver.number + 1, entry, 3, now);
  const text = (key: string) => {
    const found = table.record({ kind: "ike", key });
    return found === undefined ? undefined : String.fromCharCode(...found.octets);
  };
  return { table, receiver, take, text };
}

test("V6: a bulk record that is older than its deletion is void, until the bulk ends", () => {
  const { take, text, table } = standby();
  take(BEGIN);
  take(records(record("x", 1, "old")));
  take(changes(5, [], ["x"]));
  expect(take(records(record("x", 4, "older"))).application?.puts).toEqual([]);
  expect(text("x")).toBeUndefined();
  take(records(record("x", 6, "new")));
  expect(text("x")).toBe("new");
  take({ is: "end", position: 6, records: 1 });
  take(changes(7, [], ["x"]));
  expect(table.size).toBe(0);
});

test("a bulk record that is older than what a change brought is void", () => {
  const { take, text } = standby();
  take(BEGIN);
  take(changes(5, [record("x", 5, "new")]));
  take(records(record("x", 4, "old")));
  expect(text("x")).toBe("new");
});

test("a bulk is not whole when it ends with another number of records", () => {
  const { take, receiver } = standby();
  take(BEGIN);
  take(records(record("x", 1, "x")));
  expect(take({ is: "end", position: 1, records: 2 }).broken).toBe("1 records after a bulk sync of 2");
  expect(receiver.hot).toBe(false);
});

test("nothing counts before the beginning, and only the next number does", () => {
  const { take, receiver } = standby();
  expect(take(changes(1, [])).broken).toBe("transaction before the beginning");
  expect(receiver.take(3, BEGIN, 3, 0).broken).toBe("entry 3 follows entry 0");
  expect(receiver.take(1, BEGIN, 3, 0).broken).toBeUndefined();
  expect(receiver.take(1, BEGIN, 3, 0).broken).toBe("entry 1 follows entry 1");
});

test("it is hot when it is whole and the active says so, in whichever order", () => {
  const { take, receiver } = standby();
  take(BEGIN);
  take({ is: "hot" });
  expect(receiver.hot).toBe(false);
  take({ is: "end", position: 0, records: 0 });
  expect(receiver.hot).toBe(true);
  take({ is: "not-hot", because: "late" });
  expect(receiver.hot).toBe(false);
  take({ is: "hot" });
  expect(receiver.hot).toBe(true);
});

test("what it hands out stays when the table wipes its own", () => {
  const { take } = standby();
  take(BEGIN);
  const put = take(records(record("x", 1, "secret"))).application?.puts[0];
  take(changes(2, [], ["x"]));
  expect(String.fromCharCode(...(put?.octets ?? []))).toBe("secret");
});

test("a record keeps its age: what it says is left has shrunk since, for whoever asks this member too", () => {
  const { take, table } = standby();
  take(BEGIN, 90_000);
  const aged = { ...record("a", 1, "x"), ageMs: 40_000 };
  expect(take(records(aged), 90_000).application?.puts).toMatchObject([{ key: "a", ageMs: 40_000 }]);
  expect(table.ageMs(aged, 100_000)).toBe(50_000);
});
