/**
 * Where one scheme's log stands, and what waits for it. Positions count transactions and never go back; what
 * waits is released in the order in which it was decided, which keeps the order within every SA, because the positions
 * of one SA only rise.
 */

/** What is known of the standby that the log goes to. */
export type StandbyOfLog =
  | { readonly is: "none" }
  /** It was late or is new. When it acknowledges `mark`, which was the end of the log at `since`, its pace is known. */
  | { readonly is: "behind"; readonly mark: number; readonly since: number }
  /** Output waits for it again; it is hot when it has `revealed`, up to which output did not wait. */
  | { readonly is: "returning"; readonly revealed: number }
  | { readonly is: "hot" };

interface Held<E> {
  readonly sa: string;
  readonly after: number | "none";
  readonly effect: E;
  readonly since: number;
}

export class SchemeLog<E> {
  standby: StandbyOfLog = { is: "none" };
  #position: number;
  #acknowledged: number;
  /** Of each SA whose last transaction a standby that is waited for has not acknowledged: its position. They rise. */
  readonly #lastOf = new Map<string, number>();
  /** By the order in which they were decided. */
  readonly #held = new Map<number, Held<E>>();
  #decided = 0;
  /** The same by the position with which each is free: its own, or that of what is held before it of the same SA. */
  readonly #freeWith = new Map<number, number[]>();
  /** With which position all that is held of an SA is free. */
  readonly #freeOf = new Map<string, number>();
  /** Up to here nothing is held. */
  #freed: number;

  constructor(from: number) {
    this.#position = from;
    this.#acknowledged = from;
    this.#freed = from;
  }

  get position(): number {
    return this.#position;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** When the effect that waits longest began to; `undefined` while none waits. */
  get waitingSince(): number | undefined {
    for (const { since } of this.#held.values()) return since;
    return undefined;
  }

  append(sa: string): number {
    this.#position += 1;
    if (this.#waiting) {
      this.#lastOf.delete(sa);
      this.#lastOf.set(sa, this.#position);
    }
    return this.#position;
  }

  /** What an effect of this SA reveals at most; `none` when all of that is acknowledged. */
  lastOf(sa: string): number | "none" {
    return this.#lastOf.get(sa) ?? "none";
  }

  mustWait(sa: string, after: number | "none"): boolean {
    if (!this.#waiting) return false;
    return this.#freeOf.has(sa) || (after !== "none" && after > this.#acknowledged);
  }

  /** What must wait. */
  hold(held: Held<E>): void {
    const before = this.#freeOf.get(held.sa) ?? 0;
    const position = held.after === "none" ? before : Math.max(held.after, before);
    this.#freeOf.set(held.sa, position);
    this.#decided += 1;
    this.#held.set(this.#decided, held);
    const others = this.#freeWith.get(position);
    if (others === undefined) this.#freeWith.set(position, [this.#decided]);
    else others.push(this.#decided);
  }

  /** A position that was never given out, or an older one, is the peer's mistake and changes nothing. */
  acknowledge(position: number): void {
    if (position > this.#position || position <= this.#acknowledged) return;
    this.#acknowledged = position;
    for (const [sa, last] of this.#lastOf) {
      if (last > position) return;
      this.#lastOf.delete(sa);
    }
  }

  /** Takes out what waited for acknowledged positions up to this one, and what waited only behind that. */
  release(upTo: number): Held<E>[] {
    if (upTo === Number.POSITIVE_INFINITY) return this.#releaseAll();
    const numbers: number[] = [];
    for (; this.#freed < upTo; this.#freed++) {
      numbers.push(...(this.#freeWith.get(this.#freed + 1) ?? []));
      this.#freeWith.delete(this.#freed + 1);
    }
    return numbers
      .sort((a, b) => a - b)
      .flatMap(number => {
        const held = this.#held.get(number);
        if (held === undefined) return [];
        this.#held.delete(number);
        if ((this.#freeOf.get(held.sa) ?? 0) <= upTo) this.#freeOf.delete(held.sa);
        return [held];
      });
  }

  #releaseAll(): Held<E>[] {
    const all = [...this.#held.values()];
    this.#held.clear();
    this.#freeWith.clear();
    this.#freeOf.clear();
    return all;
  }

  get #waiting(): boolean {
    return this.standby.is === "returning" || this.standby.is === "hot";
  }
}
