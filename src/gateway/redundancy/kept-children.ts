/** The Child SAs that this member keeps, as replication meets them. */

import { WireError } from "../../core/errors.ts";
import { decodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import type { SaId } from "../../core/ipsec/security-association.ts";
import type { ChildSaKeeper, InstalledChild } from "../data-plane/child-sa-keeper.ts";
import type { IkeService } from "../ike/ike-service.ts";
import type { ChildHolder, HeldChild } from "./child-holder.ts";

export interface KeptDoors {
  readonly now: () => number;
  readonly malformed: (error: WireError) => void;
  /** It holds what it may have to go on with. */
  readonly ike: () => Pick<IkeService, "restore" | "forget">;
}

export class KeptChildren implements ChildHolder {
  readonly #keeper: ChildSaKeeper;
  readonly #doors: KeptDoors;

  constructor(keeper: ChildSaKeeper, doors: KeptDoors) {
    this.#keeper = keeper;
    this.#doors = doors;
  }

  /** A standby steers to it as the active does: its role word alone keeps packets back. */
  put(octets: Uint8Array): void {
    const child = decodeChildSa(octets, this.#doors.now());
    if (child instanceof WireError) {
      this.#doors.malformed(child);
      return;
    }
    this.#keeper.install(child);
    if (child.stage === "current") this.#keeper.enable(child.spi);
    // Keys of a file are nobody's to renew.
    if (child.ike !== undefined) this.#doors.ike().restore([], [child]);
  }

  remove(spi: number): void {
    this.#doors.ike().forget([], [spi]);
    this.#keeper.remove(spi);
  }

  find(spi: number): HeldChild | undefined {
    return heldOf(this.#keeper.find(spi));
  }

  bySa(id: SaId): HeldChild | undefined {
    return heldOf(this.#keeper.ofSa(id));
  }

  of(owner: string): HeldChild[] {
    return [...this.#keeper].flatMap(each => (each.child.owner === owner ? (heldOf(each) ?? []) : []));
  }
}

function heldOf(installed: InstalledChild | undefined): HeldChild | undefined {
  if (installed === undefined) return undefined;
  const { child, inbound, outbound } = installed;
  return { spi: child.spi, owner: child.owner, inbound, outbound };
}
