/** The Child SAs that this member keeps, as far as their numbers concern replication. */
import type { SaId } from "../../core/ipsec/security-association.ts";
import type { ChildSaKeeper, InstalledChild } from "../data-plane/child-sa-keeper.ts";

export interface HeldChild {
  /** Of the inbound SA. */
  readonly spi: number;
  readonly owner: string;
  readonly inbound: SaId;
  readonly outbound: SaId;
}

/** Those that have a place in the data plane; the others have no numbers. */
export interface HeldChildren {
  find(spi: number): HeldChild | undefined;
  /** Of either direction. */
  bySa(id: SaId): HeldChild | undefined;
  of(owner: string): readonly HeldChild[];
  /** The active told that packets had come in by these, by their inbound SPIs. */
  edgesTold(spis: readonly number[], nowMs: number): void;
}

export function heldChildren(keeper: ChildSaKeeper): HeldChildren {
  return {
    find: spi => heldOf(keeper.find(spi)),
    bySa: id => heldOf(keeper.ofSa(id)),
    of: owner => [...keeper].flatMap(each => (each.child.owner === owner ? (heldOf(each) ?? []) : [])),
    edgesTold: (spis, nowMs) => keeper.edgesTold(spis, nowMs),
  };
}

function heldOf(installed: InstalledChild | undefined): HeldChild | undefined {
  if (installed === undefined) return undefined;
  const { child, inbound, outbound } = installed;
  return { spi: child.spi, owner: child.owner, inbound, outbound };
}
