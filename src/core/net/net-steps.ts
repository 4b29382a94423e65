/**
 * What is wanted of the host, what may be done to it, and what has to be put back: the words that the planners share.
 */
import type { IpAddress } from "../wire/address.ts";
import type { Prefix } from "../wire/prefix.ts";

export interface WantedInterface {
  readonly device: string;
  readonly up: boolean;
  /** `undefined` leaves the device's own. */
  readonly mtu: number | undefined;
  /** The primary first. */
  readonly addresses: readonly Prefix[];
  /** A crypto map is applied. */
  readonly crypto: boolean;
}

export interface WantedRoute {
  readonly prefix: Prefix;
  readonly via: IpAddress | undefined;
  /** A Linux device, for a route without a next hop. */
  readonly device: string | undefined;
  /** `Null0`. */
  readonly discard: boolean;
  /** Also the kernel metric: of several routes to one prefix, the nearest that resolves is installed. */
  readonly distance: number;
}

/** A value under /proc/sys/net: `ipv4/conf/eth0/arp_ignore`. */
export interface Setting {
  readonly key: string;
  readonly value: string;
}

export interface WantedNet {
  readonly interfaces: readonly WantedInterface[];
  readonly routes: readonly WantedRoute[];
  /** The host routes IPv4, as a router does. */
  readonly forwarding: boolean;
  readonly settings: readonly Setting[];
}

/** A host without us. */
export const NOTHING_WANTED: WantedNet = { interfaces: [], routes: [], forwarding: false, settings: [] };

/**
 * What the host was like before us. It outlives a crash, so that an orderly exit afterwards still puts everything
 * back.
 */
export interface UndoRecord {
  readonly links: readonly {
    readonly device: string;
    readonly up: boolean;
    readonly mtu: number;
    readonly group: number;
  }[];
  readonly addresses: readonly { readonly device: string; readonly prefix: Prefix }[];
  /** Whether the host forwarded; `undefined` until we asked for it. */
  readonly forwarding?: boolean;
  /** What the settings were like before us. */
  readonly settings: readonly Setting[];
}

export const NOTHING_TO_UNDO: UndoRecord = { links: [], addresses: [], settings: [] };

export type NetStep =
  | {
      readonly do: "set-link";
      readonly index: number;
      readonly device: string;
      readonly up?: boolean;
      readonly mtu?: number;
      readonly group?: number;
    }
  | {
      readonly do: "add-address" | "remove-address";
      readonly index: number;
      readonly device: string;
      readonly prefix: Prefix;
    }
  | { readonly do: "add-route" | "remove-route"; readonly route: PlannedRoute }
  | { readonly do: "set-forwarding"; readonly on: boolean }
  | { readonly do: "set-sysctl"; readonly key: string; readonly value: string };

export interface PlannedRoute {
  readonly prefix: Prefix;
  readonly kind: "unicast" | "blackhole";
  readonly via: IpAddress | undefined;
  readonly linkIndex: number | undefined;
  readonly metric: number;
}

export interface NetPlan {
  readonly steps: readonly NetStep[];
  /** Holds once the steps have been tried; to be on disk before they are. */
  readonly undo: UndoRecord;
}
