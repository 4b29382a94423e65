/**
 * What the peers of the tunnels see: every number of every key that anybody ever sent. No number leaves twice (V2), and
 * no initialization vector does, whose top bits name the epoch and the member (V1): an epoch is one life's alone.
 */
import { ivOwner, type Member } from "../core/ipsec/iv-layout.ts";
import type { Run } from "./model-sequence.ts";

export interface Sent extends Run {
  /** The life that sent it. */
  readonly member: string;
  readonly epoch: number;
}

export class NumberWatch {
  readonly #sent = new Map<number, Sent[]>();
  /** Which life used an owner field first. */
  readonly #owners = new Map<number, string>();

  /** By key: the runs in the order in which they began. */
  get sent(): ReadonlyMap<number, readonly Sent[]> {
    return this.#sent;
  }

  /** Everybody has lost what epochs were used, and every key with it. */
  powerWasLost(): void {
    this.#owners.clear();
  }

  /** What is wrong with it, in words. */
  take(spi: number, life: string, member: Member, epoch: number, run: Run): string | undefined {
    const owner = ivOwner(epoch, member);
    const first = this.#owners.get(owner) ?? life;
    this.#owners.set(owner, first);
    if (first !== life) return `${life} sends in epoch ${epoch}, which ${first} used: initialization vectors repeat`;
    const sent = this.#sent.get(spi) ?? [];
    this.#sent.set(spi, sent);
    const other = sent.find(each => each.first <= run.last && run.first <= each.last);
    if (other !== undefined) {
      const [mine, theirs] = [{ ...run, epoch }, other].map(each => `${each.first}-${each.last} (epoch ${each.epoch})`);
      return `SA ${spi}: ${life} sends ${mine}, and ${other.member} sent ${theirs}`;
    }
    const newest = sent.at(-1);
    // Runs of one life follow each other.
    if (newest?.member === life && newest.epoch === epoch && newest.last + 1 === run.first) {
      sent[sent.length - 1] = { ...newest, last: run.last };
    } else sent.push({ ...run, member: life, epoch });
    return undefined;
  }
}
