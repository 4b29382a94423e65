/**
 * What a standby does with records: every Child SA goes into its data plane here, so that a takeover finds it there;
 * IKE SAs, and what IKE must know of their children, are IKE's to hold.
 */
import { WireError } from "../errors.ts";
import type { IkeRecord, TakeoverKind } from "../ike/ike-port.ts";
import type { ChildSa } from "../ipsec/child-sa.ts";
import { decodeChildSa } from "../ipsec/child-sa-record.ts";
import type { AgedRecord, Application } from "./replication-port.ts";

/** Where Child SAs are kept. */
export interface ChildHolder {
  installAll(children: readonly ChildSa[]): void;
  /** What leaves goes by this one from now on. */
  enable(spi: number): void;
  remove(spi: number): void;
}

/** IKE, as far as roles and records concern it. */
export interface IkeStandby {
  restore(records: readonly IkeRecord[], children: readonly ChildSa[]): void;
  forget(ids: readonly string[], spis: readonly number[]): void;
  role(owner: string, active: boolean, how: TakeoverKind): void;
}

export interface RecordDoors {
  readonly keeper: ChildHolder;
  readonly ike: () => IkeStandby;
  readonly malformed: (error: WireError) => void;
  readonly now: () => number;
}

export class RecordHolder {
  readonly #doors: RecordDoors;

  constructor(doors: RecordDoors) {
    this.#doors = doors;
  }

  /** All of it, before anything that follows. */
  apply(owner: string, { puts, deletes }: Pick<Application, "puts" | "deletes">): void {
    const ike = this.#doors.ike();
    const records = puts.flatMap(put => {
      return put.kind === "ike" ? [{ id: put.key, owner, octets: put.octets, ageMs: put.ageMs }] : [];
    });
    const children = puts.flatMap(put => (put.kind === "child" ? (this.#decoded(put) ?? []) : []));
    this.#install(children);
    const negotiated = children.filter(each => each.ike !== undefined);
    if (records.length > 0 || negotiated.length > 0) ike.restore(records, negotiated);
    const ids = deletes.flatMap(({ kind, key }) => (kind === "ike" ? [key] : []));
    const spis = deletes.flatMap(({ kind, key }) => (kind === "child" ? [Number(key)] : []));
    if (deletes.length > 0) ike.forget(ids, spis);
    for (const spi of spis) this.#doors.keeper.remove(spi);
  }

  /** A standby steers to them as the active does: its role word alone keeps packets back. */
  #install(children: readonly ChildSa[]): void {
    this.#doors.keeper.installAll(children);
    for (const { spi, stage } of children) if (stage === "current") this.#doors.keeper.enable(spi);
  }

  #decoded({ octets, ageMs }: AgedRecord): ChildSa | undefined {
    const child = decodeChildSa(octets, this.#doors.now() - ageMs);
    if (!(child instanceof WireError)) return child;
    this.#doors.malformed(child);
    return undefined;
  }
}
