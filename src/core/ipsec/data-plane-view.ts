/** What the operator sees of the data plane: what is protected, by which SAs, and what they have done. Values only. */
import type { IpAddress } from "../wire/address.ts";
import type { ProtectedTraffic } from "./crypto-policies.ts";
import type { DataPlaneFacts, DataPlaneTotals, SaCounters } from "./data-plane.ts";
import type { Remaining } from "./lifetimes.ts";
import type { SecurityAssociation } from "./security-association.ts";

export interface DataPlaneView {
  /** `undefined` while no crypto map is applied. */
  readonly plane: DataPlaneStatus | undefined;
  /** Why there is none although one is needed. */
  readonly failed: string | undefined;
  /** In the order of interfaces, maps and entries. */
  readonly flows: readonly FlowView[];
}

export interface DataPlaneStatus {
  readonly facts: DataPlaneFacts;
  readonly totals: DataPlaneTotals;
  /** By reason; 0 where it never happened. */
  readonly drops: Readonly<Record<string, number>>;
}

/** One `permit` of an applied crypto map. */
export interface FlowView {
  readonly traffic: ProtectedTraffic;
  readonly localAddress: IpAddress | undefined;
  /** This member carries it now. */
  readonly active: boolean;
  /** Of the interface, octets. */
  readonly mtu: number;
  /** The oldest first. */
  readonly sas: readonly SaView[];
}

export interface SaView {
  readonly sa: SecurityAssociation;
  readonly counters: SaCounters;
  readonly remaining: Remaining;
}
