/**
 * The Child SAs of all peers, and which of those for the same traffic carries it.
 *
 * A new pair is made before the old one goes. Fresh, it takes what the peer sends and sends nothing; current, it
 * carries all that leaves; old, it still takes what is on its way. Where both ends made a pair at the same time, both
 * keep the same one: the younger, or, of two whose negotiations overlapped, the one with the greater SPIs, which both
 * ends know.
 *
 * It decides which pair is which and says so; when, and what the peer is told, is `child-keeper.ts`.
 */
import type { ChildSa } from "../ipsec/child-sa.ts";
import type { Selector } from "../wire/selector.ts";
import { type TimerHandle, timerHandle } from "../wire/timers.ts";

export type ChildTimerName = "renew" | "expire" | "enable" | "retire";

export interface ChildTimer {
  readonly kind: "child";
  readonly child: Child;
  readonly name: ChildTimerName;
}

/** One pair while it lives; `sa` is replaced as it changes. */
export class Child {
  sa: ChildSa;
  /** Pairs of one slot carry the same traffic to the same peer. */
  slot: string;
  /** When its negotiation began here, and when it was over. */
  readonly begunAtMs: number;
  readonly upAtMs: number;
  /** The peer has sent on it. */
  used = false;
  /** Its octets, packets or sequence numbers are nearly at their end: it does not last until a peer shows anything. */
  nearlySpent = false;
  readonly timers: Readonly<Record<ChildTimerName, TimerHandle<ChildTimer>>>;

  constructor(sa: ChildSa, begunAtMs: number, upAtMs: number) {
    this.sa = sa;
    this.slot = slotOf(sa);
    this.begunAtMs = begunAtMs;
    this.upAtMs = upAtMs;
    const timer = (name: ChildTimerName): TimerHandle<ChildTimer> => timerHandle({ kind: "child", child: this, name });
    this.timers = { renew: timer("renew"), expire: timer("expire"), enable: timer("enable"), retire: timer("retire") };
  }
}

export class ChildTable {
  readonly #bySpi = new Map<number, Child>();
  readonly #bySlot = new Map<string, Set<Child>>();
  readonly #byPeer = new Map<string, Set<Child>>();
  readonly #byOutbound = new Map<string, Child>();

  get size(): number {
    return this.#bySpi.size;
  }

  all(): IterableIterator<Child> {
    return this.#bySpi.values();
  }

  /** By our inbound SPI. */
  find(spi: number): Child | undefined {
    return this.#bySpi.get(spi);
  }

  /** By the SPI that the peer receives on, which is how a peer's delete names it. */
  findOutbound(remote: string, spi: number): Child | undefined {
    return this.#byOutbound.get(outboundKey(remote, spi));
  }

  inSlot(slot: string): Child[] {
    return [...(this.#bySlot.get(slot) ?? [])];
  }

  withPeer(local: string, peerId: string): Child[] {
    return [...(this.#byPeer.get(peerKey(local, peerId)) ?? [])];
  }

  add(sa: ChildSa, begunAtMs: number, now: number): Child {
    this.remove(sa.spi);
    return this.#put(new Child(sa, begunAtMs, now));
  }

  /** The same pair, of which something is different now. */
  change(child: Child, change: Partial<Omit<ChildSa, "spi">>): void {
    const sa = { ...child.sa, ...change };
    const renamed = sa.peerId !== child.sa.peerId;
    if (renamed) this.remove(sa.spi);
    child.sa = sa;
    if (!renamed) return;
    child.slot = slotOf(sa);
    this.#put(child);
  }

  remove(spi: number): Child | undefined {
    const child = this.#bySpi.get(spi);
    if (child === undefined) return undefined;
    this.#bySpi.delete(spi);
    this.#byOutbound.delete(outboundKey(child.sa.peerId, child.sa.outbound.spi));
    take(this.#bySlot, child.slot, child);
    take(this.#byPeer, peerKey(child.sa.local, child.sa.peerId), child);
    return child;
  }

  /** The pair of this slot that carries what leaves. */
  current(slot: string): Child | undefined {
    return this.inSlot(slot).find(each => each.sa.stage === "current");
  }

  #put(child: Child): Child {
    const { sa, slot } = child;
    this.#bySpi.set(sa.spi, child);
    this.#byOutbound.set(outboundKey(sa.peerId, sa.outbound.spi), child);
    put(this.#bySlot, slot, child);
    put(this.#byPeer, peerKey(sa.local, sa.peerId), child);
    return child;
  }
}

/** The one of two pairs for the same traffic that both ends keep. */
export function preferred(a: Child, b: Child): Child {
  if (a.begunAtMs >= b.upAtMs || b.begunAtMs >= a.upAtMs) return a.begunAtMs >= b.upAtMs ? a : b;
  // Both ends see the same two numbers of a pair, each from its own side.
  const [aLow, aHigh] = spisInOrder(a.sa);
  const [bLow, bHigh] = spisInOrder(b.sa);
  if (aLow !== bLow) return aLow > bLow ? a : b;
  return aHigh >= bHigh ? a : b;
}

export function slotOf(sa: Pick<ChildSa, "traffic" | "selector" | "peerId">): string {
  return `${sa.traffic}\n${sa.peerId}\n${selectorKey(sa.selector)}`;
}

export function selectorKey(selector: Selector): string {
  return JSON.stringify([selector.protocol, selector.source, selector.destination]);
}

function spisInOrder({ inbound, outbound }: ChildSa): readonly [number, number] {
  return inbound.spi < outbound.spi ? [inbound.spi, outbound.spi] : [outbound.spi, inbound.spi];
}

function put(sets: Map<string, Set<Child>>, key: string, child: Child): void {
  sets.set(key, (sets.get(key) ?? new Set()).add(child));
}

function take(sets: Map<string, Set<Child>>, key: string, child: Child): void {
  const set = sets.get(key);
  set?.delete(child);
  if (set?.size === 0) sets.delete(key);
}

function peerKey(local: string, peerId: string): string {
  return `${local} ${peerId}`;
}

function outboundKey(peerId: string, spi: number): string {
  return `${peerId} ${spi}`;
}
