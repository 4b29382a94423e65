/**
 * What goes into the liveness core and what comes out of it: its whole boundary. The gateway's liveness thread and the
 * simulation's liveness actor are its two outside worlds; both carry out the effects and neither decides anything.
 *
 * The core runs every HSRP group of this member, and a gate for each scheme. It never waits, sends, or asks the time.
 */
import type { HsrpGroup } from "../hsrp/hsrp-group.ts";
import type { SeenRouter } from "../hsrp/hsrp-machine.ts";
import type { HsrpMessage, HsrpState } from "../hsrp/hsrp-message.ts";
import type { HsrpDatagram, HsrpRefusal } from "../hsrp/hsrp-receive.ts";
import type { LogEvent } from "../log/message.ts";
import type { IpAddress, Ipv4, MacAddress } from "../wire/address.ts";

/** What the fast path reads of a group: only `active` encrypts, `draining` still decrypts, the others do neither. */
export type Role = "init" | "standby" | "active" | "draining";

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

export interface LivenessSettings {
  readonly groups: readonly HsrpGroup[];
  /** Interfaces that can carry a group now. */
  readonly up: readonly string[];
  readonly schemes: readonly SchemeSettings[];
}

export type LivenessInput =
  /** All that is wanted from now on. What is no longer wanted is given up in an orderly way: `released` follows. */
  | { readonly kind: "configure"; readonly settings: LivenessSettings }
  | { readonly kind: "hsrp"; readonly interface: string; readonly datagram: HsrpDatagram }
  /** A datagram for the beacons' port, from anybody. */
  | { readonly kind: "beacon"; readonly source: IpAddress; readonly octets: Uint8Array }
  /** This epoch is on disk and synced. */
  | { readonly kind: "persisted"; readonly scheme: string; readonly epoch: number }
  /** What redundancy says of this member: it holds everything that the active holds. */
  | { readonly kind: "synced"; readonly scheme: string; readonly synced: boolean }
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
  /** One packet of a group, at once. A hello is repeated every `repeatMs` by itself until the next effect about it. */
  | {
      readonly do: "hsrp";
      readonly group: string;
      readonly message: HsrpMessage;
      readonly fromVirtualMac: boolean;
      readonly repeatMs?: number;
    }
  /** No hello of this group is repeated any more. */
  | { readonly do: "quiet"; readonly group: string }
  /** Answer for these addresses from now on; tell everybody with `announce`; stop to. */
  | { readonly do: "take-address"; readonly group: string; readonly addresses: readonly IpAddress[] }
  | { readonly do: "release-address"; readonly group: string; readonly graceMs: number }
  | { readonly do: "announce"; readonly group: string }
  /** The role word of a scheme (or of a group without one, by its key). As active it holds until `leaseMs` from now. */
  | {
      readonly do: "role";
      readonly owner: string;
      readonly role: Role;
      readonly epoch: number;
      readonly leaseMs: number;
    }
  /** A finished datagram of the beacons' port, to a path or to the segment of an interface. */
  | { readonly do: "beacon"; readonly to: BeaconPath | { readonly segment: string }; readonly octets: Uint8Array }
  /** Datagrams to send one after the other, every `everyMs`, the first now; they replace those not sent yet. */
  | {
      readonly do: "beacons";
      readonly scheme: string;
      readonly to: readonly BeaconPath[];
      readonly everyMs: number;
      readonly octets: readonly Uint8Array[];
    }
  /** Write this epoch to disk and sync; `persisted` follows when it is there. */
  | { readonly do: "persist"; readonly scheme: string; readonly epoch: number }
  /** An orderly handover has begun: stop encrypting, flush; `drained` answers. */
  | { readonly do: "drain"; readonly scheme: string }
  /** What the supervisor sends for this group when the gateway dies; `undefined` when there is nothing to give up. */
  | { readonly do: "will"; readonly group: string; readonly will: LastWill | undefined }
  /** Everything of this group is given up: its interface may go down. */
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

/** Sent in this order after the addresses were removed; the token takes effect at once where its hash is known. */
export interface LastWill {
  readonly resign: HsrpMessage;
  readonly tokens: readonly { readonly to: BeaconPath; readonly octets: Uint8Array }[];
}

/** One group as `show standby` tells it. Times in milliseconds. */
export interface GroupSnapshot {
  readonly group: HsrpGroup;
  /** The name of the group that it follows, while that one leads it. */
  readonly leader: string | undefined;
  readonly state: HsrpState;
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
  /** The peer can be heard on two interfaces; false warns. */
  readonly channels: number;
  readonly counters: Readonly<Record<string, number>>;
}
