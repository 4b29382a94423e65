/**
 * What goes into the replication of one scheme and what comes out of it: its whole boundary. The gateway's main thread
 * and the simulation's main actor are its two outside worlds; both carry out the effects, in order, and decide nothing.
 *
 * It keeps the table of records on both members, so that whoever is the standby holds what the active decided; it says
 * when the standby holds everything (HOT), and which sequence numbers each side may count on. It never waits, sends, or
 * asks the time, and it cannot read a record.
 */
import type { Decided } from "../commit/commit.ts";
import type { Role } from "../gate/liveness-port.ts";
import type { LogEvent } from "../log/message.ts";
import type { RfState } from "./rf-table.ts";

/** An IKE SA by whatever names it; a Child SA by its inbound SPI in decimal (`childKey`). */
export interface RecordName {
  readonly kind: "ike" | "child";
  readonly key: string;
}

export function childKey(spi: number): string {
  return String(spi);
}

/** What is written of an SA. Given in, its octets are replication's, wiped with the record; come out, the shell's. */
export type CheckpointRecord =
  | { readonly kind: "ike"; readonly key: string; readonly octets: Uint8Array }
  | { readonly kind: "child"; readonly key: string; readonly esn: boolean; readonly octets: Uint8Array };

/** A record that comes from the other member: what it says was left when it was written has shrunk by its age since. */
export type AgedRecord = CheckpointRecord & { readonly ageMs: number };

/** What `core/commit` carries: a record as it is now, or its end. */
export type Checkpoint =
  | { readonly put: CheckpointRecord; readonly delete?: undefined }
  | { readonly delete: RecordName; readonly put?: undefined };

/** Part of the configuration that must agree; `digest` is of its text, secrets' values left out. */
export interface ConfigSection {
  readonly name: string;
  readonly digest: Uint8Array;
}

/** Fixed for the life of a process. */
export interface ReplicationIdentity {
  readonly scheme: string;
  /** Which member this is, for ever, and which life of it; of the other member they differ. */
  readonly member: string;
  readonly boot: string;
  /** For people. */
  readonly software: string;
  /** `TABLE_ROOM` where it is not said. */
  readonly room?: TableRoom;
}

/** What a standby holds at most. An active that has more goes on alone: rather that than a standby out of memory. */
export interface TableRoom {
  readonly records: number;
  readonly octets: number;
}

export interface ReplicationSettings {
  /** In the order in which a difference is to be named; at most 128, of names up to 256 characters. */
  readonly sections: readonly ConfigSection[];
  /** Where the peer is to send what it cannot encrypt, in text. */
  readonly insideAddresses: readonly string[];
}

/** Words of other threads; each is read only where it matters. */
export interface ReplicationFacts {
  /** How long ago the gate heard the true peer on any path, milliseconds; `undefined` when never. */
  readonly peerHeardMs: number | undefined;
}

/** A number of one Child SA, by its inbound SPI. */
export interface ChildNumber {
  readonly spi: number;
  readonly sequence: number;
}

/** Both numbers of one Child SA where its traffic stopped, or will stop: the last outbound one, the inbound edge. */
export interface ExactNumbers {
  readonly spi: number;
  readonly outbound: number;
  readonly inbound: number;
}

export type ReplicationInput<E> =
  | { readonly kind: "configure"; readonly settings: ReplicationSettings }
  /** The role word as it was when main heard of it. */
  | { readonly kind: "role"; readonly role: Role; readonly epoch: number }
  /** This scheme's stream carries messages, from now on those of this session; it does not any more. */
  | { readonly kind: "link-up"; readonly session: number }
  | {
      readonly kind: "link-down";
      readonly session: number;
      readonly because: string;
      /** How long nothing had come on it; 0 where it ended at once. */
      readonly silentMs: number;
    }
  /** Nothing comes on it at the moment, and it stands; `link-heard`: something comes again. */
  | { readonly kind: "link-quiet"; readonly session: number; readonly silentMs: number }
  | { readonly kind: "link-heard"; readonly session: number }
  | { readonly kind: "message"; readonly session: number; readonly octets: Uint8Array }
  /** What one SA decided at once; `sa` tells SAs apart. Comes back as `perform`, when it may be. */
  | { readonly kind: "decided"; readonly sa: string; readonly effects: readonly Decided<Checkpoint, E>[] }
  /** `reservation-low`: these outbound numbers are used, more should be acknowledged. */
  | { readonly kind: "reserve"; readonly used: readonly ChildNumber[] }
  /** `clear crypto ... standby`: this member, as a standby, deletes what it holds and fetches it anew. */
  | { readonly kind: "fetch" }
  /** The gate heard by a beacon, of whatever age, that the active does not wait for this member, and is not hot. */
  | { readonly kind: "told-not-hot" }
  /** The scheme is not configured any more: nobody is waited for, and a standby lets go of what it holds. */
  | { readonly kind: "end" }
  | { readonly kind: "clear-history" }
  | { readonly kind: "clear-counters" }
  /** Inbound edges that moved; every 100 ms, and with each `edge` event. */
  | { readonly kind: "edges"; readonly edges: readonly ChildNumber[] }
  /**
   * An orderly handover has begun. Each outbound number is the last that this member will use in this epoch, whatever
   * happens, until `withdrawn`; the standby goes on behind it. SAs left out jump, as after a failover.
   */
  | { readonly kind: "drain"; readonly numbers: readonly ExactNumbers[] };

