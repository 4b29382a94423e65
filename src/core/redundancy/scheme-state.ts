/**
 * What both sides of one scheme's replication share: the table, the numbers, the state, the peer, the role, and the
 * list of effects that is being made. The sides (`active-side.ts`, `standby-side.ts`) decide; this only keeps.
 */
import type { Role } from "../gate/liveness-port.ts";
import { encodePeerMessage, type KnownBody, type PeerStatus } from "./peer-message.ts";
import type { PeerView } from "./peer-view.ts";
import { RecordStore } from "./record-store.ts";
import type {
  ReplicationCounter,
  ReplicationEffect,
  ReplicationIdentity,
  ReplicationSettings,
  RoleWord,
} from "./replication-port.ts";
import { RfMachine } from "./rf-machine.ts";
import type { RfEvent } from "./rf-table.ts";
import { SequenceBook } from "./sequence-book.ts";

export class SchemeState<E> {
  readonly identity: ReplicationIdentity;
  readonly table: RecordStore;
  readonly book = new SequenceBook();
  readonly rf = new RfMachine();
  settings: ReplicationSettings = { sections: [], insideAddresses: [] };
  role: RoleWord = { role: "init", epoch: 0 };
  /** Main has heard of the role word. */
  roleKnown = false;
  /** `undefined` while the stream is down. */
  session: number | undefined;
  linkBecause = "it was never up";
  /** What the peer said in this session; `undefined` before its hello. */
  peer: PeerView | undefined;
  /** Of the log, whoever wrote it: versions of records never go back. */
  position = 0;
  /** The highest epoch that anybody is known to have. */
  epochKnown = 0;
  #synced: RoleWordOfSync = { synced: false, epoch: 0 };
  #effects: ReplicationEffect<E>[] = [];
  readonly counters: Record<ReplicationCounter, number> = zeroCounters();

  constructor(identity: ReplicationIdentity) {
    this.identity = identity;
    this.table = new RecordStore(identity.room);
  }

  get owns(): boolean {
    return ownsRole(this.role.role);
  }

  get synced(): boolean {
    return this.#synced.synced;
  }

  emit(...effects: readonly ReplicationEffect<E>[]): void {
    this.#effects.push(...effects);
  }

  /** What is to be done, in order; the list begins anew. */
  taken(): ReplicationEffect<E>[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Everything of the table, here and where it was installed. */
  dropAll(epoch: number): void {
    const deletes = this.table.names();
    for (const name of deletes) {
      this.table.delete(name);
      if (name.kind === "child") this.book.close(Number(name.key));
    }
    if (deletes.length > 0) this.emit({ do: "apply", epoch, puts: [], deletes, held: [], edges: [] });
  }

  count(counter: ReplicationCounter, by = 1): void {
    this.counters[counter] += by;
  }

  clearCounters(): void {
    Object.assign(this.counters, zeroCounters());
  }

  say(body: KnownBody, epoch = this.epochKnown, onlyIf?: RoleWord): void {
    const { session } = this;
    if (session === undefined) return;
    const octets = encodePeerMessage(epoch, body);
    this.count("messages-sent");
    this.count("octets-sent", octets.length);
    this.emit({ do: "send", session, octets, ...(onlyIf === undefined ? {} : { onlyIf }) });
  }

  /** The peer sees role and state of this member. */
  sayStatus(now: number, sections?: ReplicationSettings["sections"]): void {
    this.say({ is: "status", status: this.status(now), sections });
  }

  /** Durations cross, never times. */
  status(now: number): PeerStatus {
    const { state, since } = this.rf;
    return { role: this.role.role, state, inStateMs: since === undefined ? undefined : now - since };
  }

  /** The peer broke the protocol, or must begin anew. */
  reset(because: string): void {
    if (this.session !== undefined) this.emit({ do: "reset", session: this.session, because });
  }

  move(event: RfEvent, because: string, now: number): void {
    const change = this.rf.handle(event, because, now);
    if (change !== undefined) this.emit({ do: "changed", ...change });
  }

  /** For the gate, when it is news, or to be said `again`. */
  saySynced(synced: boolean, epoch: number, again = false): void {
    if (!again && this.#synced.synced === synced && (!synced || this.#synced.epoch === epoch)) return;
    this.#synced = { synced, epoch };
    this.emit({ do: "synced", synced, epoch });
  }
}

interface RoleWordOfSync {
  readonly synced: boolean;
  readonly epoch: number;
}

export function ownsRole(role: Role): boolean {
  return role === "active" || role === "draining";
}

function zeroCounters(): Record<ReplicationCounter, number> {
  return {
    sessions: 0,
    "messages-sent": 0,
    "messages-received": 0,
    "octets-sent": 0,
    "octets-received": 0,
    malformed: 0,
    "other-join": 0,
    "older-epoch": 0,
    "bulk-syncs": 0,
    "bulk-syncs-failed": 0,
    transactions: 0,
    "records-asked": 0,
    "edges-late": 0,
    "checksum-mismatches": 0,
    "not-hot": 0,
  };
}
