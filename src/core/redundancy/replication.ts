/**
 * The replication of one scheme between two members: what comes in, to whom it goes, and what comes of it.
 *
 * Both members run the same code. Which side acts follows the role word alone, as main was told of it: `active-side.ts`
 * while it owns the role, `standby-side.ts` while it does not. A takeover finds the table as the standby had it: if it
 * was whole it goes on with every SA, else it keeps none, because half a state would be used twice.
 *
 * The stream is sealed and belongs to one peer; all the same nothing that comes may break this member: whatever is
 * malformed or out of order ends the session, and the state stays as it was.
 */
import { WireError } from "../errors.ts";
import { log } from "../log/catalogue.ts";
import { ActiveSide } from "./active-side.ts";
import { decodePeerMessage, type PeerBody, type PeerHello, type PeerMessage } from "./peer-message.ts";
import { FEATURES, PeerView, PROTOCOL } from "./peer-view.ts";
import type {
  ReplicationEffect,
  ReplicationFacts,
  ReplicationIdentity,
  ReplicationInput,
  ReplicationSettings,
  ReplicationSnapshot,
  RoleWord,
} from "./replication-port.ts";
import { ownsRole, SchemeState } from "./scheme-state.ts";
import { StandbySide } from "./standby-side.ts";

/** For each epoch that passed: where somebody may have begun unheard, and as far as it may have gone from there. */
const JUMPS_PER_EPOCH = 2;

type Input<E, K extends ReplicationInput<E>["kind"]> = Extract<ReplicationInput<E>, { kind: K }>;

export class Replication<E> {
  readonly #at: SchemeState<E>;
  readonly #active: ActiveSide<E>;
  readonly #standby: StandbySide<E>;

  constructor(identity: ReplicationIdentity) {
    this.#at = new SchemeState(identity);
    this.#active = new ActiveSide(this.#at);
    this.#standby = new StandbySide(this.#at);
  }

