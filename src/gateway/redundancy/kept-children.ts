/** The Child SAs that this member keeps, as replication meets them. */

import { WireError } from "../../core/errors.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import { decodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import type { SaId } from "../../core/ipsec/security-association.ts";
import type { ChildSaKeeper } from "../data-plane/child-sa-keeper.ts";
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
    this.#keeper.install([child]);
    if (child.stage === "current") this.#keeper.enable([child.spi]);
  }

  remove(spi: number): void {
    this.#keeper.remove([spi]);
  }

  find(spi: number): HeldChild | undefined {
    return this.#held(this.#keeper.find(spi));
  }

  bySa(id: SaId): HeldChild | undefined {
    return this.#held(this.#keeper.childOf(id));
  }

  of(owner: string): HeldChild[] {
    return [...this.#keeper].flatMap(child => (child.owner === owner ? (this.#held(child) ?? []) : []));
  }

  /** Without a place in the data plane it has no numbers. */
  #held(child: ChildSa | undefined): HeldChild | undefined {
    const places = child && this.#keeper.places(child.spi);
    if (child === undefined || places === undefined) return undefined;
    return { spi: child.spi, owner: child.owner, inbound: places.inbound, outbound: places.outbound };
  }
}
