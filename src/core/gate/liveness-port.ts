/**
 * What goes into the liveness core and what comes out of it: its whole boundary. The gateway's liveness thread and
 * the simulation's liveness actor are its two outside worlds; both carry out the effects and neither decides
 * anything.
 *
 * The core runs every HSRP group of this member, and a gate for each scheme. It never waits, sends, or asks the
 * time.
 */
import type { HsrpGroup } from "../hsrp/hsrp-group.ts";
import type { SeenRouter } from "../hsrp/hsrp-machine.ts";
import type { HsrpMessage, HsrpState } from "../hsrp/hsrp-message.ts";
import type { HsrpDatagram, HsrpRefusal } from "../hsrp/hsrp-receive.ts";
import type { LogEvent } from "../log/message.ts";
import type { IpAddress, Ipv4, MacAddress } from "../wire/address.ts";

/**
 * What the fast path reads of a group: `active` encrypts and decrypts; so does `draining`, until its numbers are
 * concluded, and from then on it decrypts; so does `grace`, which follows an orderly handover; the others do neither.
 */
export type Role = "init" | "standby" | "active" | "draining" | "grace";

/** Asked for, with everything handed over, or suffered. */
export type Succession = "switchover" | "failover";

/** One way to the other member: a pair of addresses of the association, and the interface that it leaves by. */
export interface BeaconPath {
  readonly local: Ipv4;
  readonly remote: Ipv4;
  /** UDP, the same number as the association's SCTP port. */
  readonly localPort: number;
  readonly remotePort: number;
  /** The interface that has `local`; `undefined` when none has it. Paths count as two only on two interfaces. */
  readonly interface: string | undefined;
}

/**
 * Everybody on the segment of an interface: UDP to 224.0.0.2 (all routers), TTL 1, from the interface's own
 * address.
 */
export interface BeaconSegment {
  readonly segment: string;
  readonly remotePort: number;
}

export type BeaconTarget = BeaconPath | BeaconSegment;

/** `scheme standby NAME`: the group of this name, and those that follow it, are under the gate. */
export interface SchemeSettings {
  /** The name of the leading HSRP group. */
  readonly name: string;
  readonly paths: readonly BeaconPath[];
  /** Of the beacons' HMAC-SHA256; without it, or without a path, the group is plain RFC 2281 HSRP. */
  readonly key: Uint8Array | undefined;
  /** The highest epoch that is on disk here, read before the first start. */
  readonly storedEpoch: number;
  /** An orderly handover waits at most this long for `drained`, milliseconds. */
  readonly drainMs: number;
  /** After a takeover no preemption for this long, milliseconds. */
  readonly holdDownMs: number;
}

/** What core cannot do by itself, handed in when a `Liveness` is made. All of it answers at once. */
export interface LivenessPrimitives {
  readonly hash: (algorithm: "md5" | "sha256", octets: Uint8Array) => Uint8Array;
  /** HMAC-SHA256. */
  readonly hmac: (key: Uint8Array, octets: Uint8Array) => Uint8Array;
  /** So many octets that nobody can guess. */
  readonly random: (count: number) => Uint8Array;
  /** 0 to 1, anew for each call: hellos must not march in step. */
  readonly jitter: () => number;
}

export interface LivenessSettings {
  readonly groups: readonly HsrpGroup[];
  /** Interfaces that can carry a group now. */
  readonly up: readonly string[];
  readonly schemes: readonly SchemeSettings[];
}

export type LivenessInput =
  /** All that is wanted from now on. What is no longer wanted is given up in an orderly way: `released` follows. */
  | { readonly kind: "configure"; readonly settings: LivenessSettings }
  /** The link came or went: what `up` would say of it, at once. The next `configure` says it again. */
  | { readonly kind: "link"; readonly interface: string; readonly up: boolean }
  | { readonly kind: "hsrp"; readonly interface: string; readonly datagram: HsrpDatagram }
  /** A datagram for the beacons' port, from anybody, and the interface that it came by where that is known. */
  | {
      readonly kind: "beacon";
      readonly source: IpAddress;
      readonly interface: string | undefined;
      readonly octets: Uint8Array;
    }
  /** This epoch is on disk and synced. */
  | { readonly kind: "persisted"; readonly scheme: string; readonly epoch: number }
  /**
   * What redundancy says of this member: it holds everything that the active of this epoch holds; of any active,
   * where `epoch` is not given, because nothing is replicated. False until it is said, and of every new epoch anew:
   * redundancy may learn late that there is another active. A takeover is above every epoch named here.
   */
  | { readonly kind: "synced"; readonly scheme: string; readonly synced: boolean; readonly epoch?: number }
  /** This member is the active and goes on without waiting for the standby: the standby is told that it is not hot. */
  | { readonly kind: "not-hot"; readonly scheme: string }
  /** `redundancy force-switchover`. */
  | { readonly kind: "switchover"; readonly scheme: string }
  /** The log is flushed: the handover may go on. */
  | { readonly kind: "drained"; readonly scheme: string }
  /** Somebody else answers for the virtual address of this group. */
  | { readonly kind: "claimed"; readonly group: string; readonly mac: MacAddress }
  /** Everything is given up in an orderly way; the shell ends when all is `released`. */
  | { readonly kind: "stop" };

