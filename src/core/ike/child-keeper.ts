/**
 * When a Child SA begins to carry traffic, is renewed, and goes: make before break.
 *
 * Who began the negotiation of a pair cannot know that the peer has its last message until the peer uses the pair or a
 * second has passed in which it did not ask again; until then what leaves goes by the old pair. Where there is none
 * that lasts, a tenth of that must do: a packet that overtakes the last message is one that the peer cannot take. The
 * old pair receives for five seconds after the peer has used the new one, and for half a minute at most; then whoever
 * began the new one deletes the old, and the other end does it by itself if it is never told.
 *
 * What is sent to the peer, and how a renewal is negotiated, is the host's.
 */
import type { ChildSa } from "../ipsec/child-sa.ts";
import type { TimerHeap } from "../wire/timers.ts";
import { type Child, ChildTable, type ChildTimer, preferred } from "./children.ts";
import type { IkeEffect } from "./ike-port.ts";

/** A peer that has not asked for message 3 again by now has it. */
const ENABLE_AFTER_MS = 1_000;
/** The same without a pair that traffic could go on by: it takes a peer no longer to install what it just agreed to. */
const ENABLE_SOON_MS = 100;
/** What is on its way on an old pair arrives within this time after the peer has used the new one. */
const DRAIN_MS = 5_000;
/** With the spread, one pair is left within half a minute. */
const RETIRE_MS = 15_000;
/** Should the two ends keep different pairs after all, one deletes before the other, which then keeps the same. */
const RETIRE_SPREAD_MS = 5_000;
/** The other end should have deleted it long ago. */
const RETIRE_UNTOLD_MS = 25_000;
const RENEW_AGAIN_MS = 10_000;
/** A standby that took over renews every pair once, so many a second, once traffic flows. */
const TAKEOVER_SETTLE_MS = 1_000;
const TAKEOVER_PACE_MS = 20;
/** The part of the time between soft and hard limit that the end which did not begin the pair leaves to the other. */
const COURTESY = 0.4;

export interface ChildHost<T> {
  readonly heap: TimerHeap<T | ChildTimer>;
  readonly jitter: () => number;
  /** Where effects about this Child SA belong. */
  effects(child: Child): IkeEffect[];
  /** Begin a negotiation for the same traffic, unless one is under way. */
  renew(child: Child, because: string): void;
  /** The peer is told that we no longer have it. */
  tellDeleted(child: Child): void;
  /** It is gone. */
  lost(child: Child, because: string): void;
}

export class ChildKeeper<T> {
  readonly table = new ChildTable();
  readonly #host: ChildHost<T>;

  constructor(host: ChildHost<T>) {
    this.#host = host;
  }

  /** A fresh pair: it is installed, and its outbound SA waits for `confirm` or the peer's first packet. */
  up(sa: ChildSa, begunAtMs: number, now: number): Child {
    const child = this.table.add(sa, begunAtMs, now);
    this.#host.effects(child).push({ do: "child-up", child: sa });
    this.#armLifetime(child);
    return child;
  }