/**
 * What a standby must install, all of it before the next effect is carried out. If the role word owns by now, in an
 * epoch that is not above this one, no put may be installed: it would be used without a jump. Main is told next, and
 * then deletes it all.
 */
export interface Application {
  /** Of the active that said so. */
  readonly epoch: number;
  readonly puts: readonly AgedRecord[];
  readonly deletes: readonly RecordName[];
  /** The standby may be asked to begin above these: `SaChange` "acknowledged" with this epoch. */
  readonly held: readonly ChildNumber[];
  /** `SaChange` "replay-edge". */
  readonly edges: readonly ChildNumber[];
}

export type ReplicationEffect<E> =
  /**
   * On this session's stream. Where `onlyIf` is given the shell reads the role word just before, and sends nothing if
   * it is another: what was applied may then have come too late to count. It is said again after the next `role`.
   */
  | { readonly do: "send"; readonly session: number; readonly octets: Uint8Array; readonly onlyIf?: RoleWord }
  /** The peer broke the protocol, or must begin anew: this session ends; `link-down` follows. */
  | { readonly do: "reset"; readonly session: number; readonly because: string }
  | ({ readonly do: "apply" } & Application)
  /** `SaChange` "continue" at `outbound + 1` in this epoch, and "replay-edge". */
  | { readonly do: "continue"; readonly epoch: number; readonly numbers: readonly ExactNumbers[] }
  /** Takes back what `continue` said, of all SAs. */
  | { readonly do: "continue-void" }
  | { readonly do: "perform"; readonly effect: E }
  /** For the liveness thread: `synced`. */
  | { readonly do: "synced"; readonly synced: boolean; readonly epoch: number }
  /** For the liveness thread, before any `perform` behind it: service goes on without the standby. */
  | { readonly do: "not-hot" }
  /** For the liveness thread: the log is flushed. Said once a `drain`. */
  | { readonly do: "drained" }
  /** The handover did not happen, and nobody can begin at its numbers any more: traffic may go on past them. */
  | { readonly do: "withdrawn" }
  /** The standby, or nobody else, can begin below these: `SaChange` "acknowledged" with this epoch, on the active. */
  | { readonly do: "acknowledged"; readonly epoch: number; readonly acknowledged: readonly ChildNumber[] }
  /** This member is active now. `stateful` is false when it was not hot: its records were deleted before this. */
  | {
      readonly do: "taken-over";
      readonly epoch: number;
      readonly how: "failover" | "switchover";
      readonly stateful: boolean;
    }
  /** It was active and is not any more: IKE holds its records as a standby does. */
  | { readonly do: "stood-down"; readonly epoch: number }
  | { readonly do: "changed"; readonly from: RfState; readonly to: RfState; readonly because: string }
  | { readonly do: "report"; readonly event: LogEvent };

export interface RoleWord {
  readonly role: Role;
  readonly epoch: number;
}

/** One scheme as `show redundancy` tells it. Times in milliseconds of the clock that `now` is read from. */
export interface ReplicationSnapshot {
  /** When this was so. */
  readonly now: number;
  readonly scheme: string;
  readonly state: RfState;
  readonly role: RoleWord;
  /** This member holds all that the active of `role.epoch` holds. */
  readonly synced: boolean;
  /** Output waits for the peer. */
  readonly peerHot: boolean;
  readonly peer: PeerSnapshot | undefined;
  readonly link: { readonly up: boolean; readonly because: string };
  readonly records: { readonly ike: number; readonly child: number };
  readonly lag: LagSnapshot;
  readonly history: readonly HistoryEntry[];
  readonly switchovers: readonly SwitchoverEntry[];
  readonly counters: Readonly<Record<ReplicationCounter, number>>;
}

export interface PeerSnapshot {
  readonly member: string;
  readonly software: string;
  readonly version: string;
  readonly state: RfState;
  /** When it came into it, by what it said; `undefined` of a release that does not say. */
  readonly stateSince: number | undefined;
  readonly role: Role;
  readonly epoch: number;
  readonly insideAddresses: readonly string[];
  /** Why the two cannot go together; the first section that differs. */
  readonly incompatible: string | undefined;
  readonly differs: string | undefined;
}

/** How far the standby is behind, as the active sees it. */
export interface LagSnapshot {
  readonly entries: number;
  readonly records: number;
  /** Of the oldest entry that is not acknowledged. */
  readonly ms: number;
  /** Outbound numbers asked for and not acknowledged, of all SAs. */
  readonly sequenceNumbers: number;
}

export interface HistoryEntry {
  readonly at: number;
  readonly from: RfState;
  readonly to: RfState;
  readonly because: string;
}

export interface SwitchoverEntry {
  readonly at: number;
  readonly epoch: number;
  readonly how: "failover" | "switchover";
  readonly stateful: boolean;
  /** This member became active, or the other one did. */
  readonly active: "this" | "peer";
}

export type ReplicationCounter =
  | "messages-sent"
  | "messages-received"
  | "octets-sent"
  | "octets-received"
  | "malformed"
  | "other-join"
  | "older-epoch"
  | "bulk-syncs"
  | "bulk-syncs-failed"
  | "transactions"
  | "records-asked"
  /** Inbound edges that the standby had later than 100 ms after they were told: P4's bound did not hold. */
  | "edges-late"
  | "checksum-mismatches"
  | "not-hot"
  | "sessions";
