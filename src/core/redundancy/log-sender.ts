/**
 * The active's log, as it goes to one standby that asked for it: first everything there is, then every change, all
 * numbered in one row.
 *
 * A record of the bulk sync is read from the table when its turn comes, so that it never says anything older than the
 * change that was sent before it; changes do not wait for the bulk's end. The bulk keeps a bounded number of messages
 * under way; changes are few and bounded by the stream. Rule 3 of the counters lives here: everything carries the
 * number of the wish that it answers, and a standby that begins anew wishes anew.
 */
import { type Entry, NUMBERS_LIMIT, type TableRecord } from "./entry-message.ts";
import { type KnownBody, PAYLOAD_LIMIT } from "./peer-message.ts";
import { idOf, type RecordStore } from "./record-store.ts";
import {
  type ChildNumber,
  childKey,
  type ExactNumbers,
  type LagSnapshot,
  type RecordName,
} from "./replication-port.ts";
import type { SequenceBook } from "./sequence-book.ts";

/** Messages of a bulk sync that are under way. */
export const BULK_WINDOW = 8;
/** Octets of a message that a record takes besides its own and its key's. */
const RECORD_OVERHEAD = 56;

/** Names of records, of any length that they may have, that fit into a message. */
const DELETES_LIMIT = 128;

type Changes = Pick<Extract<Entry, { is: "transaction" }>, "puts" | "deletes">;

interface Sent {
  readonly number: number;
  readonly at: number;
  readonly entry: Entry["is"];
  /** Of the log, when this is acknowledged. */
  readonly position: number;
  readonly held: readonly ChildNumber[];
  readonly records: number;
  /** Inbound edges in it. */
  readonly edges: number;
}

export interface Acknowledged {
  readonly position: number;
  readonly held: readonly ChildNumber[];
  /** The bulk sync is complete on the other side, as of now. */
  readonly whole: boolean;
  /** So many inbound edges were on their way for longer than `EDGE_LATE_MS`. */
  readonly lateEdges: number;
}

/** Edges are told every 100 ms, and are then to be there as soon. */
const EDGE_LATE_MS = 100;

export class LogSender {
  readonly #table: RecordStore;
  readonly #book: SequenceBook;
  readonly #say: (body: KnownBody) => void;
  #join: number | undefined;
  #number = 0;
  #position = 0;
  #sent: Sent[] = [];
  /** Names still to be sent by the bulk, last first; `undefined` when its end was sent. */
  #bulk: RecordName[] | undefined;
  #waitingForBulk = new Set<string>();

  constructor(table: RecordStore, book: SequenceBook, say: (body: KnownBody) => void) {
    this.#table = table;
    this.#book = book;
    this.#say = say;
  }

  /** The wish that is being answered. */
  get join(): number | undefined {
    return this.#join;
  }

  /** The number of the last entry. */
  get number(): number {
    return this.#number;
  }

  /** Everything that was said is acknowledged, and there is nothing left to say. */
  get flushed(): boolean {
    return this.#sent.length === 0 && this.#bulk === undefined;
  }

  /** One of these is on its way, or its acknowledgement is. */
  awaits(entry: Entry["is"]): boolean {
    return this.#sent.some(each => each.entry === entry);
  }

  start(join: number, position: number, now: number): void {
    this.#join = join;
    this.#number = 0;
    this.#position = position;
    this.#sent = [];
    this.#bulk = this.#table.names().reverse();
    this.#waitingForBulk = new Set(this.#bulk.map(idOf));
    this.#send({ is: "begin", records: this.#bulk.length }, now);
    this.pump(now);
  }

  stop(): void {
    this.#join = undefined;
    this.#sent = [];
    this.#bulk = undefined;
    this.#waitingForBulk.clear();
  }

