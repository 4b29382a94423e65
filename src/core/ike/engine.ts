/**
 * The IKE engine: what `ike-port.ts` says. It turns inputs into calls of the negotiator, and what those decided into
 * one list for each IKE SA, with one checkpoint where the SA changed.
 *
 * A member that is not the active of an owner holds that owner's SAs as its records say and lets no time pass for
 * them. When it becomes the active it goes on from there: what was asked is asked again, with the same octets.
 */
import type { Primitives } from "../crypto/primitives.ts";
import type { ChildSa } from "../ipsec/child-sa.ts";
import { log } from "../log/catalogue.ts";
import type { Child } from "./children.ts";
import type {
  ChildEvent,
  ClearWhat,
  Ike,
  IkeDecision,
  IkeFacts,
  IkeInput,
  IkeRecord,
  IkeSettings,
  IkeSnapshot,
  TakeoverKind,
} from "./ike-port.ts";
import { snapshotOf } from "./ike-snapshot.ts";
import { Negotiator } from "./negotiator.ts";
import { PeerBook } from "./peer-book.ts";
import type { IkeSa } from "./v1/ike-sa.ts";
import { isReplicated, readRecord, restoreIkeSa, writeRecord } from "./v1/ike-sa-record.ts";

export interface EngineParts {
  readonly primitives: Primitives;
  readonly facts: IkeFacts;
  /** At least 0 and below 1, anew for each call. */
  readonly jitter: () => number;
}

const NO_SETTINGS: IkeSettings = {
  policies: [],
  keys: [],
  keepalive: undefined,
  identity: "address",
  hostname: "",
  invalidSpiRecovery: false,
  udpEncapsulation: "auto",
  negotiables: [],
  memberBit: 0,
};

export class IkeEngine implements Ike {
  readonly #negotiator: Negotiator;
  readonly #facts: IkeFacts;

  constructor(parts: EngineParts) {
    this.#facts = parts.facts;
    this.#negotiator = new Negotiator({ ...parts, book: new PeerBook(NO_SETTINGS) });
  }

  get debugging(): boolean {
    return this.#negotiator.host.debugging;
  }

  set debugging(on: boolean) {
    this.#negotiator.host.debugging = on;
  }

  get next(): number | undefined {
    return this.#negotiator.host.heap.next;
  }

  handle(input: IkeInput, now: number): IkeDecision[] {
    this.#negotiator.host.now = now;
    this.#handle(input, now);
    return this.#decided();
  }

  handleTimeouts(now: number): IkeDecision[] {
    const { host, children, keeper } = this.#negotiator;
    host.now = now;
    for (let due = host.heap.take(now); due !== undefined; due = host.heap.take(now)) {
      const timer = due.owner;
      if (timer.kind === "child") children.handleTimeout(timer, now);
      else if (timer.kind === "ike") keeper.handleTimeout(timer.sa, timer.name);
      else this.#negotiator.exchangeTimeout(timer.sa, timer.exchange);
    }
    return this.#decided();
  }

  snapshot(now: number): IkeSnapshot {
    return snapshotOf(this.#negotiator, now);
  }

  #handle(input: IkeInput, now: number): void {
    const { host, v1 } = this.#negotiator;
    switch (input.kind) {
      case "configure":
        this.#configure(input.settings);
        return;
      case "datagram":
        this.#negotiator.door.receive(input.datagram);
        return;
      case "initiate": {
        const selector = input.selector ?? host.book.negotiable(input.traffic)?.selector;
        if (selector !== undefined) this.#negotiator.initiate({ traffic: input.traffic, selector, tried: 0 });
        return;
      }
      case "computed": {
        const asked = host.computed(input.id);
        if (asked !== undefined) v1.computed(asked.sa, asked.exchange, input.result);
        return;
      }
      case "role":
        this.#role(input.owner, input.role === "active", input.how, now);
        return;
      case "child":
        this.#childEvent(input.spi, input.event, now);
        return;
      case "unknown-spi":
        this.#negotiator.unknownSpi(input.spi, input.local, input.remote);
        return;
      case "restore":
        this.#restore(input.records, input.children, now);
        return;
      case "forget":
        this.#forget(input.ids, input.spis);
        return;
      case "clear":
        this.#clear(input.what);
        return;
      case "farewell":
        this.#endAll(sa => sa.owner === input.owner, "the gateway stops");
        return;
    }
    input satisfies never;
  }

