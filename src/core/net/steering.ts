/**
 * How packets find the data plane, and why none finds its way past it: the words that plan and doors share.
 *
 * What arrives from outside in clear and is for a network that some crypto map protects goes to the guard device, where
 * the data plane drops what should have been protected. What leaves is looked up in the main table first, without the
 * interfaces that have a crypto map; what would leave by one of those meets a table of protected destinations, each of
 * which points at its owner's nexthop object: our TUN device on the active, the peer's inside address elsewhere. Rules
 * do not grow with selectors, a takeover replaces one object, and each prefix has a twin that goes nowhere and outlives
 * this process. The exact decision, by sources, protocols and ports, is the data plane's.
 */
import type { IpAddress } from "../wire/address.ts";
import type { Prefix } from "../wire/prefix.ts";

/** On our own packets that leave encrypted, or in clear because nothing protects them: they go by the main table. */
export const STEERING_MARK = 0x5553;

export const STEERING_TABLES = {
  /** Of what is protected, by destination behind the peers. */
  outbound: 21_843,
  /** Of what is protected, by destination behind us. */
  guard: 21_844,
} as const;

export type SteeringTable = keyof typeof STEERING_TABLES;

/** Rules are asked in this order. The first comes before the local table: our own addresses may be protected too. */
export const STEERING_PRIORITIES = { guard: 0, marked: 29_999, elsewhere: 30_000, outbound: 30_001 } as const;

/** Metrics of a route and of its twin. */
export const STEERING_METRICS = { route: 1, twin: 2 } as const;

/** Nexthop objects are numbered from here: the guard's, then one an owner. */
export const STEERING_NEXTHOPS = 0x5553_0000;
export const GUARD_NEXTHOP = STEERING_NEXTHOPS;

/** What steering is to be; `undefined` where it is to go. */
export interface WantedSteering {
  /** Devices whose arrivals are guarded, those stacked on them included. */
  readonly guarded: readonly string[];
  readonly outbound: readonly { readonly prefix: Prefix; readonly nexthop: number }[];
  readonly guard: readonly Prefix[];
  /** Our own outer addresses: ESP and IKE arrive there, and ARP is answered for what the host takes for its own. */
  readonly outer: readonly IpAddress[];
  /** Nexthop objects, and where each is to point when it has to be made. */
  readonly nexthops: readonly { readonly id: number; readonly target: NexthopTarget | undefined }[];
}

export const NO_STEERING: WantedSteering = { guarded: [], outbound: [], guard: [], outer: [], nexthops: [] };

export interface NexthopTarget {
  readonly linkIndex: number;
  /** `undefined`: the device itself. */
  readonly via: IpAddress | undefined;
}

/** What of the kernel steering looks at. */
export interface SteeringView {
  readonly links: readonly {
    readonly index: number;
    readonly device: string;
    /** What it is stacked on. */
    readonly parent: number | undefined;
  }[];
  /** Those of our numbers. */
  readonly nexthops: readonly number[];
  /** Those of our tables. */
  readonly routes: readonly SteeringRoute[];
  /** Ours, in the order in which they are asked. */
  readonly rules: readonly SteeringRule[];
  /** The local table is asked before our guard. */
  readonly localFirst: boolean;
}

export interface SteeringRoute {
  readonly table: SteeringTable;
  readonly prefix: Prefix;
  /** `throw`: this table has no answer, the next one is asked. */
  readonly to: { readonly nexthop: number } | "unreachable" | "blackhole" | "throw";
}

export interface SteeringRule {
  readonly priority: number;
  readonly table: SteeringTable | "main" | "local";
  readonly mark?: number;
  readonly suppressGroup?: number;
  readonly inInterface?: string;
}

export type SteeringStep =
  | { readonly do: "add-nexthop"; readonly id: number; readonly target: NexthopTarget }
  | { readonly do: "remove-nexthop"; readonly id: number }
  /** Of many, so that they cross in few calls. Adding replaces the one of the same prefix and rank. */
  | { readonly do: "set-routes" | "remove-routes"; readonly routes: readonly SteeringRoute[] }
  | { readonly do: "add-steering-rule" | "remove-steering-rule"; readonly rule: SteeringRule }
  /** The local table's rule goes behind our guard, without a moment in which there is none. */
  | { readonly do: "local-after-guard" };
