/** From core's SAs, policies and changes to the records of the fast path. */
import type { SaChange } from "../core/ipsec/data-plane.ts";
import type { EspSuite } from "../core/ipsec/esp-suite.ts";
import type { Policy } from "../core/ipsec/policy.ts";
import type { SecurityAssociation } from "../core/ipsec/security-association.ts";
import {
  type FastPathIntegrity,
  type PolicyRecord,
  type SaRecord,
  type SaUpdate,
  UNLIMITED,
} from "./fastpath-records.ts";

/** Which line of the role words an owner has; line 0 is nobody's and never active. */
export type LineOf = (owner: string) => number;

export function saRecord(sa: SecurityAssociation, lineOf: LineOf): SaRecord {
  const { suite, limits } = sa;
  return {
    place: sa.id,
    spi: sa.spi,
    direction: sa.direction,
    mode: sa.mode,
    group: lineOf(sa.owner),
    cipher: suite.encryption.cipher,
    integrity: integrityOf(suite),
    cipherKey: sa.cipherKey.reveal(),
    integrityKey: sa.integrityKey.reveal(),
    local: sa.local,
    remote: sa.remote,
    remotePort: sa.encapsulation?.remotePort,
    esn: sa.esn,
    selectors: sa.selectors,
    softOctets: limits.softOctets ?? UNLIMITED,
    hardOctets: limits.hardOctets ?? UNLIMITED,
    softPackets: limits.softPackets ?? UNLIMITED,
    hardPackets: limits.hardPackets ?? UNLIMITED,
    // The control side has a timer for the soft end: it needs no packet to notice it.
    softAtMs: UNLIMITED,
    hardAtMs: Math.floor(limits.hardAtMs ?? UNLIMITED),
    dscp: "copy",
    ecn: "normal",
    ...(sa.direction === "outbound" ? outboundPart(sa) : inboundPart(sa)),
  };
}

type Directed = Pick<
  SaRecord,
  | "sequence"
  | "epoch"
  | "acknowledged"
  | "jump"
  | "reservationLow"
  | "replayWindow"
  | "edgeInterval"
  | "peerMayMove"
  | "pathMtu"
  | "df"
  | "fragmentation"
  | "mss"
>;

function outboundPart(sa: Extract<SecurityAssociation, { direction: "outbound" }>): Directed {
  const { acknowledged, jump, step } = sa.reservation;
  return {
    sequence: sa.nextSequence,
    epoch: sa.epoch,
    acknowledged,
    jump,
    reservationLow: Math.ceil(step / 2),
    replayWindow: 0,
    edgeInterval: 0,
    peerMayMove: false,
    pathMtu: sa.pathMtu,
    df: sa.df,
    fragmentation: sa.fragmentation,
    mss: sa.mss,
  };
}

function inboundPart(sa: Extract<SecurityAssociation, { direction: "inbound" }>): Directed {
  return {
    sequence: sa.replayEdge,
    epoch: 0,
    acknowledged: 0,
    jump: 0,
    reservationLow: 0,
    replayWindow: sa.replayWindow,
    edgeInterval: sa.edgePackets,
    peerMayMove: sa.peerMayMove,
    pathMtu: INBOUND_MTU,
    df: "copy",
    fragmentation: "before-encryption",
    mss: sa.mss,
  };
}

/** Nothing leaves by it. */
const INBOUND_MTU = 65_535;

export function policyRecord(policy: Policy, lineOf: LineOf): PolicyRecord {
  const { id, order, selector, action, owner } = policy;
  return {
    id,
    order,
    selector,
    group: lineOf(owner),
    action: action.kind === "discard" ? "drop" : action.kind,
    bundle: action.kind === "protect" ? action.bundle : 0,
  };
}

export function saUpdate(change: SaChange): SaUpdate {
  const place = change.id;
  switch (change.change) {
    case "acknowledged":
      return { place, kind: "acknowledged", sequence: change.acknowledged, epoch: change.epoch };
    case "replay-edge":
      return { place, kind: "edge", sequence: change.edge };
    case "continue":
      return { place, kind: "continue", sequence: change.sequence, epoch: change.epoch };
    case "end":
      return { place, kind: "end", sequence: change.sequence, epoch: change.epoch };
    case "peer":
      return { place, kind: "peer", remote: change.remote, remotePort: change.remotePort };
    case "path-mtu":
      return { place, kind: "path-mtu", pathMtu: change.pathMtu };
    case "hard-at":
      return { place, kind: "hard-at", hardAtMs: Math.floor(change.hardAtMs) };
  }
  return change satisfies never;
}

const INTEGRITIES: ReadonlyMap<string, FastPathIntegrity> = new Map([
  ["sha1", "sha1-96"],
  ["sha256", "sha256-128"],
  ["sha384", "sha384-192"],
  ["sha512", "sha512-256"],
]);

function integrityOf({ integrity }: EspSuite): FastPathIntegrity {
  return INTEGRITIES.get(integrity?.hash ?? "") ?? "none";
}