  #configure(settings: IkeSettings): void {
    const { host, children, sas, keeper, active } = this.#negotiator;
    const before = host.book.settings.keepalive;
    host.book = new PeerBook(settings);
    for (const child of [...children.table.all()]) {
      if (!active.has(child.sa.owner) || child.sa.ike === undefined) continue;
      if (!this.#isWanted(child)) this.#negotiator.endChild(child, "no longer configured");
    }
    for (const sa of [...sas.all()]) {
      if (!active.has(sa.owner)) continue;
      const wanted = host.book.ownerOf(sa.local, sa.remote) === sa.owner && host.book.keyFor(sa.remote) !== undefined;
      if (!wanted && sa.established) this.#negotiator.endIke(sa, "no longer configured");
      else if (sa.established && before !== settings.keepalive) keeper.followSettings(sa);
    }
  }

  #isWanted({ sa }: Child): boolean {
    const { book } = this.#negotiator.host;
    const negotiable = book.negotiable(sa.traffic);
    if (negotiable === undefined || negotiable.owner !== sa.owner || negotiable.local !== sa.local) return false;
    return negotiable.peers.length === 0 || negotiable.peers.includes(sa.remote);
  }

  #role(owner: string, active: boolean, how: TakeoverKind, now: number): void {
    const { active: owners, sas, children, host } = this.#negotiator;
    if (owners.has(owner) === active) return;
    const own = [...sas.all()].filter(each => each.owner === owner);
    const pairs = [...children.table.all()].filter(each => each.sa.owner === owner && each.sa.ike !== undefined);
    if (active) {
      owners.add(owner);
      if (how !== "start") this.#negotiator.takenOverAtMs.set(owner, now);
      for (const sa of own) this.#resume(sa);
      children.resume(this.#exposedFirst(pairs), how, now);
      return;
    }
    owners.delete(owner);
    for (const child of pairs) children.disarm(child);
    for (const sa of own) {
      const record = isReplicated(sa) ? writeRecord(sa, now) : undefined;
      for (const request of sa.waiting.splice(0)) this.#negotiator.requests.end(request);
      this.#negotiator.forgetIke(sa);
      if (record !== undefined) this.#hold({ id: sa.id, owner, octets: record, ageMs: 0 }, now);
    }
    host.decisions.take();
    host.takeChanged();
  }

  /**
   * What the old active took after it last told an edge may be taken again, and how much that was nobody can say any
   * more (P4): of pairs that packets came in by last, so these are renewed first.
   */
  #exposedFirst(pairs: readonly Child[]): Child[] {
    const told = new Map(pairs.map(each => [each, this.#facts.edgeToldMs(each.sa.spi)]));
    return [...pairs].sort((a, b) => (told.get(b) ?? 0) - (told.get(a) ?? 0));
  }

  /** What was under way when the other member was the active goes on, with the same octets. */
  #resume(sa: IkeSa): void {
    const { host, keeper, sas } = this.#negotiator;
    if (sa.established) keeper.arm(sa);
    else host.heap.set(sa.timers.patience, host.now + 30_000);
    for (const exchange of [sa.main, ...sa.exchanges.values()]) {
      if (exchange.request !== undefined) host.request(sa, exchange, exchange.request.octets, true);
      else host.settle(exchange);
      const { work } = exchange;
      if (work?.kind === "quick" && work.request !== undefined && work.state === "offer-sent")
        this.#negotiator.requests.begin(work.request);
    }
    if (sa.dpd.question !== undefined) keeper.askNow(sa);
    const best = sas.best(sa.owner, sa.local, sa.remote);
    if (sa.established && best !== undefined && best !== sa) keeper.replaced(sa, best);
  }

  #restore(records: readonly IkeRecord[], children: readonly ChildSa[], now: number): void {
    const { active, children: keeper } = this.#negotiator;
    for (const record of records) if (!active.has(record.owner)) this.#hold(record, now);
    for (const child of children) if (!active.has(child.owner)) keeper.restore(child, now);
  }

  #hold(record: IkeRecord, now: number): void {
    const { sas, host } = this.#negotiator;
    const before = sas.get(record.id);
    if (before !== undefined) this.#negotiator.forgetIke(before);
    const connection = before?.connection ?? this.#negotiator.newConnection();
    const read = readRecord(record.octets);
    const sa = "refused" in read ? read : restoreIkeSa(read, record, connection, now);
    if (!("refused" in sa)) {
      sas.add(sa);
      return;
    }
    const event = log.ike.notRestored({ reason: sa.refused });
    host.decisions.of(record.owner, record.id).push({ do: "report", event });
  }

  #forget(ids: readonly string[], spis: readonly number[]): void {
    const { sas, children, active } = this.#negotiator;
    for (const id of ids) {
      const sa = sas.get(id);
      if (sa !== undefined && !active.has(sa.owner)) this.#negotiator.forgetIke(sa);
    }
    for (const spi of spis) {
      const child = children.table.find(spi);
      if (child !== undefined && !active.has(child.sa.owner)) children.drop(child);
    }
  }

  #childEvent(spi: number, event: ChildEvent, now: number): void {
    const { children, active, v1, sas } = this.#negotiator;
    const child = children.table.find(spi);
    if (child === undefined || !active.has(child.sa.owner)) return;
    switch (event.kind) {
      case "soft-limit":
      case "cap-reached":
        children.spent(child, event.kind, now);
        return;
      case "hard-limit":
        this.#negotiator.endChild(child, "lifetime over");
        return;
      case "used": {
        const sa = child.sa.ike === undefined ? undefined : sas.get(child.sa.ike);
        if (sa !== undefined) v1.used(sa, spi);
        children.used(child, now);
        return;
      }
      case "peer-moved":
        this.#negotiator.moves.child(child, event);
        return;
    }
    event satisfies never;
  }

  #clear(what: ClearWhat): void {
    const { children, sas, host, active } = this.#negotiator;
    // What another member is the active of is that one's to delete.
    const ikeSas = [...sas.all()].filter(each => active.has(each.owner));
    const childSas = [...children.table.all()].filter(each => active.has(each.sa.owner));
    switch (what.kind) {
      case "all":
        this.#endAll(() => true, "cleared");
        return;
      case "peer":
        this.#endAll(each => each.remote === what.remote, "cleared");
        return;
      case "ike":
        for (const sa of ikeSas) if (what.id === undefined || sa.id === what.id) this.#negotiator.endIke(sa, "cleared");
        return;
      case "map":
        for (const child of childSas)
          if (host.book.negotiable(child.sa.traffic)?.map === what.map) this.#negotiator.endChild(child, "cleared");
        return;
      case "child": {
        const child = childSas.find(each => each.sa.spi === what.spi);
        if (child !== undefined) this.#negotiator.endChild(child, "cleared");
        return;
      }
    }
    what satisfies never;
  }

  /** Children first, while there is an IKE SA to say it under. */
  #endAll(which: (each: Pick<IkeSa, "owner" | "remote">) => boolean, because: string): void {
    const { children, sas, active } = this.#negotiator;
    const mine = (each: Pick<IkeSa, "owner" | "remote">): boolean => active.has(each.owner) && which(each);
    for (const child of [...children.table.all()])
      if (mine(child.sa) && child.sa.ike !== undefined) this.#negotiator.endChild(child, because);
    for (const sa of [...sas.all()]) if (mine(sa)) this.#negotiator.endIke(sa, because);
  }

  #decided(): IkeDecision[] {
    const { host } = this.#negotiator;
    for (const sa of host.takeChanged()) {
      if (!isReplicated(sa)) continue;
      sa.checkpointed = true;
      host.effects(sa).push({ do: "checkpoint", id: sa.id, octets: writeRecord(sa, host.now) });
    }
    return host.decisions.take();
  }
}
