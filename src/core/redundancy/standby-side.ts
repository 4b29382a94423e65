/**
 * Replication as the one that waits: it climbs from knowing the active to HOT, installs what the active says, and
 * acknowledges what it has installed.
 *
 * An acknowledgement counts only while the role word still is what main was told: the liveness thread may have taken
 * over meanwhile, and numbers that came too late must not be counted on. So it is sent under that condition, and said
 * again when main hears of another role. Whoever is cut off from an active that can be heard is not HOT any more;
 * whoever is cut off from everything stays so.
 */
import { log } from "../log/catalogue.ts";
import { Timers } from "../wire/timers.ts";
import type { Entry } from "./entry-message.ts";
import { LogReceiver, type Taken } from "./log-receiver.ts";
import { NAMES_LIMIT } from "./peer-message.ts";
import type { RecordName, ReplicationFacts } from "./replication-port.ts";
import type { SchemeState } from "./scheme-state.ts";

/** The active was heard this much later than the association: what it did meanwhile is not known here. */
export const SEPARATED_MS = 250;
/** How often a hot standby without an association looks whether that is so. */
const LOOK_MS = 20;
/** A wish that is not answered is said again; the active may have become it only just then. */
const JOIN_AGAIN_MS = 1_000;
/** A bulk sync that stands still is begun anew. */
const BULK_STALL_MS = 5_000;
/** A table that was too large may be smaller by now. */
const FULL_AGAIN_MS = 60_000;

type StandbyTimer =
  /** The wish has no answer yet, or the bulk does not go on. */
  | "progress"
  /** While HOT without an association, or with one that is quiet. */
  | "look";

export class StandbySide<E> {
  readonly timers = new Timers<StandbyTimer>();
  readonly #at: SchemeState<E>;
  readonly #receiver: LogReceiver;
  #joins = 0;
  /** The epoch of the active whose everything the table is. */
  #wholeOf: number | undefined;
  /** When the association was heard last; set while it is down. */
  #associationAt: number | undefined;
  /** Until then nothing is asked for: there was no room for it. */
  #fullUntil = 0;
  /** The section that was reported to differ. */
  #differs: string | undefined;

  constructor(state: SchemeState<E>) {
    this.#at = state;
    this.#receiver = new LogReceiver(state.table, state.book);
  }

  /** The table says what the active of the epoch before this one had decided. */
  holdsAllBefore(epoch: number): boolean {
    return this.#wholeOf !== undefined && this.#wholeOf === epoch - 1;
  }

  /** This member is the active: what it has is everything. */
  own(epoch: number): void {
    this.#receiver.leave();
    this.#fullUntil = 0;
    this.timers.clear();
    this.#wholeOf = epoch;
  }

