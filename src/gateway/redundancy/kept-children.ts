/** The Child SAs that this member keeps, as replication meets them. */

import { WireError } from "../../core/errors.ts";
import { decodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import type { SaId } from "../../core/ipsec/security-association.ts";
import type { ChildSaKeeper, InstalledChild } from "../data-plane/child-sa-keeper.ts";
import type { ChildHolder, HeldChild } from "./child-holder.ts";

export class KeptChildren implements ChildHolder {
  readonly #keeper: ChildSaKeeper;
  readonly #now: () => number;
  readonly #malformed: (error: WireError) => void;

  constructor(keeper: ChildSaKeeper, now: () => number, malformed: (error: WireError) => void) {
    this.#keeper = keeper;
    this.#now = now;
    this.#malformed = malformed;
  }

  /** A standby steers to it as the active does: its role word alone keeps packets back. */
  put(octets: Uint8Array): void {
    const child = decodeChildSa(octets, this.#now());
    if (child instanceof WireError) {
      this.#malformed(child);
      return;
    }
    this.#keeper.install(child);
    if (child.stage === "current") this.#keeper.enable(child.spi);
  }

  remove(spi: number): void {
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
