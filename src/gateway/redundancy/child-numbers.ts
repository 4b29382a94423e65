/**
 * The numbers of Child SAs between replication, which knows inbound SPIs, and the data plane, which knows places.
 *
 * An SA that has gone meanwhile has no numbers any more: what is said of it is void.
 */
import type { DataPlane, SaChange, SequenceEdge } from "../../core/ipsec/data-plane.ts";
import type { SaId } from "../../core/ipsec/security-association.ts";
import type { Application, ChildNumber, ExactNumbers } from "../../core/redundancy/replication-port.ts";
import type { HeldChild, HeldChildren } from "./kept-children.ts";

/**
 * What an SA may use on while its successor is told its last number: more than a second at a million packets a second,
 * and little of 2^32.
 */
export const DRAIN_ALLOWANCE = 2 ** 20;

export class ChildNumbers {
  readonly #children: HeldChildren;
  readonly #plane: () => DataPlane | undefined;

  constructor(children: HeldChildren, plane: () => DataPlane | undefined) {
    this.#children = children;
    this.#plane = plane;
  }

  /** What a standby holds from now on, and what it must count as seen. */
  hold({ epoch, held, edges }: Pick<Application, "epoch" | "held" | "edges">, nowMs: number): void {
    const told = edges.map(({ spi }) => spi);
    this.#children.edgesTold(told, nowMs);
    this.#update([...this.#acknowledged(held, epoch), ...this.#seen(edges)]);
  }

  /** What the standby holds, as the active hears of it. */
  acknowledge(epoch: number, acknowledged: readonly ChildNumber[]): void {
    this.#update(this.#acknowledged(acknowledged, epoch));
  }

  /** Whoever is active in this epoch goes on behind these numbers. */
  goOn(epoch: number, numbers: readonly ExactNumbers[]): void {
    const continues = this.#found(numbers, ({ outbound: id }, { outbound }) => {
      return { id, change: "continue", sequence: outbound + 1, epoch };
    });
    this.#update([...continues, ...this.#seen(numbers.map(({ spi, inbound }) => ({ spi, sequence: inbound })))]);
  }

  /**
   * The last numbers that this member uses in this epoch, of all SAs of an owner: some way ahead of those used, because
   * traffic goes on until somebody else takes it.
   */
  end(owner: string, epoch: number): ExactNumbers[] {
    const children = this.#children.of(owner);
    const numbers = this.#plane()?.numbers(children.flatMap(({ outbound, inbound }) => [outbound, inbound])) ?? [];
    const ends = children.map(({ spi }, at) => ({
      spi,
      outbound: (numbers[at * 2]?.sequence ?? 0) + DRAIN_ALLOWANCE,
      inbound: numbers[at * 2 + 1]?.sequence ?? 0,
    }));
    this.#update(
      children.map(({ outbound: id }, at) => ({ id, change: "end", sequence: ends[at]?.outbound ?? 0, epoch })),
    );
    return ends;
  }

  /** Edges of inbound SAs, by the owner that they belong to. */
  byOwner(edges: readonly SequenceEdge[]): Map<string, ChildNumber[]> {
    const found = new Map<string, ChildNumber[]>();
    for (const { id, sequence } of edges) {
      const child = this.#children.bySa(id);
      if (child === undefined || child.inbound !== id) continue;
      const others = found.get(child.owner) ?? [];
      others.push({ spi: child.spi, sequence });
      found.set(child.owner, others);
    }
    return found;
  }

  /** Whose outbound SA this is. */
  sender(id: SaId): HeldChild | undefined {
    const child = this.#children.bySa(id);
    return child?.outbound === id ? child : undefined;
  }

  #acknowledged(numbers: readonly ChildNumber[], epoch: number): SaChange[] {
    return this.#found(numbers, ({ outbound: id }, { sequence }) => {
      return { id, change: "acknowledged", acknowledged: sequence, epoch };
    });
  }

  #seen(edges: readonly ChildNumber[]): SaChange[] {
    return this.#found(edges, ({ inbound: id }, { sequence }) => ({ id, change: "replay-edge", edge: sequence }));
  }

  #found<N extends { readonly spi: number }>(
    numbers: readonly N[],
    change: (child: HeldChild, numbers: N) => SaChange,
  ): SaChange[] {
    return numbers.flatMap(each => {
      const child = this.#children.find(each.spi);
      return child === undefined ? [] : [change(child, each)];
    });
  }

  #update(changes: readonly SaChange[]): void {
    this.#plane()?.update(changes);
  }
}
