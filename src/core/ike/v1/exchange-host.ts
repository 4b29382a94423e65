/**
 * The workbench of IKEv1's exchanges: what they decide becomes effects, their requests are repeated by the clock, their
 * answers are kept, and what they wait for finds back to them.
 *
 * It decides nothing about SAs; the engine does, which it asks through `HostEvents`.
 */
import type { Primitives } from "../../crypto/primitives.ts";
import { type ChildSa, inboundSpi } from "../../ipsec/child-sa.ts";
import type { LogEvent } from "../../log/message.ts";
import { TimerHeap } from "../../wire/timers.ts";
import type { Child, ChildTimer } from "../child-table.ts";
import type { ComputeJob } from "../compute-job.ts";
import { Decisions } from "../decisions.ts";
import { IKE_COUNTERS, type IkeCounter, type IkeEffect } from "../ike-port.ts";
import type { PeerBook } from "../peer-book.ts";
import { answerWaitMs } from "../retransmission.ts";
import type { Host } from "./host.ts";
import { type Exchange, type IkeSa, type IkeTimer, peerText } from "./ike-sa.ts";
import { numberOf } from "./octets.ts";
import type { QuickRequest } from "./quick-mode.ts";

export interface HostEvents {
  established(sa: IkeSa, initialContact: boolean): void;
  isFirstContact(sa: IkeSa): boolean;
  childUp(sa: IkeSa, child: ChildSa): Child;
  childConfirmed(spi: number): void;
  spiIsFree(spi: number): boolean;
  quickModeFailed(sa: IkeSa, request: QuickRequest | undefined, because: string): void;
}

/** A finished exchange answers what comes again for this long. */
const REMEMBER_MS = 60_000;

export class ExchangeHost implements Host {
  readonly primitives: Primitives;
  readonly jitter: () => number;
  readonly heap = new TimerHeap<IkeTimer | ChildTimer>();
  readonly decisions = new Decisions();
  readonly counters = Object.fromEntries(IKE_COUNTERS.map(each => [each, 0])) as Record<IkeCounter, number>;
  book: PeerBook;
  now = 0;
  debugging = false;
  readonly #then: HostEvents;
  readonly #computing = new Map<number, { readonly sa: IkeSa; readonly exchange: Exchange }>();
  readonly #changed = new Set<IkeSa>();
  #lastJob = 0;

  constructor(primitives: Primitives, jitter: () => number, book: PeerBook, then: HostEvents) {
    this.primitives = primitives;
    this.jitter = jitter;
    this.book = book;
    this.#then = then;
  }

  effects(sa: IkeSa): IkeEffect[] {
    return this.decisions.of(sa.owner, sa.id);
  }

  count(counter: IkeCounter): void {
    this.counters[counter] += 1;
  }

  changed(sa: IkeSa): void {
    this.#changed.add(sa);
  }

  /** Those that changed since the last time. */
  takeChanged(): IkeSa[] {
    const changed = [...this.#changed].filter(each => !each.gone);
    this.#changed.clear();
    return changed;
  }

  report(sa: IkeSa, event: LogEvent): void {
    this.effects(sa).push({ do: "report", event });
  }

  debug(sa: IkeSa, text: () => string): void {
    if (this.debugging) this.effects(sa).push({ do: "debug", text: `ISAKMP-PAK:(${sa.connection}): ${text()}` });
  }

  transmit(sa: IkeSa, octets: Uint8Array, reveals: boolean): void {
    const { local, localPort, remote, remotePort } = sa;
    this.count("messagesOut");
    this.debug(sa, () => `sending ${octets.length} octets to ${peerText(sa)}`);
    this.effects(sa).push({ do: "transmit", datagram: { local, localPort, remote, remotePort, octets }, reveals });
  }

  request(sa: IkeSa, exchange: Exchange, octets: Uint8Array, reveals: boolean): void {
    exchange.request = { octets, sendings: 1 };
    this.heap.set(exchange.timer, this.now + (answerWaitMs(1) ?? 0));
    this.transmit(sa, octets, reveals);
  }

  answer(sa: IkeSa, exchange: Exchange, octets: Uint8Array, reveals: boolean, also?: "until confirmed"): void {
    exchange.answer = octets;
    exchange.answeredAtMs = this.now;
    if (also !== undefined) return this.request(sa, exchange, octets, reveals);
    this.heap.set(exchange.timer, this.now + REMEMBER_MS);
    this.transmit(sa, octets, reveals);
  }

  /** Nothing is awaited in this exchange any more; what comes again is still answered for a while. */
  settle(exchange: Exchange): void {
    exchange.request = undefined;
    this.heap.set(exchange.timer, this.now + REMEMBER_MS);
  }

  compute(sa: IkeSa, exchange: Exchange, job: ComputeJob): void {
    this.#lastJob += 1;
    this.#computing.set(this.#lastJob, { sa, exchange });
    this.effects(sa).push({ do: "compute", id: this.#lastJob, job });
  }

  /** Whom a result is for; `undefined` when it is not wanted any more. */
  computed(id: number): { readonly sa: IkeSa; readonly exchange: Exchange } | undefined {
    const asked = this.#computing.get(id);
    this.#computing.delete(id);
    return asked?.sa.gone === true ? undefined : asked;
  }

  established(sa: IkeSa, initialContact: boolean): void {
    this.#then.established(sa, initialContact);
  }

  isFirstContact(sa: IkeSa): boolean {
    return this.#then.isFirstContact(sa);
  }

  newSpi(): number {
    const random = (): number => numberOf(this.primitives.random(4)) ?? 0;
    for (;;) {
      const spi = inboundSpi(random(), this.book.settings.memberBit);
      if (this.#then.spiIsFree(spi)) return spi;
    }
  }

  childUp(sa: IkeSa, child: ChildSa): Child {
    return this.#then.childUp(sa, child);
  }

  childConfirmed(spi: number): void {
    this.#then.childConfirmed(spi);
  }

  quickModeFailed(sa: IkeSa, request: QuickRequest | undefined, because: string): void {
    this.#then.quickModeFailed(sa, request, because);
  }
}