  /** The next deadline, milliseconds. */
  get next(): number | undefined {
    const times = [this.#active.next, this.#standby.timers.next].filter(each => each !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  handle(input: ReplicationInput<E>, facts: ReplicationFacts, now: number): ReplicationEffect<E>[] {
    const before = this.#at.rf.state;
    this.#standby.look(facts, now);
    this.#handle(input, now);
    if (this.#at.rf.state !== before) this.#at.sayStatus(now);
    return this.#at.taken();
  }

  /** Safe to call at any time; does nothing when nothing is due. */
  handleTimeouts(facts: ReplicationFacts, now: number): ReplicationEffect<E>[] {
    const before = this.#at.rf.state;
    this.#standby.look(facts, now);
    this.#active.handleTimeouts(now);
    this.#standby.handleTimeouts(now);
    if (this.#at.rf.state !== before) this.#at.sayStatus(now);
    return this.#at.taken();
  }

  snapshot(now: number): ReplicationSnapshot {
    const { identity, rf, role, synced, peer, session, linkBecause, table, settings, counters } = this.#at;
    return {
      now,
      scheme: identity.scheme,
      state: rf.state,
      role,
      synced,
      peerHot: this.#active.peerHot,
      peer: peer?.snapshot(settings.sections),
      link: { up: session !== undefined, because: linkBecause },
      records: { ike: table.count("ike"), child: table.count("child") },
      lag: this.#active.lag(now),
      history: [...rf.history],
      switchovers: [...rf.switchovers],
      counters: { ...counters },
    };
  }

  #handle(input: ReplicationInput<E>, now: number): void {
    switch (input.kind) {
      case "configure":
        this.#configure(input.settings, now);
        return;
      case "role":
        this.#become(input, now);
        return;
      case "link-up":
        this.#linkUp(input.session, now);
        return;
      case "link-down":
        this.#linkDown(input, now);
        return;
      case "link-quiet":
        if (input.session === this.#at.session) this.#standby.linkQuiet(input.silentMs, now);
        return;
      case "link-heard":
        if (input.session === this.#at.session) this.#standby.linkUp();
        return;
      case "message":
        this.#message(input, now);
        return;
      case "fetch":
        this.#fetchAnew(now);
        return;
      case "told-not-hot":
        this.#standby.toldNotHot(now);
        return;
      case "end":
        if (this.#at.owns) this.#active.loseStandby(now);
        else this.#at.dropAll(this.#at.epochKnown);
        return;
      case "clear-history":
        this.#at.rf.forget();
        return;
      case "clear-counters":
        this.#at.clearCounters();
        return;
      case "decided":
      case "reserve":
      case "edges":
      case "drain":
        this.#ofTraffic(input, now);
        return;
    }
    input satisfies never;
  }

  #ofTraffic(input: Input<E, "decided" | "reserve" | "edges" | "drain">, now: number): void {
    if (!this.#at.owns) {
      this.#ofNoConsequence(input);
      return;
    }
    switch (input.kind) {
      case "decided":
        this.#active.decided(input.sa, input.effects, now);
        return;
      case "reserve":
        this.#active.reserve(input.used, now);
        return;
      case "edges":
        this.#active.edges(input.edges, now);
        return;
      case "drain":
        this.#active.drain(input.numbers, now);
        return;
    }
    input satisfies never;
  }

  /** A standby decides nothing; what reveals nothing may still be done. */
  #ofNoConsequence(input: Input<E, "decided" | "reserve" | "edges" | "drain">): void {
    if (input.kind !== "decided") return;
    for (const each of input.effects) {
      if (each.do === "perform" && !each.reveals) this.#at.emit({ do: "perform", effect: each.effect });
    }
  }

  #configure(settings: ReplicationSettings, now: number): void {
    this.#at.settings = settings;
    this.#at.sayStatus(now, settings.sections);
    this.#standby.consider(now);
  }

  #become({ role, epoch }: RoleWord, now: number): void {
    const was = this.#at.role;
    this.#at.role = { role, epoch };
    this.#at.roleKnown = true;
    this.#at.epochKnown = Math.max(this.#at.epochKnown, epoch);
    if (!ownsRole(role)) this.#at.rf.hears(epoch);
    if (ownsRole(role) && !ownsRole(was.role)) this.#takeOver(epoch, now);
    else if (ownsRole(role)) this.#stay(was, now);
    else if (ownsRole(was.role)) this.#standDown(was.epoch, now);
    else this.#standby.acknowledge();
    this.#at.sayStatus(now);
    this.#standby.consider(now);
  }

  #takeOver(epoch: number, now: number): void {
    const { table, book, identity } = this.#at;
    const stateful = this.#standby.holdsAllBefore(epoch);
    if (!stateful) this.#at.dropAll(epoch);
    const how = book.takeOver(epoch) && stateful ? "switchover" : "failover";
    const { hadActive } = this.#at.rf;
    this.#active.begin();
    this.#standby.own(epoch);
    this.#at.move("owns", `active with epoch ${epoch}`, now);
    for (let step = 0; step < 3; step++) this.#at.move("proceed", `active with epoch ${epoch}`, now);
    this.#at.saySynced(true, epoch);
    this.#at.emit({ do: "taken-over", epoch, how, stateful });
    // An election takes nothing over: nobody has to be told that tunnels were lost.
    if (!hadActive) return;
    this.#at.rf.switchedOver({ at: now, epoch, how, stateful, active: "this" });
    const state = stateful ? `${table.size} records` : "without state";
    const event = log.redundancy.switchover({ scheme: identity.scheme, how, epoch, state });
    this.#at.emit({ do: "report", event });
  }

  /** Nothing of what is held is relied on; without anybody to ask it is better than nothing. */
  #fetchAnew(now: number): void {
    if (!this.#standby.fetch("everything is fetched anew", now)) return;
    this.#at.dropAll(this.#at.epochKnown);
  }

