/**
 * The SAD: every SA that the data plane has, and whose traffic it carries. It gives places; what is in it is what was
 * installed, so that `show`, replication and rekeying all read one thing.
 */
import type { BundleId } from "./policy.ts";
import { type OutboundSa, SA_LIMIT, type SaId, type SecurityAssociation } from "./security-association.ts";
import { Numbers } from "./spd.ts";

/** An SA before it has a place. */
export type NewSa = Unplaced<SecurityAssociation>;
type Unplaced<T> = T extends unknown ? Omit<T, "id"> : never;

/** What may change of an SA while it lives; keys only to copies of themselves. */
type Changeable = Pick<SecurityAssociation, "remote" | "encapsulation" | "cipherKey" | "integrityKey">;

export interface SadEntry {
  readonly sa: SecurityAssociation;
  readonly bundle: BundleId;
}

export class Sad {
  readonly #entries = new Map<SaId, SadEntry>();
  readonly #byBundle = new Map<BundleId, Set<SaId>>();
  readonly #places = new Numbers();

  get size(): number {
    return this.#entries.size;
  }

  /** `undefined` when the table is full: a limit that a peer can reach, so it is no bug. */
  add(sa: NewSa, bundle: BundleId): SecurityAssociation | undefined {
    if (this.#entries.size >= SA_LIMIT) return undefined;
    const placed = { ...sa, id: this.#places.take() } as SecurityAssociation;
    this.#entries.set(placed.id, { sa: placed, bundle });
    const others = this.#byBundle.get(bundle) ?? new Set();
    this.#byBundle.set(bundle, others.add(placed.id));
    return placed;
  }

  find(id: SaId): SadEntry | undefined {
    return this.#entries.get(id);
  }

  of(bundle: BundleId): SecurityAssociation[] {
    return [...(this.#byBundle.get(bundle) ?? [])].flatMap(id => this.#entries.get(id)?.sa ?? []);
  }

  /** The newest outbound SA of a bundle. */
  outboundOf(bundle: BundleId): OutboundSa | undefined {
    const outbound = this.of(bundle).flatMap(sa => (sa.direction === "outbound" ? [sa] : []));
    return outbound.at(-1);
  }

  /** The data plane was told by an update. */
  change(id: SaId, change: Partial<Changeable>): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#entries.set(id, { ...entry, sa: { ...entry.sa, ...change } });
  }

  /** Its keys are the caller's to wipe, once the data plane has let go of it. */
  remove(id: SaId): SecurityAssociation | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return undefined;
    this.#entries.delete(id);
    this.#byBundle.get(entry.bundle)?.delete(id);
    this.#places.give(id);
    return entry.sa;
  }

  /** The oldest first. */
  [Symbol.iterator](): IterableIterator<SadEntry> {
    return this.#entries.values();
  }
}
