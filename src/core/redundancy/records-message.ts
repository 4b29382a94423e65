/**
 * The records of a bulk sync, written and read by hand: nearly all that ever crosses the association, where the time of
 * generated code is the time until a standby is HOT. The octets are those of `proto/replication.proto`, which the
 * generated code reads and writes as well: what is not in the simplest form is left to it, and so are all errors.
 */
import { WireError } from "../errors.ts";
import type { TableRecord } from "./entry-message.ts";
import { fieldSize, LeanReader, LeanWriter, NOT_LEAN, nestedSize, octetsTag, varintTag } from "./lean-octets.ts";
import type { RecordName } from "./replication-port.ts";
import { kindToWire, listFrom, nameFrom, RECORDS_LIMIT } from "./wire-message.ts";

const EMPTY = new Uint8Array(0);

export interface RecordsMessage {
  readonly epoch: number;
  readonly join: number;
  readonly number: number;
  readonly records: readonly TableRecord[];
}

/** `undefined` where the generated code has to. */
export function encodeRecords({ epoch, join, number, records }: RecordsMessage): Uint8Array | undefined {
  const sizes = records.map(recordSize);
  const list = sizes.reduce((sum, size) => sum + nestedSize(size), 0);
  const entry = fieldSize(join) + fieldSize(number) + nestedSize(list);
  const writer = new LeanWriter(fieldSize(epoch) + fieldSize(1) + nestedSize(entry));
  try {
    writer.field(1, epoch);
    writer.field(2, 1);
    writer.nested(6, entry);
    writer.field(1, join);
    writer.field(2, number);
    writer.nested(4, list);
    for (const [at, record] of records.entries()) {
      writer.nested(1, sizes[at] ?? 0);
      writeRecord(writer, record);
    }
    return writer.octets;
  } catch (error) {
    if (error === NOT_LEAN) return undefined;
    throw error;
  }
}

/** `undefined` for every other message, and for what the generated code has to read. */
export function decodeRecords(octets: Uint8Array): RecordsMessage | undefined {
  try {
    return readMessage(new LeanReader(octets));
  } catch (error) {
    // What is wrong in it the generated code says.
    if (error === NOT_LEAN || error instanceof WireError) return undefined;
    throw error;
  }
}

function recordSize(record: TableRecord): number {
  const { version, octets, esn, held, inboundEdge, ageMs } = record;
  const content = octets.length === 0 ? 0 : nestedSize(octets.length);
  const numbers = [version, Number(esn), held, inboundEdge, ageMs].reduce((sum, each) => sum + fieldSize(each), 0);
  return nestedSize(nameSize(record)) + content + numbers;
}

function nameSize({ kind, key }: RecordName): number {
  return fieldSize(kindToWire(kind)) + nestedSize(key.length);
}

function writeRecord(writer: LeanWriter, record: TableRecord): void {
  writer.nested(1, nameSize(record));
  writer.field(1, kindToWire(record.kind));
  writer.nested(2, record.key.length);
  writer.ascii(record.key);
  writer.field(2, record.version);
  if (record.octets.length > 0) {
    writer.nested(3, record.octets.length);
    writer.raw(record.octets);
  }
  writer.field(4, Number(record.esn));
  writer.field(5, record.held);
  writer.field(6, record.inboundEdge);
  writer.field(7, record.ageMs);
}

function readMessage(reader: LeanReader): RecordsMessage {
  let epoch = 0;
  let body: Omit<RecordsMessage, "epoch"> | undefined;
  while (reader.more) {
    switch (reader.varint()) {
      case varintTag(1):
        epoch = reader.varint();
        break;
      case varintTag(2):
        reader.varint();
        break;
      case octetsTag(6):
        // Of two the generated code makes one.
        if (body !== undefined) throw NOT_LEAN;
        body = readEntry(reader);
        break;
      default:
        throw NOT_LEAN;
    }
  }
  if (body === undefined) throw NOT_LEAN;
  return { epoch, ...body };
}

function readEntry(reader: LeanReader): Omit<RecordsMessage, "epoch"> {
  const outer = reader.enter();
  let join = 0;
  let number = 0;
  let records: TableRecord[] | undefined;
  while (reader.more) {
    switch (reader.varint()) {
      case varintTag(1):
        join = reader.varint();
        break;
      case varintTag(2):
        number = reader.varint();
        break;
      case octetsTag(4):
        if (records !== undefined) throw NOT_LEAN;
        records = readRecords(reader);
        break;
      default:
        throw NOT_LEAN;
    }
  }
  reader.leave(outer);
  if (records === undefined) throw NOT_LEAN;
  return { join, number, records };
}

function readRecords(reader: LeanReader): TableRecord[] {
  const outer = reader.enter();
  const records: TableRecord[] = [];
  while (reader.more) {
    if (reader.varint() !== octetsTag(1)) throw NOT_LEAN;
    records.push(readRecord(reader));
  }
  reader.leave(outer);
  listFrom(records, RECORDS_LIMIT, "records");
  return records;
}

function readRecord(reader: LeanReader): TableRecord {
  const outer = reader.enter();
  let name: RecordName | undefined;
  let [version, esn, held, inboundEdge, ageMs] = [0, 0, 0, 0, 0];
  let octets: Uint8Array = EMPTY;
  while (reader.more) {
    switch (reader.varint()) {
      case octetsTag(1):
        if (name !== undefined) throw NOT_LEAN;
        name = readName(reader);
        break;
      case varintTag(2):
        version = reader.varint();
        break;
      case octetsTag(3):
        octets = reader.raw();
        break;
      case varintTag(4):
        esn = reader.varint();
        break;
      case varintTag(5):
        held = reader.varint();
        break;
      case varintTag(6):
        inboundEdge = reader.varint();
        break;
      case varintTag(7):
        ageMs = reader.varint();
        break;
      default:
        throw NOT_LEAN;
    }
  }
  reader.leave(outer);
  if (name === undefined) throw NOT_LEAN;
  const { kind, key } = name;
  return { kind, key, version, octets, esn: esn !== 0, held, inboundEdge, ageMs };
}

function readName(reader: LeanReader): RecordName {
  const outer = reader.enter();
  let kind = 0;
  let key = "";
  while (reader.more) {
    switch (reader.varint()) {
      case varintTag(1):
        kind = reader.varint();
        break;
      case octetsTag(2):
        key = reader.ascii();
        break;
      default:
        throw NOT_LEAN;
    }
  }
  reader.leave(outer);
  return nameFrom({ kind, key }, "record");
}