  /** Goes as far up as what is known allows. */
  consider(now: number): void {
    const { peer, session, settings } = this.#at;
    if (this.#at.owns || !this.#at.roleKnown) return;
    this.#at.move("waits", "it does not answer for the virtual address", now);
    if (session === undefined || peer === undefined) return;
    const idle = peer.incompatible ?? this.#idle(peer.owns, peer.epoch);
    if (idle !== undefined) {
      this.#at.move("peer-idle", idle, now);
      return;
    }
    this.#at.move("peer-owns", `the peer is active with epoch ${peer.epoch}`, now);
    this.#at.move("compare", "configurations are compared", now);
    const differs = peer.differs(settings.sections);
    if (differs !== undefined) {
      this.#differ(differs, now);
      return;
    }
    this.#differs = undefined;
    this.#at.move("agree", "configurations agree", now);
    const { wish } = this.#receiver;
    if (now < this.#fullUntil) {
      this.#at.move("join", "there was no room for everything", now);
      // A session that ended meanwhile took its timer along.
      this.timers.set("progress", this.#fullUntil);
      return;
    }
    if (wish?.session !== session || wish.epoch !== peer.epoch) this.#ask(session, peer.epoch, now);
    else if (!this.#at.synced) this.#at.move("join", "everything is asked for", now);
    this.#seeHot(now);
  }

  /** Everything anew, whatever is held. False where there is nobody to ask. */
  fetch(because: string, now: number): boolean {
    const waitsForRoom = now < this.#fullUntil;
    if (this.#at.owns || (this.#receiver.wish === undefined && !waitsForRoom)) return false;
    this.#fullUntil = 0;
    this.#lose(because);
    this.#at.move("join", because, now);
    this.#receiver.leave();
    this.consider(now);
    return true;
  }

  entry(message: { join: number; number: number; entry: Entry | undefined }, epoch: number, now: number): void {
    const { wish } = this.#receiver;
    if (wish === undefined || wish.join !== message.join) {
      this.#at.count("other-join");
      return;
    }
    if (epoch !== wish.epoch || epoch < this.#at.epochKnown) {
      this.#at.count("older-epoch");
      return;
    }
    const taken = this.#receiver.take(message.number, message.entry, epoch, now);
    this.#at.position = Math.max(this.#at.position, this.#receiver.position);
    if (message.entry?.is === "begin") this.#begun();
    this.#carryOut(taken);
    if (taken.broken !== undefined) {
      if (taken.full === true) this.#noRoom(taken.broken, now);
      else this.#broken(message.entry, taken.broken, now);
      return;
    }
    this.acknowledge();
    if (taken.missing.length > 0) this.#askFor(taken.missing);
    this.#rearm(now);
    if (message.entry?.is === "not-hot") {
      this.#lose(`the active does not wait: ${message.entry.because}`);
      this.#at.move("not-hot", "the active goes on alone", now);
    } else this.#seeHot(now);
  }

  /** Under the condition that the role word is still what main knows. */
  acknowledge(): void {
    const { wish, number } = this.#receiver;
    if (wish === undefined || number === 0 || wish.session !== this.#at.session) return;
    this.#at.say({ is: "applied", join: wish.join, number }, wish.epoch, this.#at.role);
  }

  linkUp(): void {
    this.#associationAt = undefined;
    this.timers.clear("look");
  }

  /** It stands, and what the active does meanwhile may be known to it alone. */
  linkQuiet(silentMs: number, now: number): void {
    if (this.#at.owns) return;
    this.#associationAt = now - silentMs;
    if (this.#at.synced) this.timers.set("look", now + LOOK_MS);
  }

  linkDown(because: string, silentMs: number, now: number): void {
    this.#receiver.leave();
    this.timers.clear("progress");
    if (this.#at.owns) return;
    this.#at.move("link-lost", because, now);
    this.#associationAt = now - silentMs;
    if (this.#at.synced) this.timers.set("look", now + LOOK_MS);
    else this.#wholeOf = undefined;
  }

  /** The active is heard on another path, and has gone on without this member. */
  look(facts: ReplicationFacts, now: number): void {
    if (this.#associationAt === undefined || !this.#at.synced) return;
    const { peerHeardMs } = facts;
    if (peerHeardMs === undefined || now - peerHeardMs <= this.#associationAt + SEPARATED_MS) return;
    this.#associationAt = undefined;
    this.timers.clear("look");
    this.#doubt("the peer is heard and the association is not", now);
  }

  /** The notice may be older than what the log has said since: the active, which sees the doubt, says it again. */
  toldNotHot(now: number): void {
    if (!this.#at.owns && this.#at.synced) this.#doubt("a beacon says that the active does not wait", now);
  }

  #doubt(because: string, now: number): void {
    this.#lose(because);
    this.#receiver.doubt();
    this.#at.move(this.#at.session === undefined ? "separated" : "not-hot", because, now);
  }

  handleTimeouts(now: number): void {
    for (const timer of this.timers.due(now)) {
      if (timer === "look") this.timers.set("look", now + LOOK_MS);
      else if (this.#receiver.wish === undefined) this.consider(now);
      else this.fetch(this.#receiver.begun ? "the bulk sync stands still" : "the active does not answer", now);
    }
  }

  #idle(owns: boolean, epoch: number): string | undefined {
    if (!owns) return "the peer is not active";
    return epoch < this.#at.epochKnown ? `the peer's epoch ${epoch} is over` : undefined;
  }

  #differ(section: string, now: number): void {
    const { scheme } = this.#at.identity;
    if (section !== this.#differs)
      this.#at.emit({ do: "report", event: log.redundancy.configDiffers({ scheme, section }) });
    this.#differs = section;
    this.#lose(`${section} differs`);
    this.#at.move("differ", `${section} differs`, now);
  }

  #ask(session: number, epoch: number, now: number): void {
    this.#lose("everything is asked for anew");
    this.#joins += 1;
    this.#receiver.ask({ session, join: this.#joins, epoch });
    // The gate hears of the epoch before anything of it is installed: what it has next must be above.
    this.#at.saySynced(false, epoch, true);
    this.#at.move("join", "everything is asked for", now);
    this.#at.say({ is: "join", join: this.#joins, epoch });
    this.timers.set("progress", now + JOIN_AGAIN_MS);
  }

  /** From here on the table is on its way to another state. */
  #begun(): void {
    this.#at.count("bulk-syncs");
    this.#wholeOf = undefined;
    this.#at.emit({ do: "continue-void" });
  }

  #carryOut({ application, handover }: Taken): void {
    if (application !== undefined && !isEmpty(application)) this.#at.emit({ do: "apply", ...application });
    if (handover === undefined) return;
    if (handover.numbers.length === 0) this.#at.emit({ do: "continue-void" });
    else this.#at.emit({ do: "continue", ...handover });
  }

  #broken(entry: Entry | undefined, because: string, now: number): void {
    const { scheme } = this.#at.identity;
    if (entry?.is === "checksum") {
      this.#at.count("checksum-mismatches");
      this.#at.emit({ do: "report", event: log.redundancy.tableDiffers({ scheme }) });
    }
    this.#at.count("bulk-syncs-failed");
    if (this.#receiver.whole && entry?.is !== "end") {
      this.fetch(because, now);
      return;
    }
    // A bulk that does not even begin well is not begun again in the same breath.
    this.#receiver.leave();
    this.timers.set("progress", now + JOIN_AGAIN_MS);
  }

  /** The active goes on without this member; what is here of it is of no use. */
  #noRoom(because: string, now: number): void {
    const { scheme } = this.#at.identity;
    this.#at.count("bulk-syncs-failed");
    this.#at.emit({ do: "report", event: log.redundancy.noRoom({ scheme, because }) });
    this.#lose(because);
    this.#receiver.leave();
    this.#at.dropAll(this.#at.epochKnown);
    this.#at.move("not-hot", because, now);
    this.#fullUntil = now + FULL_AGAIN_MS;
    this.timers.set("progress", this.#fullUntil);
  }

  #askFor(names: readonly RecordName[]): void {
    const { wish } = this.#receiver;
    if (wish === undefined) return;
    this.#at.count("records-asked", names.length);
    for (let at = 0; at < names.length; at += NAMES_LIMIT)
      this.#at.say({ is: "ask", join: wish.join, names: names.slice(at, at + NAMES_LIMIT) });
  }

  #rearm(now: number): void {
    if (this.#receiver.whole) this.timers.clear("progress");
    else this.timers.set("progress", now + BULK_STALL_MS);
  }

  #seeHot(now: number): void {
    const { wish } = this.#receiver;
    if (!this.#receiver.hot || wish === undefined) return;
    this.#at.move("hot", `everything of epoch ${wish.epoch} is held`, now);
    if (this.#at.rf.state !== "STANDBY HOT") return;
    this.#wholeOf = wish.epoch;
    this.#at.saySynced(true, wish.epoch);
  }

  #lose(because: string): void {
    const { scheme } = this.#at.identity;
    if (this.#at.synced) this.#at.emit({ do: "report", event: log.redundancy.notSynced({ scheme, because }) });
    this.#wholeOf = undefined;
    this.#at.saySynced(false, this.#at.epochKnown);
  }
}

function isEmpty({ puts, deletes, held, edges }: NonNullable<Taken["application"]>): boolean {
  return puts.length + deletes.length + held.length + edges.length === 0;
}
