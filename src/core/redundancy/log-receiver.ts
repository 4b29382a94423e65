/**
 * The active's log, as a standby takes it: in order, once, and only what answers its own wish.
 *
 * A wish belongs to one session and one epoch of the active. While the bulk lasts, deletions are remembered, so that
 * nothing deleted comes back (V6); at its end, what it did not confirm is deleted, so that nothing of an earlier life
 * stays. Every step gives one `Application`, to be installed as a whole.
 */
import type { Entry, TableRecord } from "./entry-message.ts";
import { idOf, type RecordStore } from "./record-store.ts";
import type {
  AgedRecord,
  Application,
  CheckpointRecord,
  ChildNumber,
  ExactNumbers,
  RecordName,
} from "./replication-port.ts";
import { childKey } from "./replication-port.ts";
import type { SequenceBook } from "./sequence-book.ts";

export interface Wish {
  readonly session: number;
  readonly join: number;
  /** Of the active that is asked. */
  readonly epoch: number;
}

/** What an entry comes to. */
export interface Taken {
  readonly application: Application | undefined;
  readonly handover?: { readonly epoch: number; readonly numbers: readonly ExactNumbers[] };
  /** Records that are not here and should be. */
  readonly missing: readonly RecordName[];
  /** Why this wish has come to nothing. */
  readonly broken: string | undefined;
  /** It would again: there is no room for what the active has. */
  readonly full?: boolean;
}

type Progress = "asked" | "bulk" | "whole";

export class LogReceiver {
  readonly #table: RecordStore;
  readonly #book: SequenceBook;
  #wish: Wish | undefined;
  #progress: Progress = "asked";
  #hot = false;
  #number = 0;
  #position = 0;
  /** By record: the version at which it was deleted, while a bulk lasts. */
  readonly #tombstones = new Map<string, number>();
  #puts: TableRecord[] = [];
  #deletes: RecordName[] = [];
  #handover: ExactNumbers[] = [];
  #now = 0;

  constructor(table: RecordStore, book: SequenceBook) {
    this.#table = table;
    this.#book = book;
  }

  get wish(): Wish | undefined {
    return this.#wish;
  }

  get begun(): boolean {
    return this.#progress !== "asked";
  }

  /** The bulk sync has ended. */
  get whole(): boolean {
    return this.#progress === "whole";
  }

  /** It holds everything, and the active says that it waits for this member. */
  get hot(): boolean {
    return this.#wish !== undefined && this.#progress === "whole" && this.#hot;
  }

  /** The number of the last entry taken. */
  get number(): number {
    return this.#number;
  }

  /** Of the active's log. A successor's goes on behind it. */
  get position(): number {
    return this.#position;
  }

  ask(wish: Wish): void {
    this.leave();
    this.#wish = wish;
  }

  leave(): void {
    this.#wish = undefined;
    this.#progress = "asked";
    this.#hot = false;
    this.#number = 0;
    this.#tombstones.clear();
    this.#puts = [];
    this.#deletes = [];
    this.#handover = [];
  }

  /** Whether the active still waits is not known; it says so again. */
  doubt(): void {
    this.#hot = false;
  }

  /** An entry that answers the wish; its number is the next. `undefined` is an entry of a later release: skipped. */
  take(number: number, entry: Entry | undefined, epoch: number, now: number): Taken {
    this.#now = now;
    if (number !== this.#number + 1) return broken(`entry ${number} follows entry ${this.#number}`);
    if (entry !== undefined && entry.is !== "begin" && !this.begun) return broken(`${entry.is} before the beginning`);
    this.#number = number;
    switch (entry?.is) {
      case undefined:
        return NOTHING;
      case "begin":
        return this.#begin();
      case "records":
        return this.#records(entry.records, epoch);
      case "end":
        return this.#end(entry, epoch);
      case "transaction":
        return this.#transaction(entry, epoch);
      case "counters":
        return this.#counters(entry.numbers, epoch);
      case "handover":
        return this.#orders(entry);
      case "hot":
      case "not-hot":
        this.#hot = entry.is === "hot";
        return NOTHING;
      case "checksum":
        return this.#compare(entry);
    }
    return entry satisfies never;
  }

  #begin(): Taken {
    this.#progress = "bulk";
    this.#hot = false;
    this.#tombstones.clear();
    this.#table.doubtAll();
    this.#book.expectNothing();
    return NOTHING;
  }

