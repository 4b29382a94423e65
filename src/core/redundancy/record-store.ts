/**
 * The records of one scheme, as both members hold them. The active writes it as it decides; the standby as it is told.
 * It cannot read a record; it knows which version each has, and a checksum of all, which both members compare.
 *
 * It owns the octets: they hold keys, and are wiped when a record is replaced or deleted.
 */
import type { CheckpointRecord, RecordName, TableRoom } from "./replication-port.ts";

interface Row {
  readonly record: CheckpointRecord;
  readonly version: number;
  readonly digest: Digest;
  /** Monotonic milliseconds of this member. */
  readonly writtenAtMs: number;
  /** Confirmed since the last `doubtAll`. */
  confirmed: boolean;
}

/** Twenty times what a pair with 10,000 tunnels has; 250 MB of it in the heap of the process. */
const TABLE_ROOM: TableRoom = { records: 400_000, octets: 2 ** 27 };

/** A copy that turns out to be older by more than this is made anew. */
const LATE_MS = 1_000;

/** Two sums of 32 bits over all records: no protection against malice, which the stream has. */
interface Digest {
  readonly low: number;
  readonly high: number;
}

export interface TableChecksum extends Digest {
  readonly records: number;
}

export class RecordStore {
  readonly #rows = new Map<string, Row>();
  readonly #room: TableRoom;
  #octets = 0;
  #low = 0;
  #high = 0;

  constructor(room: TableRoom = TABLE_ROOM) {
    this.#room = room;
  }

  get size(): number {
    return this.#rows.size;
  }

  /** Whoever takes records of somebody else takes no new one now. */
  get full(): boolean {
    return this.#rows.size >= this.#room.records || this.#octets >= this.#room.octets;
  }

  get checksum(): TableChecksum {
    return { records: this.#rows.size, low: this.#low, high: this.#high };
  }

  record(name: RecordName): CheckpointRecord | undefined {
    return this.#rows.get(idOf(name))?.record;
  }

  /** Milliseconds since it was written, by whichever member. */
  ageMs(name: RecordName, now: number): number {
    const row = this.#rows.get(idOf(name));
    return row === undefined ? 0 : Math.max(0, Math.ceil(now - row.writtenAtMs));
  }

  /** `undefined` when it is not there, or in doubt. */
  versionOf(name: RecordName): number | undefined {
    const row = this.#rows.get(idOf(name));
    return row?.confirmed ? row.version : undefined;
  }

  /** IKE SAs before the Child SAs that belong to them. */
  names(): RecordName[] {
    const names = [...this.#rows.values()].map(({ record: { kind, key } }) => ({ kind, key }));
    return [...names.filter(each => each.kind === "ike"), ...names.filter(each => each.kind === "child")];
  }

  count(kind: RecordName["kind"]): number {
    let count = 0;
    for (const { record } of this.#rows.values()) if (record.kind === kind) count++;
    return count;
  }

  /** Whether it says anything new. What was left before is not made more by saying so again. */
  put(record: CheckpointRecord, version: number, writtenAtMs: number): boolean {
    const id = idOf(record);
    const before = this.#rows.get(id);
    const same = before !== undefined && sameRecord(before.record, record);
    if (same) {
      const earlier = Math.min(before.writtenAtMs, writtenAtMs);
      this.#rows.set(id, { ...before, version, writtenAtMs: earlier, confirmed: true });
      // Its first copy was kept waiting on its way, and was taken for younger than it is.
      return before.writtenAtMs - earlier > LATE_MS;
    }
    if (before !== undefined) this.#drop(id, before);
    const digest = digestOf(id, record.octets);
    this.#add(digest, 1);
    this.#octets += record.octets.length;
    this.#rows.set(id, { record, version, digest, writtenAtMs, confirmed: true });
    return true;
  }

  /** Whether it was there. */
  delete(name: RecordName): boolean {
    const id = idOf(name);
    const row = this.#rows.get(id);
    if (row !== undefined) this.#drop(id, row);
    return row !== undefined;
  }

  /** A bulk sync begins: what it does not confirm is to go at its end. */
  doubtAll(): void {
    for (const row of this.#rows.values()) row.confirmed = false;
  }

  doubtful(): RecordName[] {
    const rows = [...this.#rows.values()].filter(row => !row.confirmed);
    return rows.map(({ record: { kind, key } }) => ({ kind, key }));
  }

  #drop(id: string, { record, digest }: Row): void {
    this.#rows.delete(id);
    this.#add(digest, -1);
    this.#octets -= record.octets.length;
    record.octets.fill(0);
  }

  #add({ low, high }: Digest, sign: 1 | -1): void {
    this.#low = (this.#low + sign * low) >>> 0;
    this.#high = (this.#high + sign * high) >>> 0;
  }
}

export function idOf({ kind, key }: RecordName): string {
  return `${kind} ${key}`;
}

function sameRecord(a: CheckpointRecord, b: CheckpointRecord): boolean {
  if (a.octets.length !== b.octets.length) return false;
  if (a.kind === "child" && b.kind === "child" && a.esn !== b.esn) return false;
  for (let at = 0; at < a.octets.length; at++) if (a.octets[at] !== b.octets[at]) return false;
  return true;
}

/** FNV-1a, and a polynomial beside it. */
function digestOf(id: string, octets: Uint8Array): Digest {
  let low = 0x811c9dc5;
  let high = octets.length;
  for (let at = 0; at < id.length; at++) {
    low = Math.imul(low ^ id.charCodeAt(at), 0x01000193);
    high = (Math.imul(high, 0x2c9277b5) + id.charCodeAt(at)) | 0;
  }
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    low = Math.imul(low ^ octet, 0x01000193);
    high = (Math.imul(high, 0x2c9277b5) + octet + 1) | 0;
  }
  return { low: low >>> 0, high: high >>> 0 };
}