/** What is to be done, in order. `group` is `groupKey` of the group. */
export type LivenessEffect =
  /**
   * One packet of a group, at once. A hello (only a hello has `repeatMs`) is then repeated every `repeatMs` by
   * itself until the group's next hello or `quiet`; where `lease` names an owner, it and its repetitions leave
   * only while that owner's lease is fresh.
   */
  | {
      readonly do: "hsrp";
      readonly group: string;
      readonly message: HsrpMessage;
      readonly fromVirtualMac: boolean;
      readonly lease: string | undefined;
      readonly repeatMs?: number;
    }
  /** No hello of this group is repeated any more. */
  | { readonly do: "quiet"; readonly group: string }
  /** Answer for these addresses from now on; tell everybody with `announce`; stop to. To take them again is no harm. */
  | { readonly do: "take-address"; readonly group: string; readonly addresses: readonly IpAddress[] }
  | { readonly do: "release-address"; readonly group: string; readonly graceMs: number }
  | { readonly do: "announce"; readonly group: string }
  /** The role word of a scheme, or of a group without one by its key. With a lease it holds for `leaseMs` from now. */
  | {
      readonly do: "role";
      readonly owner: string;
      readonly role: Role;
      readonly epoch: number;
      readonly leaseMs: number;
      /** How this member became the owner that it is; a handover that failed ends as a failover does. */
      readonly how?: Succession;
    }
  /** A finished datagram of the beacons' port, once. */
  | { readonly do: "beacon"; readonly to: BeaconTarget; readonly octets: Uint8Array }
  /**
   * Datagrams to send one after the other, every `everyMs`, the first now, each to all of `to`; they replace those
   * not sent yet, and none at all ends them. Where `lease` names an owner they leave only while that owner's lease
   * is fresh.
   */
  | {
      readonly do: "beacons";
      readonly scheme: string;
      readonly to: readonly BeaconTarget[];
      readonly everyMs: number;
      readonly lease: string | undefined;
      readonly octets: readonly Uint8Array[];
    }
  /** Write this epoch to disk and sync; `persisted` follows when it is there. */
  | { readonly do: "persist"; readonly scheme: string; readonly epoch: number }
  /** An orderly handover has begun: stop encrypting, flush; `drained` answers. */
  | { readonly do: "drain"; readonly scheme: string }
  /** The active's notice that it does not wait for this member came, as late as it may be: redundancy asks it anew. */
  | { readonly do: "told-not-hot"; readonly scheme: string }
  /** What the supervisor sends for this group when the gateway dies; `undefined` when there is nothing to give up. */
  | { readonly do: "will"; readonly group: string; readonly will: LastWill | undefined }
  /**
   * Everything of this group is given up: its interface may go down. Said once each time that a group ends or is no
   * longer wanted, even if it had not begun.
   */
  | { readonly do: "released"; readonly group: string }
  | {
      readonly do: "changed";
      readonly group: string;
      readonly from: HsrpState;
      readonly to: HsrpState;
      readonly because: string;
    }
  | { readonly do: "refused"; readonly interface: string; readonly because: string; readonly detail: string }
  | { readonly do: "report"; readonly event: LogEvent };

/**
 * Sent in this order after the addresses were removed, the resign from the virtual MAC address; the token takes
 * effect at once where its hash is known. Followers have a resign alone: the tokens are their leader's.
 */
export interface LastWill {
  readonly resign: HsrpMessage;
  readonly tokens: readonly { readonly to: BeaconTarget; readonly octets: Uint8Array }[];
}

export interface LivenessSnapshot {
  readonly groups: readonly GroupSnapshot[];
  readonly schemes: readonly SchemeSnapshot[];
}

export type InitReason = "interface-down" | "tracked-shutdown" | "start-delay" | "no-leader" | "removed";

/** One group as `show standby` tells it. Times in milliseconds. */
export interface GroupSnapshot {
  readonly group: HsrpGroup;
  /** The name of the group that it follows, while that one leads it. */
  readonly leader: string | undefined;
  readonly state: HsrpState;
  /** Why the group is in Init; `undefined` in every other state. */
  readonly initBecause: InitReason | undefined;
  readonly changes: number;
  readonly sinceChangeMs: number;
  readonly virtualAddress: IpAddress | undefined;
  readonly helloMs: number;
  readonly holdMs: number;
  readonly nextHelloMs: number | undefined;
  readonly priority: number;
  readonly active: SeenRouter | undefined;
  readonly activeExpiresMs: number | undefined;
  readonly standby: SeenRouter | undefined;
  readonly standbyExpiresMs: number | undefined;
  readonly refused: Readonly<Partial<Record<HsrpRefusal, number>>>;
}

/** One scheme as `show redundancy` and `show standby` tell it. */
export interface SchemeSnapshot {
  readonly name: string;
  /** `undefined` while the gate rules; else why the group is plain HSRP. */
  readonly plainBecause: string | undefined;
  readonly role: Role;
  readonly epoch: number;
  readonly hot: boolean;
  readonly peer:
    | { readonly role: Role; readonly epoch: number; readonly hot: boolean; readonly heardMs: number }
    | undefined;
  /** Interfaces by which the peer can be heard; one alone warns. */
  readonly channels: number;
  readonly counters: Readonly<Record<string, number>>;
}
