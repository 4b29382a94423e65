/** `redundancy inter-device` and `ipc zone`, as configured. */
import type { Ipv4 } from "../wire/address.ts";

export interface RedundancyModel {
  /** `redundancy inter-device` was said. */
  present: boolean;
  /** The HSRP groups, by name, that each drive a redundancy state machine. */
  readonly schemes: string[];
  security: RedundancySecurity;
  /** The IPsec profile that protects the association; IOS's form. */
  ipsecProfile: string | undefined;
}

/** Whom to trust on the other end of the association before first contact. */
export interface RedundancySecurity {
  readonly key: string | undefined;
  readonly fingerprint: string | undefined;
}

/** `ipc zone default`: associations by number. */
export interface IpcModel {
  present: boolean;
  readonly associations: Map<number, AssociationModel>;
}

export interface AssociationModel {
  shutdown: boolean;
  /** `protocol sctp` was said. */
  sctp: SctpModel | undefined;
}

export interface SctpModel {
  local: EndpointModel | undefined;
  remote: EndpointModel | undefined;
  /** SCTP in UDP (RFC 6951) on this port. */
  udpPort: number | undefined;
  /** Milliseconds. */
  retransmitTimeout: { readonly min: number; readonly max: number } | undefined;
  pathRetransmit: number | undefined;
  assocRetransmit: number | undefined;
}

export interface EndpointModel {
  port: number;
  /** One or two. */
  readonly addresses: Ipv4[];
}

export function emptyRedundancy(): RedundancyModel {
  return { present: false, schemes: [], security: { key: undefined, fingerprint: undefined }, ipsecProfile: undefined };
}

export function emptyIpc(): IpcModel {
  return { present: false, associations: new Map() };
}

export function newAssociation(): AssociationModel {
  return { shutdown: true, sctp: undefined };
}

export function newSctp(): SctpModel {
  return {
    local: undefined,
    remote: undefined,
    udpPort: undefined,
    retransmitTimeout: undefined,
    pathRetransmit: undefined,
    assocRetransmit: undefined,
  };
}
