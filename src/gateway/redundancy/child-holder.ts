/** Child SAs and IKE SAs as replication meets them: records to hold, and numbers that belong to an inbound SPI. */
import type { SaId } from "../../core/ipsec/security-association.ts";

export interface HeldChild {
  readonly spi: number;
  readonly owner: string;
  readonly inbound: SaId;
  readonly outbound: SaId;
}

/** Whoever installs pairs of SAs in the data plane, on the active and on the standby alike. */
export interface ChildHolder {
  /** The pair that a record says, installed; in the place of the one of the same SPI. */
  put(octets: Uint8Array): void;
  remove(spi: number): void;
  find(spi: number): HeldChild | undefined;
  /** Of either direction. */
  bySa(id: SaId): HeldChild | undefined;
  of(owner: string): readonly HeldChild[];
}

/** Whoever runs IKE: on a standby it holds records and does nothing with them. */
export interface IkeHolder {
  put(scheme: string, key: string, octets: Uint8Array): void;
  remove(scheme: string, key: string): void;
}
