/**
 * Exchanges of IKEv1 as they come: a message is matched with its SA and its exchange, checked, and given to the machine of
 * its exchange. The cheap checks come first: shape, SA, who may speak, repetition; then decryption and proof; and only
 * what is proved moves an IV, an address or a state (RFC 2408 section 5).
 */
import { WireError } from "../../errors.ts";
import type { ComputeFailure, ComputeResult } from "../compute-job.ts";
import type { IkeMessageDatagram } from "../ike-port.ts";
import type { ExchangeHost } from "./exchange-host.ts";
import type { Refused } from "./exchange-table.ts";
import { type Exchange, type IkeSa, newExchange, noteMessageId } from "./ike-sa.ts";
import { hexOf } from "./ike-sa-table.ts";
import { freshMessageId, readInformational, type Said } from "./informational.ts";
import { clearPayloads, type IsakmpMessage } from "./isakmp-message.ts";
import { forgetMainMode, type MainMode, type MainModeInput, newMainMode, runMainMode } from "./main-mode.ts";
import { awaitedMessage } from "./main-mode-table.ts";
import { firstIv, isProved, type Opened, open } from "./message-protection.ts";
import { forgetQuickMode, newQuickMode, type QuickRequest, runQuickMode } from "./quick-mode.ts";
import { awaitedQuickMessage } from "./quick-mode-table.ts";

export interface V1Events {
  /** Nothing of it had an effect. */
  refused(sa: IkeSa, mode: "main" | "quick" | "informational", refused: Refused): void;
  notEncrypted(sa: IkeSa): void;
  /** A proved message came from there. */
  heard(sa: IkeSa, datagram: IkeMessageDatagram): void;
  said(sa: IkeSa, said: Said): void;
  /** A proved quick mode of the peer's that was not taken. */
  quickModeRefused(sa: IkeSa, refused: Refused): void;
  mainModeEnded(sa: IkeSa, because: string): void;
  /** A pair whose last message was asked for again. */
  askedAgain(spi: number): void;
}

/** More at once under one IKE SA than any peer needs. */
const EXCHANGES_MAX = 64;
/** An unproved source gets one answer a second, however often it asks. */
const UNPROVED_EVERY_MS = 1_000;
/** Main mode waits for the true message where what came could not be computed with. */
const BACK: Partial<Record<MainMode["state"], MainMode["state"]>> = { answering: "choice-sent", agreeing: "key-sent" };

export class IkeV1 {
  readonly #host: ExchangeHost;
  readonly #then: V1Events;

  constructor(host: ExchangeHost, then: V1Events) {
    this.#host = host;
    this.#then = then;
  }

  startMainMode(sa: IkeSa): void {
    const work = newMainMode();
    sa.main.work = work;
    this.#runMain(sa, work, { event: "start" });
  }