  /** What was decided at once, already in the table. */
  append(position: number, puts: readonly RecordName[], deletes: readonly RecordName[], now: number): void {
    this.#position = position;
    if (this.#join === undefined) return;
    for (const name of [...puts, ...deletes]) this.#waitingForBulk.delete(idOf(name));
    const parts: Changes[] = [
      ...chunks(this.#read(puts, now)).map(records => ({ puts: records, deletes: [] })),
      ...slices(deletes, DELETES_LIMIT).map(names => ({ puts: [], deletes: names })),
    ];
    // Its position is waited for even where it changed nothing.
    if (parts.length === 0) parts.push({ puts: [], deletes: [] });
    for (const [at, part] of parts.entries()) {
      this.#send({ is: "transaction", position, ...part, more: at < parts.length - 1 }, now);
    }
  }

  /** Numbers that moved; those of records that the bulk has yet to send go with them. */
  counters(numbers: readonly ExactNumbers[], now: number): void {
    const known = numbers.filter(({ spi }) => this.#knows(spi));
    for (const part of slices(known, NUMBERS_LIMIT)) this.#send({ is: "counters", numbers: part }, now);
  }

  handover(epoch: number, numbers: readonly ExactNumbers[], now: number): void {
    const known = numbers.filter(({ spi }) => this.#knows(spi));
    const parts = slices(known, NUMBERS_LIMIT);
    for (const [at, part] of parts.entries()) {
      this.#send({ is: "handover", epoch, numbers: part, more: at < parts.length - 1 }, now);
    }
    if (parts.length === 0) this.#send({ is: "handover", epoch, numbers: [], more: false }, now);
  }

  say(entry: Extract<Entry, { is: "hot" | "not-hot" }>, now: number): void {
    this.#send(entry, now);
  }

  checksum(now: number): void {
    this.#send({ is: "checksum", ...this.#table.checksum }, now);
  }

  /** The standby misses these, or something deleted them here. */
  repair(names: readonly RecordName[], now: number): void {
    const there = names.filter(name => this.#table.record(name) !== undefined);
    const gone = names.filter(name => this.#table.record(name) === undefined);
    for (const records of chunks(this.#read(there, now))) this.#send({ is: "records", records }, now);
    if (gone.length === 0) return;
    this.#send({ is: "transaction", position: this.#position, puts: [], deletes: gone, more: false }, now);
  }

  /** Everything up to this number is applied. A number that was not given out is the peer's mistake. */
  applied(number: number, now: number): Acknowledged | undefined {
    if (number > this.#number) return undefined;
    let count = 0;
    while (count < this.#sent.length && (this.#sent[count]?.number ?? 0) <= number) count++;
    const done = this.#sent.splice(0, count);
    if (done.length === 0) return undefined;
    this.pump(now);
    return {
      position: Math.max(...done.map(each => each.position)),
      held: done.flatMap(each => each.held),
      whole: done.some(each => each.entry === "end"),
      lateEdges: done.reduce((sum, { at, edges }) => sum + (now - at > EDGE_LATE_MS ? edges : 0), 0),
    };
  }

  lag(now: number): Omit<LagSnapshot, "sequenceNumbers"> {
    const records = this.#sent.reduce((sum, each) => sum + each.records, this.#bulk?.length ?? 0);
    const oldest = this.#sent[0];
    return { entries: this.#sent.length, records, ms: oldest === undefined ? 0 : now - oldest.at };
  }

  /** Goes on with the bulk as far as its window allows. */
  pump(now: number): void {
    while (this.#bulk !== undefined && this.#bulkUnderWay() < BULK_WINDOW) {
      const records = this.#nextOfBulk(this.#bulk, now);
      if (records.length > 0) this.#send({ is: "records", records }, now);
      if (this.#bulk.length > 0) continue;
      this.#bulk = undefined;
      this.#send({ is: "end", position: this.#position, records: this.#table.size }, now);
    }
  }

  #nextOfBulk(names: RecordName[], now: number): TableRecord[] {
    const records: TableRecord[] = [];
    let octets = 0;
    for (let name = names.at(-1); name !== undefined; name = names.at(-1)) {
      const [record] = this.#waitingForBulk.has(idOf(name)) ? this.#read([name], now) : [];
      const size = record === undefined ? 0 : sizeOf(record);
      if (octets + size > PAYLOAD_LIMIT && records.length > 0) break;
      names.pop();
      this.#waitingForBulk.delete(idOf(name));
      if (record !== undefined) records.push(record);
      octets += size;
    }
    return records;
  }

  #bulkUnderWay(): number {
    return this.#sent.filter(each => each.entry === "records").length;
  }

  #knows(spi: number): boolean {
    return this.#join !== undefined && !this.#waitingForBulk.has(idOf({ kind: "child", key: childKey(spi) }));
  }

  #read(names: readonly RecordName[], now: number): TableRecord[] {
    return names.flatMap(name => {
      const record = this.#table.record(name);
      const version = this.#table.versionOf(name);
      if (record === undefined || version === undefined) return [];
      const { kind, key, octets } = record;
      const said = { kind, key, octets, version, ageMs: this.#table.ageMs(name, now) };
      if (record.kind === "ike") return [{ ...said, esn: false, held: 0, inboundEdge: 0 }];
      return [{ ...said, esn: record.esn, ...this.#book.share(Number(key)) }];
    });
  }

  #send(entry: Entry, now: number): void {
    const join = this.#join;
    if (join === undefined) return;
    this.#number += 1;
    this.#say({ is: "entry", join, number: this.#number, entry });
    const sent = { number: this.#number, at: now, entry: entry.is, position: this.#positionOf(entry) };
    this.#sent.push({ ...sent, held: heldBy(entry), records: recordsIn(entry), edges: edgesIn(entry) });
  }

  /** Of a transaction in parts, only the last one stands for its position; a bulk stands for one at its end. */
  #positionOf(entry: Entry): number {
    const unfinished = this.#bulk !== undefined || (entry.is === "transaction" && entry.more);
    return unfinished ? 0 : this.#position;
  }
}

function heldBy(entry: Entry): ChildNumber[] {
  switch (entry.is) {
    case "records":
      return heldByRecords(entry.records);
    case "transaction":
      return heldByRecords(entry.puts);
    case "counters":
      return entry.numbers.filter(each => each.outbound > 0).map(({ spi, outbound }) => ({ spi, sequence: outbound }));
    default:
      return [];
  }
}

function heldByRecords(records: readonly TableRecord[]): ChildNumber[] {
  return records.filter(each => each.kind === "child").map(({ key, held }) => ({ spi: Number(key), sequence: held }));
}

function recordsIn(entry: Entry): number {
  if (entry.is === "records") return entry.records.length;
  return entry.is === "transaction" ? entry.puts.length + entry.deletes.length : 0;
}

function edgesIn(entry: Entry): number {
  return entry.is === "counters" ? entry.numbers.filter(({ inbound }) => inbound > 0).length : 0;
}

function sizeOf({ key, octets }: TableRecord): number {
  return octets.length + key.length + RECORD_OVERHEAD;
}

/** In messages that are not too long. */
function chunks(records: readonly TableRecord[]): TableRecord[][] {
  const parts: TableRecord[][] = [];
  let octets = Number.POSITIVE_INFINITY;
  for (const record of records) {
    octets += sizeOf(record);
    if (octets > PAYLOAD_LIMIT) {
      parts.push([]);
      octets = sizeOf(record);
    }
    parts.at(-1)?.push(record);
  }
  return parts;
}

function slices<T>(list: readonly T[], size: number): T[][] {
  const parts: T[][] = [];
  for (const each of list) {
    const last = parts.at(-1);
    if (last === undefined || last.length === size) parts.push([each]);
    else last.push(each);
  }
  return parts;
}
