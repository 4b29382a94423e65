/**
 * Replication as the active: what was decided goes into the table and the log, what reveals it waits for the standby,
 * and sequence numbers are reserved. The log goes to a standby that asked for it in this epoch; output waits for it
 * from the moment at which it holds everything (`core/commit`).
 *
 * A handover names for each SA the last number that this member will use. Until it is known that nobody can begin
 * behind that number, this member must not pass it: where the handover did not happen, it is withdrawn first.
 */
import { Commit, type CommitEffect, type CommitInput, type Decided } from "../commit/commit.ts";
import { log } from "../log/catalogue.ts";
import { Timers } from "../wire/timers.ts";
import { LogSender } from "./log-sender.ts";
import type { Checkpoint, ChildNumber, ExactNumbers, LagSnapshot, RecordName } from "./replication-port.ts";
import type { SchemeState } from "./scheme-state.ts";

/** How often the two tables are compared. */
const CHECKSUM_MS = 10_000;

interface Handover {
  /** Of whoever takes it up. */
  readonly epoch: number;
  /** The entry that must be acknowledged; `undefined` when no standby was told. */
  readonly toldBy: number | undefined;
  state: "draining" | "drained" | "withdrawing";
}

export class ActiveSide<E> {
  readonly timers = new Timers<"checksum">();
  readonly #at: SchemeState<E>;
  readonly #sender: LogSender;
  #commit = new Commit<Checkpoint, E>();
  #handover: Handover | undefined;

  constructor(state: SchemeState<E>) {
    this.#at = state;
    this.#sender = new LogSender(state.table, state.book, body => state.say(body, state.role.epoch));
  }

