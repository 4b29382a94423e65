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
  /** Of each SA whose last transaction a standby that is waited for has not acknowledged: its position. */
  readonly #lastOf = new Map<string, number>();
  #held: Held<E>[] = [];
  /** How many of them each SA has. */
  readonly #heldOf = new Map<string, number>();

  constructor(from: number) {
    this.#position = from;
    this.#acknowledged = from;
  }

  get position(): number {
    return this.#position;
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** When the effect that waits longest began to; `undefined` while none waits. */
  get waitingSince(): number | undefined {
    return this.#held[0]?.since;
  }

  append(sa: string): number {
    this.#position += 1;
    if (this.#waiting) this.#lastOf.set(sa, this.#position);
    return this.#position;
  }

  /** What an effect of this SA reveals at most; `none` when all of that is acknowledged. */
  lastOf(sa: string): number | "none" {
    return this.#lastOf.get(sa) ?? "none";
  }

  mustWait(sa: string, after: number | "none"): boolean {
    if (!this.#waiting) return false;
    return this.#heldOf.has(sa) || (after !== "none" && after > this.#acknowledged);
  }

  hold(held: Held<E>): void {
    this.#held.push(held);
    this.#heldOf.set(held.sa, (this.#heldOf.get(held.sa) ?? 0) + 1);
  }

  /** A position that was never given out, or an older one, is the peer's mistake and changes nothing. */
  acknowledge(position: number): void {
    if (position > this.#position || position <= this.#acknowledged) return;
    this.#acknowledged = position;
    for (const [sa, last] of this.#lastOf) if (last <= position) this.#lastOf.delete(sa);
  }

  /** Takes out what waited for positions up to this one, and what waited only behind that. */
  release(upTo: number): Held<E>[] {
    const blocked = new Set<string>();
    const released: Held<E>[] = [];
    const kept: Held<E>[] = [];
    for (const held of this.#held) {
      const free = !blocked.has(held.sa) && (held.after === "none" || held.after <= upTo);
      if (!free) blocked.add(held.sa);
      (free ? released : kept).push(held);
    }
    this.#held = kept;
    for (const { sa } of released) {
      const left = (this.#heldOf.get(sa) ?? 0) - 1;
      if (left > 0) this.#heldOf.set(sa, left);
      else this.#heldOf.delete(sa);
    }
    return released;
  }

  get #waiting(): boolean {
    return this.standby.is === "returning" || this.standby.is === "hot";
  }
}
