import type { ChildSa } from "../ipsec/child-sa.ts";
import type { Negotiable } from "../ipsec/negotiation.ts";
import { log } from "../log/catalogue.ts";
import type { IpAddress } from "../wire/address.ts";
import { ChildKeeper } from "./child-keeper.ts";
import type { Child } from "./children.ts";
import { NO_SA } from "./decisions.ts";
import { Doorkeeper } from "./doorkeeper.ts";
import { HalfOpenTable } from "./half-open-limits.ts";
import type { IkeEffect, IkeFacts, IkeMessageDatagram } from "./ike-port.ts";
import { NegotiationLog } from "./negotiation-log.ts";
import type { PeerBook } from "./peer-book.ts";
import { PeerMoves } from "./peer-moves.ts";
import { Requests } from "./requests.ts";
import { answerWaitMs, MAX_SENDINGS } from "./retransmission.ts";
import { ExchangeHost } from "./v1/exchange-host.ts";
import type { Refused } from "./v1/exchange-rows.ts";
import type { QuickRequest } from "./v1/exchange-work.ts";
import { forgetMainMode } from "./v1/exchange-work.ts";
import { type Exchange, IkeSa, type IkeTimer, peerIdOf, peerText } from "./v1/ike-sa.ts";
import { IkeSaKeeper } from "./v1/ike-sa-keeper.ts";
import { hexOf, IkeSaTable, preferredIke } from "./v1/ike-sas.ts";
import { IkeV1 } from "./v1/ike-v1.ts";
import { informational, type Said } from "./v1/informational.ts";
import { deletionOfEsp, deletionOfIke, espNotification, NOTIFY, notification, notificationWords } from "./v1/notify.ts";
import { concat } from "./v1/octets.ts";
import type { Payload } from "./v1/payloads.ts";
import { usable } from "./v1/phase-one-proposals.ts";

export interface NegotiatorParts {
  readonly primitives: ExchangeHost["primitives"];
  readonly facts: IkeFacts;
  readonly jitter: () => number;
  readonly book: PeerBook;
}

const IKE_PORT = 500;
const COOKIE_OCTETS = 8;
const FIRST_CONNECTION = 1_001;
/** No peer goes on for longer with what the member before us has begun with it. */
const ORPHANS_MS = 180_000;

export class Negotiator {
  readonly host: ExchangeHost;
  readonly sas = new IkeSaTable();
  readonly halfOpen = new HalfOpenTable();
  readonly requests = new Requests();
  readonly children: ChildKeeper<IkeTimer>;
  readonly keeper: IkeSaKeeper;
  readonly v1: IkeV1;
  readonly moves: PeerMoves<IkeTimer>;
  readonly door: Doorkeeper;
  /** Owners whose active this member is. */
  readonly active = new Set<string>();
  /** When this member became the active of an owner whose active another one was. */
  readonly takenOverAtMs = new Map<string, number>();
  readonly log: NegotiationLog;
  readonly #facts: IkeFacts;
  #connection = FIRST_CONNECTION;

  constructor({ primitives, facts, jitter, book }: NegotiatorParts) {
    this.#facts = facts;
    this.host = new ExchangeHost(primitives, jitter, book, {
      established: (sa, contact) => this.#established(sa, contact),
      isFirstContact: sa => this.#isFirstContact(sa),
      childUp: (sa, child, begunAtMs) => this.#childUp(sa, child, begunAtMs),
      childConfirmed: spi => this.#childConfirmed(spi),
      spiIsFree: spi => this.children.table.find(spi) === undefined,
      quickModeFailed: (sa, request, because) => this.#quickModeFailed(sa, request, because),
    });
    this.log = new NegotiationLog(this.host);
    this.children = new ChildKeeper<IkeTimer>({
      heap: this.host.heap,
      jitter,
      effects: child => this.effectsOf(child.sa),
      renew: (child, because) => this.#renewChild(child, because),
      tellDeleted: child => this.tell(child, deletionOfEsp(child.sa.spi)),
      lost: (child, because) => this.#childLost(child, because),
    });
    this.keeper = new IkeSaKeeper(this.host, {
      usage: sa => this.#usage(sa),
      peerDead: sa => this.#peerDead(sa, "it does not answer dead peer detection"),
      renew: sa => this.#renewIke(sa),
      end: (sa, because) => this.endIke(sa, because),
    });
    this.v1 = new IkeV1(this.host, {
      refused: (sa, mode, refused) => this.log.refused(sa, mode, refused),
      notEncrypted: sa => this.#notEncrypted(sa),
      heard: (sa, datagram) => this.#heard(sa, datagram),
      said: (sa, said) => this.#said(sa, said),
      quickModeRefused: (sa, refused) => this.#quickModeRefused(sa, refused),
      mainModeEnded: (sa, because) => this.#mainModeFailed(sa, because),
      askedAgain: spi => this.#askedAgain(spi),
    });
    const { host, sas, children, halfOpen, active, log: news, v1 } = this;
    this.moves = new PeerMoves({ sas, children, changed: sa => host.changed(sa) });
    const newConnection = (): number => this.newConnection();
    const dropIke = (sa: IkeSa, because: string): void => this.dropIke(sa, because);
    const orphan = (owner: string, { local, remote }: IkeMessageDatagram): void => this.#orphan(owner, local, remote);
    this.door = new Doorkeeper({ host, sas, halfOpen, active, news, v1, newConnection, dropIke, orphan });
  }

