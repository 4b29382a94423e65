/** The entries of the active's log, as values and as `proto/replication.proto` has them. */
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Counters, LogEntrySchema, LogEntry as OnWire, Record as RecordOnWire } from "../proto/replication_pb.ts";
import type { ExactNumbers, RecordName } from "./replication-port.ts";
import {
  listFrom,
  nameFrom,
  nameToWire,
  numberFrom,
  RECORDS_LIMIT,
  refused,
  spiFrom,
  textFrom,
} from "./wire-message.ts";

/** SAs whose numbers fit into one message. */
export const NUMBERS_LIMIT = 2_048;

/** A record with what moves beside it. */
export interface TableRecord extends RecordName {
  /** The position of the transaction that wrote it last. */
  readonly version: number;
  readonly octets: Uint8Array;
  readonly esn: boolean;
  /** The standby must be able to begin above this outbound number. */
  readonly held: number;
  readonly inboundEdge: number;
  /** Since it was written. */
  readonly ageMs: number;
}

export type Entry =
  | { readonly is: "begin"; readonly records: number }
  | { readonly is: "records"; readonly records: readonly TableRecord[] }
  | { readonly is: "end"; readonly position: number; readonly records: number }
  | {
      readonly is: "transaction";
      readonly position: number;
      readonly puts: readonly TableRecord[];
      readonly deletes: readonly RecordName[];
      readonly more: boolean;
    }
  /** 0 leaves a number alone. */
  | { readonly is: "counters"; readonly numbers: readonly ExactNumbers[] }
  | {
      readonly is: "handover";
      readonly epoch: number;
      readonly numbers: readonly ExactNumbers[];
      readonly more: boolean;
    }
  | { readonly is: "hot" }
  | { readonly is: "not-hot"; readonly because: string }
  | { readonly is: "checksum"; readonly records: number; readonly low: number; readonly high: number };

type EntryInit = NonNullable<MessageInitShape<typeof LogEntrySchema>["entry"]>;

export function entryToWire(entry: Entry): EntryInit {
  switch (entry.is) {
    case "begin":
      return { case: "begin", value: { records: entry.records } };
    case "records":
      return { case: "records", value: { records: entry.records.map(recordToWire) } };
    case "end":
      return { case: "end", value: { position: BigInt(entry.position), records: entry.records } };
    case "transaction": {
      const { position, puts, deletes, more } = entry;
      const value = {
        position: BigInt(position),
        puts: puts.map(recordToWire),
        deletes: deletes.map(nameToWire),
        more,
      };
      return { case: "transaction", value };
    }
    case "counters":
      return { case: "counters", value: countersToWire(entry.numbers) };
    case "handover": {
      const { epoch, numbers, more } = entry;
      return { case: "handover", value: { epoch: BigInt(epoch), counters: countersToWire(numbers), more } };
    }
    case "hot":
      return { case: "hot", value: {} };
    case "not-hot":
      return { case: "notHot", value: { because: entry.because } };
    case "checksum":
      return { case: "checksum", value: { records: entry.records, low: entry.low, high: entry.high } };
  }
  return entry satisfies never;
}

/** `undefined` for an entry of a later release. */
export function entryFromWire({ entry }: OnWire): Entry | undefined {
  switch (entry.case) {
    case "begin":
      return { is: "begin", records: entry.value.records };
    case "records":
      return { is: "records", records: recordsFrom(entry.value.records) };
    case "end":
      return { is: "end", position: numberFrom(entry.value.position, "end.position"), records: entry.value.records };
    case "transaction": {
      const { position, puts, deletes, more } = entry.value;
      const names = listFrom(deletes, RECORDS_LIMIT, "deletes").map(name => nameFrom(name, "delete"));
      const at = numberFrom(position, "transaction.position");
      return { is: "transaction", position: at, puts: recordsFrom(puts), deletes: names, more };
    }
    case "counters":
      return { is: "counters", numbers: countersFrom(entry.value) };
    case "handover": {
      const { epoch, counters, more } = entry.value;
      const numbers = counters === undefined ? [] : countersFrom(counters);
      return { is: "handover", epoch: numberFrom(epoch, "handover.epoch"), numbers, more };
    }
    case "hot":
      return { is: "hot" };
    case "notHot":
      return { is: "not-hot", because: textFrom(entry.value.because, "not-hot") };
    case "checksum":
      return { is: "checksum", records: entry.value.records, low: entry.value.low, high: entry.value.high };
    case undefined:
      return undefined;
  }
  return entry satisfies never;
}

function recordToWire(record: TableRecord) {
  const { version, octets, esn, held, inboundEdge, ageMs } = record;
  return {
    name: nameToWire(record),
    version: BigInt(version),
    octets: octets as Uint8Array<ArrayBuffer>,
    esn,
    held: BigInt(held),
    inboundEdge: BigInt(inboundEdge),
    ageMs: BigInt(ageMs),
  };
}

function recordsFrom(records: readonly RecordOnWire[]): TableRecord[] {
  return listFrom(records, RECORDS_LIMIT, "records").map(record => ({
    ...nameFrom(record.name, "record"),
    version: numberFrom(record.version, "record.version"),
    octets: record.octets,
    esn: record.esn,
    held: numberFrom(record.held, "record.held"),
    inboundEdge: numberFrom(record.inboundEdge, "record.inbound-edge"),
    ageMs: numberFrom(record.ageMs, "record.age-ms"),
  }));
}

function countersToWire(numbers: readonly ExactNumbers[]) {
  return {
    spis: numbers.map(each => each.spi),
    outbound: numbers.map(each => BigInt(each.outbound)),
    inbound: numbers.map(each => BigInt(each.inbound)),
  };
}

function countersFrom({ spis, outbound, inbound }: Counters): ExactNumbers[] {
  if (spis.length !== outbound.length || spis.length !== inbound.length) throw refused("counters", "of three lengths");
  return listFrom(spis, RECORDS_LIMIT, "counters").map((spi, at) => ({
    spi: spiFrom(spi, "counters.spi"),
    outbound: numberFrom(outbound[at] ?? 0n, "counters.outbound"),
    inbound: numberFrom(inbound[at] ?? 0n, "counters.inbound"),
  }));
}
