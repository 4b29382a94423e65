/**
 * The data plane's model of one member: its Child SAs with their numbers, each sent and checked as the fast path would
 * send them. It is what a standby installs and what the peer's packets are counted by; it asks nobody who is active.
 */
import { newReservation } from "../core/ipsec/sequence-reservation.ts";
import type { Application, ChildNumber, ExactNumbers } from "../core/redundancy/replication-port.ts";
import type { Ledger } from "./ledger.ts";
import { ModelSequence, type Run } from "./model-sequence.ts";
import type { Revealed } from "./observer.ts";

/** One key, for as long as it is installed here. */
interface ModelSa {
  readonly sequence: ModelSequence;
  edge: number;
}

/** How far ahead of what is used the last number of an epoch is said. */
const CEILING_AHEAD = 2 ** 20;

export class ModelPlane {
  readonly #sas = new Map<number, ModelSa>();
  /** By name: what is written of it. */
  readonly records = new Map<string, number>();
  /** Those that nothing leaves by. */
  readonly silent = new Set<number>();
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  get spis(): number[] {
    return [...this.#sas.keys()];
  }

  /** Made on this member, in this epoch. */
  open(spi: number, epoch: number): void {
    if (this.#sas.has(spi)) return;
    this.#sas.set(spi, { sequence: new ModelSequence(epoch, newReservation(false).acknowledged), edge: 0 });
  }

  close(spi: number): void {
    this.#sas.delete(spi);
    this.silent.delete(spi);
  }

  /** What this member decided itself. */
  write(records: Revealed): void {
    for (const [name, version] of records) {
      if (version === undefined) this.records.delete(name);
      else this.records.set(name, version);
    }
  }

  used(spi: number): number {
    return this.#sas.get(spi)?.sequence.used ?? 0;
  }

  isLow(spi: number): boolean {
    return this.#sas.get(spi)?.sequence.low ?? false;
  }

  send(spi: number, epoch: number, count: number): Run | "cap" | "ceiling" {
    return this.#sas.get(spi)?.sequence.give(epoch, count) ?? "ceiling";
  }

  /** Everything of it before anything behind it. */
  apply({ epoch, puts, deletes, held, edges }: Application): void {
    for (const { kind, key, octets } of puts) {
      const name = `${kind} ${key}`;
      this.records.set(name, this.#ledger.versionOf(name, octets));
      if (kind === "child") this.open(Number(key), epoch);
    }
    for (const { kind, key } of deletes) {
      this.records.delete(`${kind} ${key}`);
      if (kind === "child") this.close(Number(key));
    }
    this.acknowledge(epoch, held);
    for (const { spi, sequence } of edges) this.saw(spi, sequence);
  }

  acknowledge(epoch: number, numbers: readonly ChildNumber[]): void {
    for (const { spi, sequence } of numbers) this.#sas.get(spi)?.sequence.acknowledge(sequence, epoch);
  }

  /** Where this member ends in this epoch, said while traffic goes on. */
  ceilings(epoch: number): ExactNumbers[] {
    return [...this.#sas].map(([spi, { sequence, edge }]) => {
      const outbound = sequence.usedIn(epoch) + CEILING_AHEAD;
      sequence.endAt(outbound, epoch);
      return { spi, outbound, inbound: edge };
    });
  }

  conclude(epoch: number): void {
    for (const { sequence } of this.#sas.values()) sequence.conclude(epoch);
  }

  goOn(epoch: number, numbers: readonly ExactNumbers[]): void {
    for (const { spi, outbound, inbound } of numbers) {
      this.#sas.get(spi)?.sequence.goOnBehind(outbound, epoch);
      this.saw(spi, inbound);
    }
  }

  forgetWhereToGoOn(): void {
    for (const { sequence } of this.#sas.values()) sequence.forgetWhereToGoOn();
  }

  /** The highest number that came in. */
  saw(spi: number, sequence: number): void {
    const sa = this.#sas.get(spi);
    if (sa !== undefined) sa.edge = Math.max(sa.edge, sequence);
  }
}