  /** The IKE SA that an exchange about this Child SA belongs under. */
  ikeOf({ owner, local, remote }: ChildSa): IkeSa | undefined {
    return this.sas.best(owner, local, remote);
  }

  effectsOf(child: ChildSa): IkeEffect[] {
    return this.host.decisions.of(child.owner, this.ikeOf(child)?.id ?? child.ike ?? NO_SA);
  }

  newConnection(): number {
    this.#connection += 1;
    return this.#connection - 1;
  }

  /** A pair for this traffic, unless one is being made. */
  initiate(request: QuickRequest): void {
    const negotiable = this.host.book.negotiable(request.traffic);
    if (negotiable === undefined || !this.active.has(negotiable.owner)) return;
    if (this.requests.begin(request)) this.#start(request, negotiable);
  }

  exchangeTimeout(sa: IkeSa, exchange: Exchange): void {
    const { request } = exchange;
    if (request === undefined) {
      if (exchange !== sa.main) this.v1.forget(sa, exchange);
      else exchange.answer = undefined;
      return;
    }
    const waitMs = answerWaitMs(request.sendings + 1);
    if (waitMs === undefined) {
      this.#noAnswer(sa, exchange);
      return;
    }
    request.sendings += 1;
    this.host.count("retransmitted");
    this.host.heap.set(exchange.timer, this.host.now + waitMs);
    this.host.transmit(sa, request.octets, sa.checkpointed);
  }

  /** One SA ends. The peer is told by its own keys, if it has them. */
  endIke(sa: IkeSa, because: string): void {
    if (sa.established) this.host.transmit(sa, informational(this.host, sa, [deletionOfIke(sa)]), true);
    else if (sa.role === "initiator") {
      this.#mainModeFailed(sa, because);
      return;
    }
    this.dropIke(sa, because);
  }

  /** Without a word to the peer. */
  dropIke(sa: IkeSa, because: string): void {
    if (sa.gone) return;
    this.host.debug(sa, () => `deleting SA: ${because}`);
    this.forgetIke(sa);
    if (sa.checkpointed) this.host.effects(sa).push({ do: "checkpoint", id: sa.id, octets: undefined });
    for (const request of sa.waiting.splice(0)) this.#quickModeFailed(sa, request, because);
  }

  /** What was in memory of it. */
  forgetIke(sa: IkeSa): void {
    sa.gone = true;
    this.keeper.disarm(sa);
    for (const exchange of [...sa.exchanges.values()]) {
      const { work } = exchange;
      this.v1.forget(sa, exchange);
      if (work?.kind === "quick" && work.request !== undefined) this.requests.end(work.request);
    }
    if (sa.main.work?.kind === "main") forgetMainMode(sa.main.work);
    for (const secret of [sa.keys?.derive, sa.keys?.authenticate, sa.keys?.cipher]) secret?.wipe();
    sa.keys = undefined;
    this.halfOpen.remove(sa.id);
    this.sas.remove(sa);
  }

  /** Both the pair and, as far as there is an IKE SA to say it under, the peer's. */
  endChild(child: Child, because: string): void {
    this.tell(child, deletionOfEsp(child.sa.spi));
    this.dropChild(child, because);
  }