  startQuickMode(sa: IkeSa, request: QuickRequest): void {
    const messageId = freshMessageId(this.#host, sa);
    const exchange = newExchange(sa, messageId, firstIv(this.#host, sa, messageId));
    const work = newQuickMode(request);
    exchange.work = work;
    sa.exchanges.set(messageId, exchange);
    noteMessageId(sa, messageId);
    const refused = runQuickMode(this.#host, sa, exchange, work, { event: "start" });
    if (refused !== undefined) this.dropQuickMode(sa, exchange, refused.refused);
  }

  /** The first message of a peer; true where it was taken. */
  firstMessage(sa: IkeSa, message: IsakmpMessage, octets: Uint8Array): Refused | undefined {
    const payloads = clearPayloads(message);
    if (payloads instanceof WireError) return { refused: payloads.message };
    const work = newMainMode();
    sa.main.work = work;
    return this.#take(sa.main, octets, () => runMainMode(this.#host, sa, work, { event: "message-1", payloads }));
  }

  receive(sa: IkeSa, message: IsakmpMessage, datagram: IkeMessageDatagram): void {
    const { exchange: kind, messageId, flags } = message.header;
    if (kind === "main" && messageId === 0) return this.#mainMessage(sa, message, datagram);
    if (!flags.encrypted) return this.#then.notEncrypted(sa);
    if (!sa.established) return this.#then.refused(sa, kind === "quick" ? "quick" : "informational", TOO_EARLY);
    if (messageId === 0) return this.#then.refused(sa, "quick", { refused: "message id 0", quiet: true });
    if (kind === "quick") this.#quickMessage(sa, message, datagram);
    else if (kind === "informational") this.#informationalMessage(sa, message, datagram);
  }

  computed(sa: IkeSa, exchange: Exchange, result: ComputeResult | ComputeFailure): void {
    const { work } = exchange;
    if (work === undefined) return;
    if (result.kind === "failed") return this.#notComputed(sa, exchange, result.because);
    if (work.kind === "main") return this.#runMain(sa, work, { event: "ready", result });
    const refused = runQuickMode(this.#host, sa, exchange, work, { event: "ready", result });
    if (refused !== undefined) this.dropQuickMode(sa, exchange, refused.refused);
    else this.#settled(exchange);
  }

  /** Valid ESP on a new SA says that the peer has what quick mode 3 would confirm. */
  used(sa: IkeSa, spi: number): void {
    for (const exchange of sa.exchanges.values()) {
      const { work } = exchange;
      if (work?.kind !== "quick" || work.spi !== spi || work.state !== "answered") continue;
      runQuickMode(this.#host, sa, exchange, work, { event: "used" });
      this.#settled(exchange);
    }
  }

  dropQuickMode(sa: IkeSa, exchange: Exchange, because: string): void {
    const { work } = exchange;
    this.forget(sa, exchange);
    if (work?.kind === "quick") this.#host.quickModeFailed(sa, work.request, because);
  }

  forget(sa: IkeSa, exchange: Exchange): void {
    this.#host.heap.clear(exchange.timer);
    if (exchange.work?.kind === "quick") forgetQuickMode(exchange.work);
    if (exchange.work?.kind === "main") forgetMainMode(exchange.work);
    exchange.work = undefined;
    sa.exchanges.delete(exchange.messageId);
  }

  #mainMessage(sa: IkeSa, message: IsakmpMessage, datagram: IkeMessageDatagram): void {
    if (this.#answersAgain(sa, sa.main, datagram.octets, sa.established ? 0 : UNPROVED_EVERY_MS)) return;
    const { work } = sa.main;
    const event = work?.kind === "main" ? awaitedMessage[work.state] : undefined;
    if (work?.kind !== "main" || event === undefined) return;
    const encrypted = event === "message-5" || event === "message-6";
    if (encrypted && !message.header.flags.encrypted) return this.#then.notEncrypted(sa);
    const opened = encrypted ? open(this.#host, sa, message, sa.main.iv) : inClear(message);
    if ("refused" in opened) return this.#then.refused(sa, "main", opened);
    const input: MainModeInput = {
      event,
      payloads: opened.payloads,
      lastBlock: opened.lastBlock,
      responderCookie: message.header.responderCookie,
      from: datagram,
    };
    const refused = this.#take(sa.main, datagram.octets, () => runMainMode(this.#host, sa, work, input));
    if (refused !== undefined) this.#then.refused(sa, "main", refused);
    else if (sa.established) this.#mainModeDone(sa, work);
  }

  #quickMessage(sa: IkeSa, message: IsakmpMessage, datagram: IkeMessageDatagram): void {
    const { messageId } = message.header;
    const exchange = sa.exchanges.get(messageId) ?? this.#newExchange(sa, messageId);
    if (exchange === undefined || this.#answersAgain(sa, exchange, datagram.octets, 0)) return;
    const work = exchange.work ?? newQuickMode(undefined);
    const event = work.kind === "quick" ? awaitedQuickMessage[work.state] : undefined;
    if (work.kind !== "quick" || event === undefined) return;
    const opened = open(this.#host, sa, message, exchange.iv);
    if ("refused" in opened) return this.#then.refused(sa, "quick", opened);
    exchange.work = work;
    const refused = this.#take(exchange, datagram.octets, () => {
      return runQuickMode(this.#host, sa, exchange, work, { event, ...opened });
    });
    if (refused?.quiet === true) return this.#then.refused(sa, "quick", refused);
    this.#then.heard(sa, datagram);
    if (refused !== undefined) return this.#quickRefused(sa, exchange, refused);
    noteMessageId(sa, messageId);
    sa.exchanges.set(messageId, exchange);
    this.#settled(exchange);
  }

  /** It was proved, so it ends its exchange. */
  #quickRefused(sa: IkeSa, exchange: Exchange, refused: Refused): void {
    noteMessageId(sa, exchange.messageId);
    const began = exchange.work?.kind === "quick" && exchange.work.request !== undefined;
    this.#then.quickModeRefused(sa, refused);
    if (began) this.dropQuickMode(sa, exchange, refused.refused);
    else this.forget(sa, exchange);
  }

  #informationalMessage(sa: IkeSa, message: IsakmpMessage, datagram: IkeMessageDatagram): void {
    const { messageId } = message.header;
    const known = sa.exchanges.get(messageId);
    if (known !== undefined) {
      this.#answersAgain(sa, known, datagram.octets, UNPROVED_EVERY_MS);
      return;
    }
    const exchange = this.#newExchange(sa, messageId);
    if (exchange === undefined) return;
    const opened = open(this.#host, sa, message, exchange.iv);
    if ("refused" in opened) return this.#then.refused(sa, "informational", opened);
    if (!isProved(this.#host, sa, messageId, opened.payloads))
      return this.#then.refused(sa, "informational", { refused: "HASH(1) is not its", quiet: true });
    noteMessageId(sa, messageId);
    this.#then.heard(sa, datagram);
    for (const said of readInformational(opened.payloads)) this.#then.said(sa, said);
  }

  /** `undefined` where the id was used before, or the peer has too many exchanges under way. */
  #newExchange(sa: IkeSa, messageId: number): Exchange | undefined {
    if (sa.usedIds.has(messageId) || sa.exchanges.size >= EXCHANGES_MAX) return undefined;
    return newExchange(sa, messageId, firstIv(this.#host, sa, messageId));
  }

  #runMain(sa: IkeSa, work: MainMode, input: MainModeInput): void {
    const refused = runMainMode(this.#host, sa, work, input);
    if (refused !== undefined) this.#then.mainModeEnded(sa, refused.refused);
  }

  #mainModeDone(sa: IkeSa, work: MainMode): void {
    forgetMainMode(work);
    sa.main.work = undefined;
    this.#host.settle(sa.main);
  }

  #notComputed(sa: IkeSa, exchange: Exchange, because: string): void {
    const { work } = exchange;
    const back = work?.kind === "main" ? BACK[work.state] : undefined;
    if (work?.kind === "main" && back !== undefined) {
      work.state = back;
      exchange.taken = undefined;
      this.#then.refused(sa, "main", { refused: because });
    } else if (work?.kind === "main") this.#then.mainModeEnded(sa, because);
    else this.dropQuickMode(sa, exchange, because);
  }

  /** What came was taken: it is remembered, and what it answers is not asked for again. */
  #take(exchange: Exchange, octets: Uint8Array, run: () => Refused | undefined): Refused | undefined {
    const { request, answer } = exchange;
    const refused = run();
    if (refused !== undefined) return refused;
    exchange.taken = this.#digest(octets);
    if (exchange.answer === answer) exchange.answer = undefined;
    if (exchange.request === request && request !== undefined) {
      exchange.request = undefined;
      this.#host.heap.clear(exchange.timer);
    }
    return undefined;
  }

  /** True for what came before: it gets the same octets, once they are there, and changes nothing. */
  #answersAgain(sa: IkeSa, exchange: Exchange, octets: Uint8Array, everyMs: number): boolean {
    if (exchange.taken === undefined || exchange.taken !== this.#digest(octets)) return false;
    if (exchange.answer === undefined || this.#host.now - exchange.answeredAtMs < everyMs) return true;
    exchange.answeredAtMs = this.#host.now;
    this.#host.count("repeatedAnswers");
    this.#host.transmit(sa, exchange.answer, true);
    if (exchange.work?.kind === "quick") this.#then.askedAgain(exchange.work.spi);
    return true;
  }

  #settled(exchange: Exchange): void {
    const { work } = exchange;
    if (work?.kind !== "quick" || (work.state !== "done" && work.state !== "confirmed")) return;
    forgetQuickMode(work);
    this.#host.settle(exchange);
  }

  #digest(octets: Uint8Array): string {
    return hexOf(this.#host.primitives.hash("sha256", octets).subarray(0, 16));
  }
}

const TOO_EARLY: Refused = { refused: "the IKE SA is not authenticated yet" };

function inClear(message: IsakmpMessage): { payloads: Opened["payloads"]; lastBlock: undefined } | Refused {
  if (message.header.flags.encrypted) return { refused: "encrypted, before there are keys", quiet: true };
  const payloads = clearPayloads(message);
  return payloads instanceof WireError ? { refused: payloads.message } : { payloads, lastBlock: undefined };
}
