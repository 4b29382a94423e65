/**
 * The Child SAs of one end, as its data plane has them: which of them carries what leaves, what came in on each, when
 * each was used. It asks nobody who is active.
 */
import type { ChildUsage, IkeFacts } from "../../core/ike/ike-port.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import { isReplayWindow, ReplayWindow } from "../../core/ipsec/replay-window.ts";
import type { ChildHolder } from "../../core/redundancy/record-holder.ts";
import { isSealedBy, readEsp } from "./esp-token.ts";

interface Held {
  child: ChildSa;
  readonly window: ReplayWindow;
  inboundMs: number;
  edgeToldMs: number;
  outboundMs: number;
}

export type Taken =
  | {
      readonly verdict: "taken";
      readonly child: ChildSa;
      readonly sequence: number;
      readonly first: boolean;
      /** None that was sent later has come before it. */
      readonly newest: boolean;
    }
  | { readonly verdict: "unknown"; readonly spi: number }
  | { readonly verdict: "refused" };

export class EndPlane implements ChildHolder, IkeFacts {
  readonly #held = new Map<number, Held>();
  /** By traffic. */
  readonly #carriers = new Map<string, number>();
  /** What leaves by them has changed. */
  readonly #moved: (what: string) => void;

  constructor(moved: (what: string) => void = () => {}) {
    this.#moved = moved;
  }

  get children(): ChildSa[] {
    return [...this.#held.values()].map(({ child }) => child);
  }

  of(traffic: string): ChildSa[] {
    return this.children.filter(child => child.traffic === traffic);
  }

  find(spi: number): ChildSa | undefined {
    return this.#held.get(spi)?.child;
  }

  carrier(traffic: string): ChildSa | undefined {
    const spi = this.#carriers.get(traffic);
    return spi === undefined ? undefined : this.find(spi);
  }

  usage(spi: number): ChildUsage | undefined {
    return this.#held.get(spi);
  }

  edgeToldMs(spi: number): number {
    return this.#held.get(spi)?.edgeToldMs ?? 0;
  }

  installAll(children: readonly ChildSa[]): void {
    if (children.length === 0) return;
    for (const child of children) {
      const known = this.#held.get(child.spi);
      if (known !== undefined) known.child = child;
      else this.#held.set(child.spi, { child, window: windowOf(child), inboundMs: 0, edgeToldMs: 0, outboundMs: 0 });
    }
    this.#moved(`has ${children.map(({ spi, outbound }) => `${spi} (out ${outbound.spi})`).join(" and ")}`);
  }

  enable(spi: number): void {
    const child = this.find(spi);
    if (child !== undefined) this.#carriers.set(child.traffic, spi);
    this.#moved(`sends by ${spi}`);
  }

  remove(spi: number): void {
    const child = this.find(spi);
    this.#held.delete(spi);
    if (child !== undefined && this.#carriers.get(child.traffic) === spi) this.#carriers.delete(child.traffic);
    this.#moved(`has ${spi} no more`);
  }

  left(spi: number, now: number): void {
    const held = this.#held.get(spi);
    if (held !== undefined) held.outboundMs = now;
  }

  /** The other member took everything up to here. */
  advance(spi: number, edge: number, now: number): void {
    const held = this.#held.get(spi);
    if (held === undefined) return;
    held.window.advance(edge);
    held.edgeToldMs = now;
  }

  take(octets: Uint8Array, now: number): Taken {
    const { spi, sequence } = readEsp(octets);
    const held = this.#held.get(spi);
    if (held === undefined) return { verdict: "unknown", spi };
    const { child, window } = held;
    if (window.check(sequence) !== "new" || !isSealedBy(octets, child.inbound)) return { verdict: "refused" };
    window.accept(sequence);
    const first = held.inboundMs === 0;
    held.inboundMs = now;
    return { verdict: "taken", child, sequence, first, newest: window.edge === sequence };
  }
}

function windowOf({ replayWindow }: ChildSa): ReplayWindow {
  return new ReplayWindow(isReplayWindow(replayWindow) ? replayWindow : 64);
}