  #records(records: readonly TableRecord[], epoch: number): Taken {
    return this.#apply(
      epoch,
      records.filter(record => this.#isNews(record)),
      [],
    );
  }

  /** Not older than what is held, and not older than a deletion. */
  #isNews(record: TableRecord): boolean {
    const held = this.#table.versionOf(record) ?? -1;
    const deleted = this.#tombstones.get(idOf(record)) ?? -1;
    return record.version > Math.max(held, deleted);
  }

  #end({ position, records }: Extract<Entry, { is: "end" }>, epoch: number): Taken {
    this.#position = Math.max(this.#position, position);
    this.#progress = "whole";
    this.#tombstones.clear();
    const taken = this.#apply(epoch, [], this.#table.doubtful());
    if (this.#table.size === records) return taken;
    return { ...taken, broken: `${this.#table.size} records after a bulk sync of ${records}` };
  }

  #transaction({ position, puts, deletes, more }: Extract<Entry, { is: "transaction" }>, epoch: number): Taken {
    this.#puts.push(...puts);
    this.#deletes.push(...deletes);
    if (more) return NOTHING;
    const [records, names] = [this.#puts, this.#deletes];
    this.#puts = [];
    this.#deletes = [];
    this.#position = Math.max(this.#position, position);
    if (this.#progress === "bulk") for (const name of names) this.#tombstones.set(idOf(name), position);
    return this.#apply(epoch, records, names);
  }

  #apply(epoch: number, records: readonly TableRecord[], deletes: readonly RecordName[]): Taken {
    const puts: AgedRecord[] = [];
    const held: ChildNumber[] = [];
    const edges: ChildNumber[] = [];
    const gone = deletes.filter(name => this.#table.delete(name));
    for (const name of gone) if (name.kind === "child") this.#book.close(Number(name.key));
    for (const each of records) {
      if (this.#table.full && this.#table.record(each) === undefined) {
        const because = `there is no room for more than ${this.#table.size} records`;
        return { missing: [], application: { epoch, puts, deletes: gone, held, edges }, broken: because, full: true };
      }
      // The table keeps a copy that it may wipe; what is handed out, and the message around it, is the shell's.
      const given = recordOf(each);
      const kept = { ...given, octets: new Uint8Array(given.octets) };
      if (this.#table.put(kept, each.version, this.#now - each.ageMs)) puts.push({ ...given, ageMs: each.ageMs });
      if (each.kind !== "child") continue;
      const spi = Number(each.key);
      this.#book.open(spi, each.esn);
      this.#book.hold(spi, each.held);
      held.push({ spi, sequence: each.held });
      if (each.inboundEdge > 0) edges.push({ spi, sequence: each.inboundEdge });
    }
    return { ...NOTHING, application: { epoch, puts, deletes: gone, held, edges } };
  }

  #counters(numbers: readonly ExactNumbers[], epoch: number): Taken {
    const known = numbers.filter(({ spi }) => this.#book.has(spi));
    const held = known.filter(each => each.outbound > 0).map(({ spi, outbound }) => ({ spi, sequence: outbound }));
    const edges = known.filter(each => each.inbound > 0).map(({ spi, inbound }) => ({ spi, sequence: inbound }));
    for (const { spi, sequence } of held) this.#book.hold(spi, sequence);
    for (const edge of edges) this.#book.edge(edge);
    const application = { epoch, puts: [], deletes: [], held, edges };
    return { ...NOTHING, application, missing: this.#missing(numbers) };
  }

  #orders({ epoch, numbers, more }: Extract<Entry, { is: "handover" }>): Taken {
    this.#handover.push(...numbers);
    if (more) return NOTHING;
    const whole = this.#handover;
    this.#handover = [];
    if (whole.length === 0) this.#book.expectNothing();
    for (const each of whole) this.#book.expect(epoch, each);
    return { ...NOTHING, handover: { epoch, numbers: whole }, missing: this.#missing(whole) };
  }

  #compare({ records, low, high }: Extract<Entry, { is: "checksum" }>): Taken {
    const here = this.#table.checksum;
    if (here.records === records && here.low === low && here.high === high) return NOTHING;
    return broken("the table differs from the active's");
  }

  #missing(numbers: readonly ExactNumbers[]): RecordName[] {
    return numbers
      .filter(({ spi }) => !this.#book.has(spi))
      .map(({ spi }) => ({ kind: "child", key: childKey(spi) }) as const);
  }
}

const NOTHING: Taken = { application: undefined, missing: [], broken: undefined };

function broken(because: string): Taken {
  return { ...NOTHING, broken: because };
}

function recordOf({ kind, key, esn, octets }: TableRecord): CheckpointRecord {
  return kind === "child" ? { kind, key, esn, octets } : { kind, key, octets };
}