  dropChild(child: Child, because: string): void {
    this.children.down(child, because, this.host.now);
  }

  tell(child: Child, payload: Payload): void {
    const sa = this.ikeOf(child.sa);
    if (sa !== undefined) this.host.transmit(sa, informational(this.host, sa, [payload]), true);
  }

  unknownSpi(spi: number, local: IpAddress, remote: IpAddress): void {
    const { book } = this.host;
    const owner = book.ownerOf(local, remote);
    if (owner === undefined || !this.active.has(owner)) return;
    const sa = this.sas.best(owner, local, remote);
    if (sa !== undefined) {
      const payloads = [espNotification(NOTIFY.invalidSpi, spi, new Uint8Array(0)), deletionOfEsp(spi)];
      this.host.transmit(sa, informational(this.host, sa, payloads), true);
    } else if (book.settings.invalidSpiRecovery) {
      // An IKE SA with INITIAL-CONTACT tells the peer that what it had with us is gone.
      const wanted = book.with(local, remote).find(each => each.peers.includes(remote));
      if (wanted !== undefined) this.initiate({ traffic: wanted.traffic, selector: wanted.selector, tried: 0 });
    }
  }

  #start(request: QuickRequest, negotiable: Negotiable): void {
    const { owner, local } = negotiable;
    const peer = this.requests.peer(negotiable, request);
    if (peer === undefined) {
      this.requests.end(request);
      return;
    }
    const sa = this.sas.best(owner, local, peer);
    if (sa !== undefined) {
      this.v1.startQuickMode(sa, request);
      return;
    }
    const begun = this.sas.between(local, peer).find(each => each.role === "initiator" && each.owner === owner);
    const main = begun ?? this.#beginMainMode(owner, local, peer);
    if (main === undefined) this.requests.end(request);
    else main.waiting.push(request);
  }

  /**
   * Up to message 4 a main mode is known to the active alone: a peer that was in the middle of one goes on with it
   * after a takeover, for minutes, and nobody can answer. So we begin one with it. Who only pretends to be a peer that
   * the configuration names makes us begin at most one, as `initiate` has it, while peers are patient.
   */
  #orphan(owner: string, local: IpAddress, remote: IpAddress): void {
    const { book, now } = this.host;
    const since = this.takenOverAtMs.get(owner);
    if (since === undefined || now - since > ORPHANS_MS || this.sas.best(owner, local, remote) !== undefined) return;
    for (const { traffic, selector, peers } of book.with(local, remote))
      if (peers.includes(remote)) this.initiate({ traffic, selector, tried: 0 });
  }

  #beginMainMode(owner: string, local: IpAddress, remote: IpAddress): IkeSa | undefined {
    const { book, primitives, now } = this.host;
    const missing = book.keyFor(remote) === undefined;
    if (missing || usable(book.settings.policies).length === 0) {
      const reason = "no ISAKMP policy that can be offered";
      const event = missing
        ? log.ike.noPresharedKey({ peer: remote })
        : log.ike.setupFailed({ local, peer: remote, reason });
      this.log.complain(owner, remote, event);
      return undefined;
    }
    const initiatorCookie = primitives.random(COOKIE_OCTETS);
    const sa = new IkeSa({
      id: hexOf(initiatorCookie),
      connection: this.newConnection(),
      owner,
      role: "initiator",
      local,
      remote,
      localPort: IKE_PORT,
      remotePort: IKE_PORT,
      initiatorCookie,
      responderCookie: new Uint8Array(COOKIE_OCTETS),
      now,
    });
    this.sas.add(sa);
    this.v1.startMainMode(sa);
    return sa;
  }

  #heard(sa: IkeSa, { remote, remotePort, localPort }: IkeMessageDatagram): void {
    this.keeper.heard(sa);
    if (remote === sa.remote && remotePort === sa.remotePort && localPort === sa.localPort) return;
    if (!sa.nat.there && remote !== sa.remote) return;
    sa.localPort = localPort;
    this.moves.ike(sa, { remote, remotePort });
  }

  #established(sa: IkeSa, initialContact: boolean): void {
    this.host.count("mainModeUp");
    this.halfOpen.remove(sa.id);
    this.keeper.begin(sa);
    sa.dpd.nextSequence = this.host.primitives.random(4).reduce((value, octet) => value * 256 + octet, 0) % 2 ** 30;
    const before = this.sas.withPeer(sa);
    if (initialContact) {
      for (const each of before) this.dropIke(each, "the peer knows no other SA");
      for (const child of this.#childrenOf(sa)) this.dropChild(child, "the peer knows no other SA");
    } else if (before.length > 0) {
      const kept = before.reduce(preferredIke, sa);
      for (const each of [sa, ...before]) if (each !== kept) this.keeper.replaced(each, kept);
    }
    for (const request of sa.waiting.splice(0)) this.v1.startQuickMode(sa, request);
  }

  #isFirstContact(sa: IkeSa): boolean {
    const others = this.sas.between(sa.local, sa.remote).filter(each => each !== sa && each.established);
    if (others.length > 0) return false;
    for (const { sa: child } of this.children.table.all())
      if (child.local === sa.local && child.remote === sa.remote && child.ike !== undefined) return false;
    return true;
  }

  #childrenOf(sa: IkeSa): Child[] {
    return this.children.table.withPeer(sa.local, peerIdOf(sa));
  }

  #childUp(sa: IkeSa, child: ChildSa, begunAtMs: number): Child {
    this.host.count("quickModeUp");
    const first = this.#childrenOf(sa).length === 0;
    if (first)
      this.log.say(sa, log.ike.session({ up: true, peer: peerText(sa), identity: sa.peer.identity?.shown ?? "" }));
    return this.children.up(child, begunAtMs, this.host.now);
  }

  #childConfirmed(spi: number): void {
    const child = this.children.table.find(spi);
    if (child === undefined) return;
    this.children.confirm(child, this.host.now);
    this.requests.end({ traffic: child.sa.traffic, selector: child.sa.selector, tried: 0 });
  }

  #childLost(child: Child, because: string): void {
    const { peerId, remote, owner, ike, local } = child.sa;
    if (this.children.table.withPeer(local, peerId).length > 0) return;
    const event = log.ike.session({ up: false, peer: remote, identity: `${peerId.split("@")[0]} (${because})` });
    this.host.decisions.of(owner, ike ?? NO_SA).push({ do: "report", event });
  }

  #askedAgain(spi: number): void {
    const child = this.children.table.find(spi);
    if (child !== undefined) this.children.askedAgain(child, this.host.now);
  }

  #renewChild({ sa }: Child, because: string): void {
    const negotiable = this.host.book.negotiable(sa.traffic);
    if (negotiable === undefined) return;
    const request = { traffic: sa.traffic, selector: sa.selector, tried: 0 };
    if (!this.requests.begin(request)) return;
    const ike = this.ikeOf(sa);
    if (ike !== undefined) {
      this.host.debug(ike, () => `renewing ${sa.spi.toString(16)}: ${because}`);
      this.v1.startQuickMode(ike, request);
      return;
    }
    const begun = this.sas.between(sa.local, sa.remote).find(each => each.role === "initiator");
    const main = begun ?? this.#beginMainMode(sa.owner, sa.local, sa.remote);
    if (main === undefined) this.requests.end(request);
    else main.waiting.push(request);
  }

  /** Only while there is something to renew it for. */
  #renewIke(sa: IkeSa): void {
    if (this.#childrenOf(sa).length === 0 || this.sas.best(sa.owner, sa.local, sa.remote) !== sa) return;
    const begun = this.sas.between(sa.local, sa.remote).some(each => !each.established && each.role === "initiator");
    if (!begun) this.#beginMainMode(sa.owner, sa.local, sa.remote);
  }

  #noAnswer(sa: IkeSa, exchange: Exchange): void {
    const because = `no answer after ${MAX_SENDINGS} tries`;
    exchange.request = undefined;
    if (exchange === sa.main) {
      this.#mainModeFailed(sa, because);
      return;
    }
    const { work } = exchange;
    if (work?.kind !== "quick") {
      this.v1.forget(sa, exchange);
      return;
    }
    const child = work.request === undefined ? this.children.table.find(work.spi) : undefined;
    this.v1.dropQuickMode(sa, exchange, because);
    if (child?.sa.stage === "fresh") this.endChild(child, "never confirmed");
    // Its IKE SA means nothing to the peer any more; what carries traffic is not touched.
    if (work.request !== undefined) this.endIke(sa, because);
  }

  #mainModeFailed(sa: IkeSa, because: string): void {
    this.host.count("mainModeFailed");
    this.log.complain(
      sa.owner,
      sa.remote,
      log.ike.setupFailed({ local: sa.local, peer: peerText(sa), reason: because }),
    );
    this.dropIke(sa, because);
  }

  #quickModeFailed(sa: IkeSa, request: QuickRequest | undefined, because: string): void {
    this.host.count("quickModeFailed");
    this.host.debug(sa, () => `quick mode failed: ${because}`);
    if (request === undefined) return;
    this.requests.end(request);
    const negotiable = this.host.book.negotiable(request.traffic);
    if (negotiable === undefined || !this.active.has(negotiable.owner)) return;
    this.requests.silent(negotiable, sa.remote);
    const next = { ...request, tried: request.tried + 1 };
    if (next.tried < negotiable.peers.length) this.initiate({ ...next, tried: next.tried });
  }

  #quickModeRefused(sa: IkeSa, refused: Refused): void {
    this.log.quickModeRefused(sa, refused);
    if (refused.notify === undefined) return;
    const payload = notification(refused.notify, sa, new Uint8Array(0));
    this.host.transmit(sa, informational(this.host, sa, [payload]), false);
  }

  #said(sa: IkeSa, said: Said): void {
    switch (said.kind) {
      case "children-deleted":
        for (const spi of said.spis) this.#childDeleted(sa, spi, "deleted by the peer");
        return;
      case "ike-deleted": {
        const { cookies } = said;
        const meant = [sa, ...this.sas.withPeer(sa)].find(each =>
          this.host.primitives.equal(concat(each.initiatorCookie, each.responderCookie), cookies),
        );
        if (meant !== undefined) this.dropIke(meant, "deleted by the peer");
        return;
      }
      case "are-you-there":
      case "i-am-here":
        this.keeper.answered(sa, said);
        return;
      case "refused":
        this.#refusedByPeer(sa, said.type, said.spi);
        return;
    }
    said satisfies never;
  }

  #childDeleted(sa: IkeSa, spi: number, because: string): void {
    const child = this.children.table.findOutbound(peerIdOf(sa), spi);
    if (child !== undefined) this.dropChild(child, because);
  }

  #refusedByPeer(sa: IkeSa, type: number, spi: number | undefined): void {
    if (type === NOTIFY.invalidSpi && spi !== undefined) {
      this.#childDeleted(sa, spi, "unknown to the peer");
      return;
    }
    const waiting = [...sa.exchanges.values()].filter(
      ({ work }) => work?.kind === "quick" && work.request !== undefined && work.state === "offer-sent",
    );
    const [meant, ...others] = waiting;
    // A notification does not say which exchange it is about: with several under way, each runs into its own end.
    if (meant === undefined || others.length > 0) return;
    const reason = `the peer refuses: ${notificationWords(type)}`;
    this.log.say(sa, log.ike.modeFailed({ mode: "Quick", peer: peerText(sa), reason }));
    this.v1.dropQuickMode(sa, meant, reason);
  }

  #notEncrypted(sa: IkeSa): void {
    this.host.count("refusedUnauthenticated");
    this.log.complain(sa.owner, sa.remote, log.ike.notEncrypted({ peer: peerText(sa) }));
  }

  #usage(sa: IkeSa): { inboundMs: number; outboundMs: number } {
    let [inboundMs, outboundMs] = [0, 0];
    for (const child of this.#childrenOf(sa)) {
      const usage = this.#facts.usage(child.sa.spi);
      inboundMs = Math.max(inboundMs, usage?.inboundMs ?? 0);
      outboundMs = Math.max(outboundMs, usage?.outboundMs ?? 0);
    }
    return { inboundMs, outboundMs };
  }

  #peerDead(sa: IkeSa, reason: string): void {
    this.host.count("deadPeers");
    this.log.say(sa, log.ike.peerDead({ peer: peerText(sa), reason }));
    for (const child of this.#childrenOf(sa)) {
      const negotiable = this.host.book.negotiable(child.sa.traffic);
      if (negotiable !== undefined) this.requests.silent(negotiable, sa.remote);
      this.dropChild(child, "the peer is dead");
    }
    this.dropIke(sa, "the peer is dead");
  }
}