  /** The negotiation is over as far as we can know. */
  confirm(child: Child, now: number): void {
    if (child.sa.stage !== "fresh") return;
    const old = this.table.current(child.slot);
    const waits = child.sa.initiated && !child.used;
    if (waits)
      this.#host.heap.set(
        child.timers.enable,
        now + (old === undefined || old.nearlySpent ? ENABLE_SOON_MS : ENABLE_AFTER_MS),
      );
    else this.#enable(child, now);
  }

  /** The peer asked for our last message again: it does not have it yet. */
  askedAgain(child: Child, now: number): void {
    if (child.timers.enable.slot !== -1) this.#host.heap.set(child.timers.enable, now + ENABLE_AFTER_MS);
  }

  /** The peer's first packet on it was taken. */
  used(child: Child, now: number): void {
    child.used = true;
    if (child.sa.stage === "fresh") this.#enable(child, now);
    for (const each of this.table.inSlot(child.slot)) {
      if (each.sa.stage === "old" && child.sa.stage === "current") this.#retireWithin(each, DRAIN_MS, child, now);
    }
  }

  change(child: Child, change: Partial<ChildSa>): void {
    this.table.change(child, change);
    this.#host.effects(child).push({ do: "child-changed", child: child.sa });
  }

  /** Both SAs go. Where another pair for the same traffic is left, it carries what leaves. */
  down(child: Child, because: string, now: number): void {
    this.#host.effects(child).push({ do: "child-down", spi: child.sa.spi, because });
    this.drop(child);
    this.#host.lost(child, because);
    if (child.sa.stage !== "current") return;
    const rest = this.table.inSlot(child.slot).filter(each => each.sa.stage === "old" || each.used);
    const [first, ...others] = rest;
    if (first === undefined) return;
    const next = others.reduce(preferred, first);
    this.#host.heap.clear(next.timers.retire);
    this.#makeCurrent(next, now);
  }

  /** Without a word to anybody: a standby is told so. */
  drop(child: Child): void {
    this.table.remove(child.sa.spi);
    this.disarm(child);
  }

  disarm(child: Child): void {
    for (const timer of Object.values(child.timers)) this.#host.heap.clear(timer);
  }

  /** A standby holds it from now on; what leaves by it is known to its data plane at once. */
  restore(sa: ChildSa, now: number): void {
    const before = this.table.find(sa.spi);
    if (before !== undefined) this.drop(before);
    // What was there before is older than what was under way.
    const since = sa.stage === "fresh" ? now : 0;
    const child = this.table.add(sa, since, since);
    // Each time: what is restored again is installed again, and then nothing leaves by it.
    if (sa.stage === "current") this.#host.effects(child).push({ do: "enable-outbound", spi: sa.spi });
  }

  /** This member became the active of these: what they were waiting for goes on. */
  resume(children: readonly Child[], how: "start" | "failover" | "switchover", now: number): void {
    let renewAt = now + TAKEOVER_SETTLE_MS;
    for (const child of children) {
      this.#armLifetime(child);
      if (child.sa.stage === "fresh" && child.sa.initiated) this.confirm(child, now);
      if (child.sa.stage === "old") this.#host.heap.set(child.timers.retire, now + RETIRE_MS);
      if (child.sa.stage !== "current") continue;
      // Its policy may have come after its record.
      this.#host.effects(child).push({ do: "enable-outbound", spi: child.sa.spi });
      if (how !== "failover") continue;
      this.#host.heap.set(child.timers.renew, renewAt);
      renewAt += TAKEOVER_PACE_MS;
    }
  }

  /** Something of it besides its time is nearly used up. */
  spent(child: Child, because: string, now: number): void {
    child.nearlySpent = true;
    for (const { timers } of this.table.inSlot(child.slot)) {
      // Said again, it puts nothing off.
      const sooner = Math.min(timers.enable.at, now + ENABLE_SOON_MS);
      if (timers.enable.slot !== -1) this.#host.heap.set(timers.enable, sooner);
    }
    this.#renewNow(child, because, now);
  }

  #renewNow(child: Child, because: string, now: number): void {
    this.#host.heap.set(child.timers.renew, now + RENEW_AGAIN_MS);
    const succeeded = this.table.inSlot(child.slot).some(each => each.sa.stage === "fresh");
    if (child.sa.stage === "current" && !succeeded) this.#host.renew(child, because);
  }

  handleTimeout({ child, name }: ChildTimer, now: number): void {
    switch (name) {
      case "enable":
        this.#enable(child, now);
        return;
      case "renew":
        this.#renewNow(child, "lifetime", now);
        return;
      case "retire":
        this.#host.tellDeleted(child);
        this.down(child, "replaced", now);
        return;
      case "expire":
        this.#host.tellDeleted(child);
        this.down(child, "lifetime over", now);
        return;
    }
    name satisfies never;
  }

  #enable(child: Child, now: number): void {
    this.#host.heap.clear(child.timers.enable);
    if (child.sa.stage !== "fresh") return;
    const current = this.table.current(child.slot);
    if (current === undefined) {
      this.#makeCurrent(child, now);
      return;
    }
    const kept = preferred(child, current);
    const other = kept === child ? current : child;
    this.change(other, { stage: "old" });
    this.#host.heap.clear(other.timers.renew);
    this.#retireWithin(other, kept.sa.initiated ? RETIRE_MS : RETIRE_UNTOLD_MS, kept, now);
    if (kept === child) this.#makeCurrent(child, now);
    if (kept.used) this.#retireWithin(other, DRAIN_MS, kept, now);
  }

  #makeCurrent(child: Child, now: number): void {
    this.change(child, { stage: "current" });
    this.#host.effects(child).push({ do: "enable-outbound", spi: child.sa.spi });
    if (child.timers.renew.slot === -1 && child.sa.lifetime.softAtMs !== undefined) {
      this.#host.heap.set(child.timers.renew, Math.max(now, child.sa.lifetime.softAtMs));
    }
  }

  /** Only who began the pair that is kept hurries: the other end leaves the deletion to it. */
  #retireWithin(old: Child, withinMs: number, kept: Child, now: number): void {
    if (withinMs === DRAIN_MS && !kept.sa.initiated) return;
    const at = now + withinMs + RETIRE_SPREAD_MS * this.#host.jitter();
    if (old.timers.retire.slot === -1 || old.timers.retire.at > at) this.#host.heap.set(old.timers.retire, at);
  }

  #armLifetime(child: Child): void {
    const { softAtMs, hardAtMs } = child.sa.lifetime;
    if (hardAtMs !== undefined) this.#host.heap.set(child.timers.expire, hardAtMs);
    if (softAtMs === undefined) return;
    const courtesy = child.sa.initiated || hardAtMs === undefined ? 0 : COURTESY * Math.max(0, hardAtMs - softAtMs);
    this.#host.heap.set(child.timers.renew, softAtMs + courtesy);
  }
}