  /** Active before and after; in another epoch the numbers have jumped as at every takeover. */
  #stay(was: RoleWord, now: number): void {
    const { role, epoch } = this.#at.role;
    if (epoch !== was.epoch) {
      this.#active.loseStandby(now);
      this.#at.book.takeOver(epoch, JUMPS_PER_EPOCH * (epoch - was.epoch));
      this.#standby.own(epoch);
      this.#at.saySynced(true, epoch);
    }
    if (role === "draining") this.#at.move("drain", "the role is handed over", now);
    else if (was.role === "draining") {
      this.#at.move("owns", "the handover did not happen", now);
      this.#active.keep(now);
    }
  }

  #standDown(epoch: number, now: number): void {
    this.#active.end();
    this.#at.saySynced(false, epoch);
    this.#at.move("yields", "the role is another's", now);
    this.#at.rf.stoodDown(epoch, this.#at.epochKnown, now);
    this.#at.emit({ do: "stood-down", epoch });
  }

  #linkUp(session: number, now: number): void {
    this.#at.count("sessions");
    this.#at.session = session;
    this.#at.linkBecause = "";
    this.#at.peer = undefined;
    this.#standby.linkUp();
    this.#at.say({ is: "hello", hello: this.#hello(now) });
  }

  #linkDown({ session, because, silentMs }: Input<E, "link-down">, now: number): void {
    if (session !== this.#at.session) return;
    const { scheme } = this.#at.identity;
    const known = this.#at.peer !== undefined;
    this.#at.session = undefined;
    this.#at.peer = undefined;
    this.#at.linkBecause = because;
    if (known) this.#at.emit({ do: "report", event: log.redundancy.peerLost({ scheme, because }) });
    this.#active.loseStandby(now);
    this.#standby.linkDown(because, silentMs, now);
  }

  #message({ session, octets }: Input<E, "message">, now: number): void {
    if (session !== this.#at.session) return;
    this.#at.count("messages-received");
    this.#at.count("octets-received", octets.length);
    const message = decodePeerMessage(octets);
    if (message instanceof WireError) {
      this.#at.count("malformed");
      this.#at.reset(message.message);
      return;
    }
    if (message.body.is !== "hello" && this.#at.peer === undefined) {
      this.#at.reset("no hello came first");
      return;
    }
    this.#body(message, now);
  }

  #body({ epoch, body }: PeerMessage, now: number): void {
    const { peer } = this.#at;
    this.#at.epochKnown = Math.max(this.#at.epochKnown, epoch);
    this.#at.rf.hears(epoch);
    switch (body.is) {
      case "hello":
        this.#greeted(body.hello, epoch, now);
        return;
      case "status":
        peer?.says(body.status, epoch, now);
        if (body.sections !== undefined) peer?.configures(body.sections);
        if (body.status.state === "STANDBY COLD-BULK") this.#active.peerDoubts(now);
        this.#standby.consider(now);
        return;
      case "join":
        if (this.#at.owns && peer?.incompatible === undefined) this.#active.joined(body.join, body.epoch, now);
        return;
      case "applied":
        this.#active.applied(body.join, body.number, now);
        return;
      case "ask":
        this.#active.repair(body.join, body.names, now);
        return;
      case "entry":
        this.#standby.entry(body, epoch, now);
        return;
      case "leave":
        this.#at.reset(`the peer cannot go on: ${body.because}`);
        return;
      case "unknown":
        this.#unknown(body, epoch, now);
        return;
    }
    body satisfies never;
  }

  /** A later release says what this one does not know: skipped, unless it must be known. */
  #unknown({ required, place }: Extract<PeerBody, { is: "unknown" }>, epoch: number, now: number): void {
    if (required) {
      this.#at.reset("the peer says what this release does not know and should");
      return;
    }
    if (place !== undefined) this.#standby.entry({ ...place, entry: undefined }, epoch, now);
  }

  #greeted(hello: PeerHello, epoch: number, now: number): void {
    const { identity } = this.#at;
    const { scheme } = identity;
    if (this.#at.peer !== undefined) {
      this.#at.reset("a second hello");
      return;
    }
    const peer = new PeerView(hello, epoch, identity, now);
    this.#at.peer = peer;
    const { incompatible: because } = peer;
    const found = log.redundancy.peerFound({ scheme, peer: hello.member, software: hello.software });
    const event = because === undefined ? found : log.redundancy.incompatible({ scheme, because });
    this.#at.emit({ do: "report", event });
    this.#standby.consider(now);
  }

  #hello(now: number): PeerHello {
    const { identity, settings } = this.#at;
    return {
      ...PROTOCOL,
      ...identity,
      features: FEATURES,
      requiredFeatures: [],
      sections: settings.sections,
      insideAddresses: settings.insideAddresses,
      ...this.#at.status(now),
    };
  }
}
