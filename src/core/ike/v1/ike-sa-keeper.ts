/**
 * What happens to an IKE SA as time goes by: patience with a half-open one, renewal before it ends, the place of one
 * that was renewed, questions to a silent peer, and octets that keep a NAT's mapping.
 *
 * A peer is asked by RFC 3706 only where it said that it knows it. The same question is repeated with the same octets,
 * and the next has the next number, so that a peer that counts strictly stays in step.
 */
import type { TimerHandle } from "../../wire/timers.ts";
import type { ExchangeHost } from "./exchange-host.ts";
import type { IkeSa, IkeTimer, IkeTimerName } from "./ike-sa.ts";
import { dpdPayload, informational, type Said } from "./informational.ts";

export interface KeeperEvents {
  /** The latest that any of its Child SAs took and sent, monotonic milliseconds. */
  usage(sa: IkeSa): { readonly inboundMs: number; readonly outboundMs: number };
  peerDead(sa: IkeSa): void;
  renew(sa: IkeSa): void;
  /** It ends: the peer is told where that makes sense. */
  end(sa: IkeSa, because: string): void;
}

const RENEW_FROM = 0.8;
const RENEW_SPREAD = 0.1;
/** The part of what is left that the responder waits longer, so that not both renew. */
const COURTESY = 0.4;
const RENEW_AGAIN_MS = 10_000;
/** An IKE SA that has a successor goes after this; the end that did not begin the successor waits longer. */
const RETIRE_MS = 30_000;
const RETIRE_UNTOLD_MS = 60_000;
/** RFC 3706 leaves it open; IOS asks five times. */
const QUESTIONS_MAX = 5;
/** RFC 3948 section 2.3. */
const KEEPALIVE_MS = 20_000;
const KEEPALIVE = Uint8Array.of(0xff);

export class IkeSaKeeper {
  readonly #host: ExchangeHost;
  readonly #then: KeeperEvents;

  constructor(host: ExchangeHost, then: KeeperEvents) {
    this.#host = host;
    this.#then = then;
  }

  /** Its times follow from its policy. */
  begin(sa: IkeSa): void {
    const { now, jitter } = this.#host;
    const lifeMs = (sa.policy?.lifetimeSeconds ?? 86_400) * 1_000;
    const renewAfterMs = lifeMs * (RENEW_FROM + RENEW_SPREAD * jitter());
    sa.establishedAtMs = now;
    sa.expiresAtMs = now + lifeMs;
    sa.renewAtMs = now + renewAfterMs + (sa.role === "initiator" ? 0 : COURTESY * (lifeMs - renewAfterMs));
    this.arm(sa);
  }

  /** All that it waits for, from now on. */
  arm(sa: IkeSa): void {
    const { heap, now } = this.#host;
    heap.clear(sa.timers.patience);
    heap.set(sa.timers.renew, Math.max(now, sa.renewAtMs));
    heap.set(sa.timers.expire, Math.max(now, sa.expiresAtMs));
    sa.dpd.heardAtMs = now;
    this.followSettings(sa);
    if (sa.nat.here) heap.set(sa.timers.keepalive, now + KEEPALIVE_MS);
  }

  followSettings(sa: IkeSa): void {
    const { keepalive } = this.#host.book.settings;
    sa.dpd.asked = 0;
    if (keepalive === undefined || !sa.peer.dpd) this.#host.heap.clear(sa.timers.dpd);
    else this.#host.heap.set(sa.timers.dpd, this.#host.now + keepalive.seconds * 1_000);
  }

  disarm(sa: IkeSa): void {
    const timers: TimerHandle<IkeTimer>[] = Object.values(sa.timers);
    for (const each of [...timers, sa.main.timer, ...[...sa.exchanges.values()].map(e => e.timer)])
      this.#host.heap.clear(each);
  }

  /** `by` has taken its place. */
  replaced(sa: IkeSa, by: IkeSa): void {
    const { heap, now } = this.#host;
    heap.clear(sa.timers.renew);
    const withinMs = by.role === "initiator" ? RETIRE_MS : RETIRE_UNTOLD_MS;
    if (sa.timers.retire.slot === -1) heap.set(sa.timers.retire, now + withinMs);
  }

  heard(sa: IkeSa): void {
    sa.dpd.heardAtMs = this.#host.now;
  }

  askNow(sa: IkeSa): void {
    if (sa.peer.dpd && sa.dpd.asked === 0) this.#ask(sa);
  }

  answered(sa: IkeSa, said: Extract<Said, { kind: "are-you-there" | "i-am-here" }>): void {
    if (said.kind === "i-am-here") {
      if (sa.dpd.asked === 0 || said.sequence !== sa.dpd.nextSequence) return;
      sa.dpd.nextSequence = (sa.dpd.nextSequence + 1) % 2 ** 32;
      sa.dpd.question = undefined;
      this.#host.changed(sa);
      this.followSettings(sa);
    } else if (said.sequence > sa.dpd.peerSequence) {
      sa.dpd.peerSequence = said.sequence;
      this.#host.transmit(sa, informational(this.#host, sa, [dpdPayload("iAmHere", sa, said.sequence)]), false);
    }
  }

  handleTimeout(sa: IkeSa, name: IkeTimerName): void {
    const { heap, now } = this.#host;
    switch (name) {
      case "patience":
        this.#then.end(sa, "the peer did not go on");
        return;
      case "renew":
        heap.set(sa.timers.renew, now + RENEW_AGAIN_MS);
        this.#then.renew(sa);
        return;
      case "expire":
        this.#then.end(sa, "lifetime over");
        return;
      case "retire":
        this.#then.end(sa, "replaced");
        return;
      case "keepalive":
        heap.set(sa.timers.keepalive, now + KEEPALIVE_MS);
        this.#host.transmit(sa, KEEPALIVE, false);
        return;
      case "dpd":
        this.#doubt(sa);
        return;
    }
    name satisfies never;
  }

  /** The time to ask has come, if the peer was silent for that long. */
  #doubt(sa: IkeSa): void {
    const { heap, now, book } = this.#host;
    const { keepalive } = book.settings;
    if (keepalive === undefined) return;
    const everyMs = keepalive.seconds * 1_000;
    const { inboundMs, outboundMs } = this.#then.usage(sa);
    const heardAtMs = Math.max(sa.dpd.heardAtMs, inboundMs);
    const askAtMs = heardAtMs + everyMs;
    // Compared as it is set: a difference rounds otherwise, and a deadline that has passed would be set for ever.
    if (askAtMs > now) {
      sa.dpd.asked = 0;
      heap.set(sa.timers.dpd, askAtMs);
    } else if (keepalive.mode === "on-demand" && outboundMs <= heardAtMs && sa.dpd.asked === 0)
      heap.set(sa.timers.dpd, now + everyMs);
    else if (sa.dpd.asked >= QUESTIONS_MAX) this.#then.peerDead(sa);
    else this.#ask(sa);
  }

  #ask(sa: IkeSa): void {
    const { heap, now, book } = this.#host;
    sa.dpd.asked += 1;
    if (sa.dpd.question === undefined) {
      sa.dpd.question = informational(this.#host, sa, [dpdPayload("areYouThere", sa, sa.dpd.nextSequence)]);
      this.#host.changed(sa);
    }
    heap.set(sa.timers.dpd, now + (book.settings.keepalive?.retrySeconds ?? 2) * 1_000);
    this.#host.transmit(sa, sa.dpd.question, false);
  }
}