  get next(): number | undefined {
    const times = [this.#commit.timers.next, this.timers.next].filter(each => each !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  /** Output waits for the standby. */
  get peerHot(): boolean {
    return this.#commit.hot(this.#scheme);
  }

  lag(now: number): LagSnapshot {
    const sequenceNumbers = this.#sender.join === undefined ? 0 : this.#at.book.outstanding;
    return { ...this.#sender.lag(now), sequenceNumbers };
  }

  /** This member is active from now on; its log goes on behind the one that it took. */
  begin(): void {
    this.#commit = new Commit(this.#at.position);
    this.#handover = undefined;
    this.#sender.stop();
  }

  /** It is not any more: what waited and reveals something must not leave; the rest is done all the same. */
  end(): void {
    for (const effect of this.#commit.ended(this.#scheme)) this.#at.emit({ do: "perform", effect });
    this.#commit = new Commit();
    this.#handover = undefined;
    this.#sender.stop();
    this.timers.clear();
  }

  /** The standby has to ask anew: the session is over, or another epoch has begun. */
  loseStandby(now: number): void {
    this.#sender.stop();
    this.timers.clear();
    this.#perform(this.#commit.handle({ kind: "lost", scheme: this.#scheme }, now), now);
  }

  joined(join: number, epoch: number, now: number): void {
    if (epoch !== this.#at.role.epoch) return;
    this.loseStandby(now);
    this.#at.count("bulk-syncs");
    this.#sender.start(join, this.#commit.position(this.#scheme), now);
    // Whoever begins to take everything anew forgets where it was to go on: the first entry takes the numbers back.
    if (this.#handover?.state === "withdrawing") this.#handover = { ...this.#handover, toldBy: 1 };
  }

  applied(join: number, number: number, now: number): void {
    if (join !== this.#sender.join) {
      this.#at.count("other-join");
      return;
    }
    const done = this.#sender.applied(number, now);
    if (done === undefined) return;
    this.#at.count("edges-late", done.lateEdges);
    const acknowledged = this.#at.book.acknowledge(done.held);
    if (acknowledged.length > 0) this.#at.emit({ do: "acknowledged", epoch: this.#at.role.epoch, acknowledged });
    const scheme = this.#scheme;
    this.#perform(this.#commit.handle({ kind: "acknowledged", scheme, position: done.position }, now), now);
    if (done.whole) this.#perform(this.#commit.handle({ kind: "synced", scheme }, now), now);
    this.#seeHandover(number);
  }

  /** A standby that was cut off for a moment, or heard an old notice, cannot know whether it is waited for. */
  peerDoubts(now: number): void {
    if (this.peerHot && !this.#sender.awaits("hot")) this.#sender.say({ is: "hot" }, now);
  }

  repair(join: number, names: readonly RecordName[], now: number): void {
    if (join !== this.#sender.join) {
      this.#at.count("other-join");
      return;
    }
    this.#at.count("records-asked", names.length);
    this.#sender.repair(names, now);
  }

  decided(sa: string, effects: readonly Decided<Checkpoint, E>[], now: number): void {
    const input: CommitInput<Checkpoint, E> = { kind: "decided", scheme: this.#scheme, sa, effects };
    this.#perform(this.#commit.handle(input, now), now);
  }

  reserve(used: readonly ChildNumber[], now: number): void {
    const asked: ExactNumbers[] = [];
    const granted: ChildNumber[] = [];
    for (const each of used) {
      const ask = this.#at.book.ask(each, now);
      const own = this.#at.book.acknowledgedOf(each.spi);
      if (ask !== undefined) asked.push({ spi: ask.spi, outbound: ask.sequence, inbound: 0 });
      else if (own !== undefined) granted.push({ spi: each.spi, sequence: own });
    }
    this.#sender.counters(asked, now);
    if (granted.length > 0) this.#at.emit({ do: "acknowledged", epoch: this.#at.role.epoch, acknowledged: granted });
  }

  edges(edges: readonly ChildNumber[], now: number): void {
    for (const edge of edges) this.#at.book.edge(edge);
    this.#sender.counters(
      edges
        .filter(({ spi }) => this.#at.book.has(spi))
        .map(({ spi, sequence }) => ({ spi, outbound: 0, inbound: sequence })),
      now,
    );
  }

  drain(numbers: readonly ExactNumbers[], now: number): void {
    const epoch = this.#at.role.epoch + 1;
    const told = this.#sender.join !== undefined && this.#at.peer?.can("handover") === true;
    if (told) this.#sender.handover(epoch, numbers, now);
    this.#handover = { epoch, toldBy: told ? this.#sender.number : undefined, state: "draining" };
    this.#seeHandover(0);
  }

  /** The handover did not happen: this member goes on as active. */
  keep(now: number): void {
    const handover = this.#handover;
    if (handover === undefined) return;
    // Above the epoch of the one who might still take it up nobody can begin behind the old numbers.
    if (handover.toldBy === undefined || this.#at.role.epoch > handover.epoch) {
      this.#withdrawn();
      return;
    }
    this.#sender.handover(handover.epoch, [], now);
    this.#handover = { ...handover, toldBy: this.#sender.number, state: "withdrawing" };
  }

  handleTimeouts(now: number): void {
    this.#perform(this.#commit.handleTimeouts(now), now);
    for (const timer of this.timers.due(now)) {
      this.timers.set(timer, now + CHECKSUM_MS);
      if (this.peerHot) this.#sender.checksum(now);
    }
  }

  get #scheme(): string {
    return this.#at.identity.scheme;
  }

  #perform(effects: readonly CommitEffect<Checkpoint, E>[], now: number): void {
    for (const effect of effects) this.#do(effect, now);
    if (this.#handover?.state === "draining") this.#seeHandover(0);
  }

  #do(effect: CommitEffect<Checkpoint, E>, now: number): void {
    switch (effect.do) {
      case "append":
        this.#append(effect.position, effect.checkpoints, now);
        return;
      case "perform":
        this.#at.emit({ do: "perform", effect: effect.effect });
        return;
      case "hot":
        this.#sender.say({ is: "hot" }, now);
        this.#at.emit({ do: "report", event: log.redundancy.terminalState({ scheme: this.#scheme }) });
        if (this.#at.peer?.can("checksum") === true) this.timers.set("checksum", now + CHECKSUM_MS);
        return;
      case "not-hot":
        this.#at.count("not-hot");
        this.#sender.say({ is: "not-hot", because: effect.because }, now);
        this.#at.emit({ do: "not-hot" });
        return;
    }
    effect satisfies never;
  }

  #append(position: number, checkpoints: readonly Checkpoint[], now: number): void {
    const puts = new Map<string, RecordName>();
    const deletes = new Map<string, RecordName>();
    this.#at.count("transactions");
    this.#at.position = position;
    for (const { put, delete: gone } of checkpoints) {
      const name = put ?? gone;
      const id = `${name.kind} ${name.key}`;
      puts.delete(id);
      deletes.delete(id);
      if (put === undefined) {
        if (this.#at.table.delete(name)) deletes.set(id, { kind: name.kind, key: name.key });
        if (name.kind === "child") this.#at.book.close(Number(name.key));
      } else {
        this.#at.table.put(put, position, now);
        if (put.kind === "child") this.#at.book.open(Number(put.key), put.esn);
        puts.set(id, { kind: put.kind, key: put.key });
      }
    }
    this.#sender.append(position, [...puts.values()], [...deletes.values()], now);
  }

  /** What of the handover is done, now that entries up to `number` are acknowledged. */
  #seeHandover(number: number): void {
    const handover = this.#handover;
    if (handover?.state === "withdrawing" && number > 0 && number >= (handover.toldBy ?? 0)) this.#withdrawn();
    const waits = this.peerHot && (this.#commit.timers.next !== undefined || !this.#sender.flushed);
    if (handover?.state !== "draining" || waits) return;
    handover.state = "drained";
    this.#at.emit({ do: "drained" });
  }

  #withdrawn(): void {
    this.#handover = undefined;
    this.#at.emit({ do: "withdrawn" });
  }
}
