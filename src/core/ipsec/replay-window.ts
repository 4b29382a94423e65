/**
 * The anti-replay window of an inbound SA, and with ESN the high half of its numbers: RFC 4303 section 3.4.3 and
 * appendix A.
 *
 * The bitmap is a ring of words of which one more than the window needs is kept, so that sliding clears whole words and
 * never shifts (RFC 6479). A number is asked about before its ICV is checked, and only then recorded: what is not
 * authentic moves nothing. This is the reference that tests and the simulation use; the fast path has the same in C++.
 */
import { invariant } from "../errors.ts";

export const REPLAY_WINDOWS = [32, 64, 128, 256, 512, 1024, 2048, 4096] as const;
export type ReplayWindowPackets = (typeof REPLAY_WINDOWS)[number];

export function isReplayWindow(packets: number): packets is ReplayWindowPackets {
  return REPLAY_WINDOWS.some(each => each === packets);
}

const WORD = 32;
const TWO_32 = 2 ** 32;

export type ReplayVerdict = "new" | "seen" | "too-old" | "zero";

export class ReplayWindow {
  readonly packets: number;
  readonly #words: Uint32Array;
  #edge: number;

  /** `edge` and everything below it count as seen: 0 on a new SA, the last edge known after a takeover. */
  constructor(packets: ReplayWindowPackets, edge = 0) {
    invariant(edge >= 0 && Number.isSafeInteger(edge), `a replay edge of ${edge}`);
    this.packets = packets;
    this.#words = new Uint32Array(packets / WORD + 1).fill(0xffff_ffff);
    this.#edge = edge;
    this.#clear(edge + 1, Math.floor(edge / WORD) * WORD + WORD - 1);
  }

  /** The highest number accepted. */
  get edge(): number {
    return this.#edge;
  }

  /** Before the ICV is checked. */
  check(sequence: number): ReplayVerdict {
    if (sequence === 0) return "zero";
    if (sequence > this.#edge) return "new";
    if (sequence <= this.#edge - this.packets) return "too-old";
    return this.#has(sequence) ? "seen" : "new";
  }

  /** After the ICV was found right; false when the number may not be taken, which then changed nothing. */
  accept(sequence: number): boolean {
    if (this.check(sequence) !== "new") return false;
    if (sequence > this.#edge) this.#slide(sequence);
    const { word, bit } = place(sequence, this.#words.length);
    this.#words[word] = ((this.#words[word] ?? 0) | bit) >>> 0;
    return true;
  }

  /** Everything up to `edge` counts as seen from now on; never moves back. */
  advance(edge: number): void {
    if (edge <= this.#edge) return;
    this.#slide(edge);
    this.#fill(edge - this.packets + 1, edge);
  }

  #has(sequence: number): boolean {
    const { word, bit } = place(sequence, this.#words.length);
    return ((this.#words[word] ?? 0) & bit) !== 0;
  }

  /** The words that the edge moves into are empty; those in between held numbers that are too old now. */
  #slide(sequence: number): void {
    const from = Math.floor(this.#edge / WORD);
    const to = Math.floor(sequence / WORD);
    const count = Math.min(to - from, this.#words.length);
    for (let step = 0; step < count; step++) this.#words[(to - step) % this.#words.length] = 0;
    this.#edge = sequence;
  }

  #fill(first: number, last: number): void {
    for (let sequence = Math.max(first, 0); sequence <= last; sequence++) {
      const { word, bit } = place(sequence, this.#words.length);
      this.#words[word] = ((this.#words[word] ?? 0) | bit) >>> 0;
    }
  }

  #clear(first: number, last: number): void {
    for (let sequence = first; sequence <= last; sequence++) {
      const { word, bit } = place(sequence, this.#words.length);
      this.#words[word] = ((this.#words[word] ?? 0) & ~bit) >>> 0;
    }
  }
}

function place(sequence: number, words: number): { word: number; bit: number } {
  return { word: Math.floor(sequence / WORD) % words, bit: (1 << (sequence % WORD)) >>> 0 };
}

/**
 * The whole number of a packet that carries only its low half: the candidate nearest above the bottom of the window.
 * Appendix A2.1, both cases at once. `undefined` where that would be before the first of all: nothing was sent there.
 */
export function inferSequence(low: number, edge: number, windowPackets: number): number | undefined {
  const high = Math.floor(edge / TWO_32);
  const edgeLow = edge % TWO_32;
  const bottomLow = edgeLow - windowPackets + 1;
  // Case A: the window lies inside one space of low halves. Case B: its bottom is in the space before.
  if (bottomLow >= 0) return (low >= bottomLow ? high : high + 1) * TWO_32 + low;
  const before = low >= bottomLow + TWO_32 ? high - 1 : high;
  return before < 0 ? undefined : before * TWO_32 + low;
}
