/** A topology is data: segments that join hosts, and what each host is. */
import type { LabTunnel } from "./manual-keying.ts";

export interface Topology {
  readonly name: string;
  readonly summary: string;
  /** From the inside outwards; the picture is drawn in this order. */
  readonly segments: readonly Segment[];
  readonly hosts: readonly Host[];
  /** The two gateways that share the virtual addresses; faults are done to whichever of them is active. */
  readonly pair: readonly [string, string];
  /** Two at the other end that share an address as well. */
  readonly farPair?: readonly [string, string];
  /** Where not all groups have the same active: those whose active faults are done to, as `Fa0/0 1`. */
  readonly acted?: readonly string[];
  /** Directions of probes that a fault done to one member's groups is not to touch. */
  readonly untouched?: readonly string[];
  /** What is sent through the topology while something in it fails. */
  readonly probes: readonly ProbeStream[];
  /** Of each stream, where there are so many that a machine has enough to do with fewer; else 1,000. */
  readonly probesPerSecond?: number;
  /** Tunnels that can be keyed by hand. */
  readonly tunnels?: readonly LabTunnel[];
  readonly watched?: WatchedRoute;
  /** A host between the gateways that sees all that they send, by these devices; and what must be protected there. */
  readonly recorder?: {
    readonly host: string;
    readonly devices: readonly string[];
    readonly between: readonly (readonly [string, string])[];
  };
  /** What the demonstration pings: from a gateway's console. */
  readonly demonstration: { readonly from: string; readonly destination: string; readonly source: string };
}

/** The same topology, with faults done at the other end; as it is where there is but one pair. */
export function fromFarEnd(topology: Topology): Topology {
  const { pair, farPair, recorder, acted: _acted, untouched: _untouched, ...same } = topology;
  if (farPair === undefined) return topology;
  const between = recorder?.between.map(([near, far]) => [far, near] as const) ?? [];
  return {
    ...same,
    pair: farPair,
    farPair: pair,
    ...(recorder !== undefined && { recorder: { ...recorder, between } }),
  };
}

/** Every pair of a topology, the one that faults are done to first. */
export function pairsOf({ pair, farPair }: Topology): readonly (readonly [string, string])[] {
  return farPair === undefined ? [pair] : [pair, farPair];
}

export interface Segment {
  readonly name: string;
  readonly prefix: string;
  /** Addresses that gateways share there. */
  readonly virtual?: readonly string[];
}

/** A route of a host that a takeover is to move. */
export interface WatchedRoute {
  readonly host: string;
  readonly route: string;
  /** How long after the takeover it may take. */
  readonly mostMs: number;
}

export type Host = (
  | {
      readonly kind: "gateway";
      readonly name: string;
      readonly links: readonly Link[];
      readonly config: string;
      /** Read after it, in this order. */
      readonly besides?: readonly string[];
      /** Where many are alike: what stands in their configurations as `%WORD%`. */
      readonly words?: Readonly<Record<string, string>>;
    }
  | {
      readonly kind: "router" | "host";
      readonly name: string;
      readonly links: readonly Link[];
      readonly routes: readonly StaticRoute[];
    }
) & {
  /** What FRR is to do there: its configuration. */
  readonly routing?: string;
};

/** A host is named by its name, an end by its address. */
export type ProbeStream =
  /** There and back, answered by whoever has the address. */
  | { readonly kind: "echo"; readonly name: string; readonly from: string; readonly to: string }
  /** Both ways, each counted where it arrives; `tunnel`: through one that must be up. */
  | {
      readonly kind: "datagram";
      readonly tunnel?: true;
      readonly name: string;
      readonly from: string;
      readonly to: string;
      readonly peer: string;
      readonly back: string;
    };

export interface Link {
  readonly segment: string;
  /** The device's name inside the host. */
  readonly device: string;
  /** With its length. A gateway's own configuration sets its addresses; here they are for the picture. */
  readonly address: string;
  /** What a gateway's configuration calls it. */
  readonly interface?: string;
}

export interface StaticRoute {
  readonly to: string;
  /** Unreachable without. */
  readonly via?: string;
}
