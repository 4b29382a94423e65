/**
 * Deadlines. They never fire by themselves: the shell sleeps until `next`, then asks what is due.
 *
 * One indexed heap serves a whole gateway; a machine holds handles in it, or, alone, a `Timers` of its own names.
 * Equal deadlines come in the order in which they were set, so that a run repeats exactly.
 *
 * `due` takes all at once; where handling one may clear or move another that is due as well, `take` them one by one.
 */
import { invariant } from "../errors.ts";

/** What a deadline belongs to. Made once by its owner; at most one deadline at a time. */
export interface TimerHandle<T> {
  readonly owner: T;
  /** Where it stands in the heap; -1 when not set. Only the heap writes it. */
  slot: number;
  at: number;
  order: number;
}

export function timerHandle<T>(owner: T): TimerHandle<T> {
  return { owner, slot: -1, at: 0, order: 0 };
}

export class TimerHeap<T> {
  readonly #heap: TimerHandle<T>[] = [];
  #order = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** The nearest deadline in milliseconds; `undefined` when none is set. */
  get next(): number | undefined {
    return this.#heap[0]?.at;
  }

  /** Sets or moves a deadline. */
  set(handle: TimerHandle<T>, at: number): void {
    invariant(Number.isFinite(at), `a deadline at ${at}`);
    this.#own(handle);
    handle.at = at;
    handle.order = this.#order++;
    if (handle.slot === -1) {
      handle.slot = this.#heap.length;
      this.#heap.push(handle);
    }
    this.#up(handle);
    this.#down(handle);
  }

  clear(handle: TimerHandle<T>): void {
    this.#own(handle);
    const { slot } = handle;
    if (slot === -1) return;
    handle.slot = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === handle) return;
    this.#place(last, slot);
    this.#up(last);
    this.#down(last);
  }

  /** Removes and returns everything due at `now`, the earliest first. */
  due(now: number): T[] {
    const owners: T[] = [];
    for (let first = this.take(now); first !== undefined; first = this.take(now)) owners.push(first.owner);
    return owners;
  }

  /** Removes and returns the earliest handle that is due at `now`. */
  take(now: number): TimerHandle<T> | undefined {
    const first = this.#heap[0];
    if (first === undefined || first.at > now) return undefined;
    this.clear(first);
    return first;
  }

  #own(handle: TimerHandle<T>): void {
    invariant(handle.slot === -1 || this.#heap[handle.slot] === handle, "a timer handle of another heap");
  }

  #up(handle: TimerHandle<T>): void {
    while (handle.slot > 0) {
      const above = this.#heap[(handle.slot - 1) >> 1];
      if (above === undefined || !earlier(handle, above)) return;
      this.#swap(handle, above);
    }
  }

  #down(handle: TimerHandle<T>): void {
    for (;;) {
      const left = this.#heap[handle.slot * 2 + 1];
      const right = this.#heap[handle.slot * 2 + 2];
      const least = left !== undefined && right !== undefined && earlier(right, left) ? right : left;
      if (least === undefined || !earlier(least, handle)) return;
      this.#swap(handle, least);
    }
  }

  #swap(a: TimerHandle<T>, b: TimerHandle<T>): void {
    const { slot } = a;
    this.#place(a, b.slot);
    this.#place(b, slot);
  }

  #place(handle: TimerHandle<T>, slot: number): void {
    this.#heap[slot] = handle;
    handle.slot = slot;
  }
}

/** The deadlines of one machine, by name. */
export class Timers<Name extends string> {
  readonly #deadlines = new Map<Name, number>();

  set(name: Name, at: number): void {
    invariant(Number.isFinite(at), `a deadline at ${at} for ${name}`);
    // Set anew, so that of equal deadlines the one set first comes first.
    this.#deadlines.delete(name);
    this.#deadlines.set(name, at);
  }

  /** All of them when no name is given. */
  clear(name?: Name): void {
    if (name === undefined) this.#deadlines.clear();
    else this.#deadlines.delete(name);
  }

  at(name: Name): number | undefined {
    return this.#deadlines.get(name);
  }

  get next(): number | undefined {
    return this.#deadlines.size > 0 ? Math.min(...this.#deadlines.values()) : undefined;
  }

  /** Removes and returns every name due at `now`, the earliest first. */
  due(now: number): Name[] {
    const due = [...this.#deadlines].filter(([, at]) => at <= now).sort(([, a], [, b]) => a - b);
    for (const [name] of due) this.#deadlines.delete(name);
    return due.map(([name]) => name);
  }

  /** Removes and returns the earliest name that is due at `now`. */
  take(now: number): Name | undefined {
    let first: readonly [Name, number] | undefined;
    for (const each of this.#deadlines) if (each[1] <= now && (first === undefined || each[1] < first[1])) first = each;
    if (first !== undefined) this.#deadlines.delete(first[0]);
    return first?.[0];
  }
}

function earlier<T>(a: TimerHandle<T>, b: TimerHandle<T>): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
