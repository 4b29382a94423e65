/** A topology is data: segments that join hosts, and what each host is. */

export interface Topology {
  readonly name: string;
  readonly summary: string;
  /** From the inside outwards; the picture is drawn in this order. */
  readonly segments: readonly Segment[];
  readonly hosts: readonly Host[];
  /** What the demonstration pings: from a gateway's console. */
  readonly demonstration: { readonly from: string; readonly destination: string; readonly source: string };
}

export interface Segment {
  readonly name: string;
  readonly prefix: string;
  /** Addresses that gateways share there. */
  readonly virtual?: readonly string[];
}

export type Host =
  | { readonly kind: "gateway"; readonly name: string; readonly links: readonly Link[]; readonly config: string }
  | {
      readonly kind: "router" | "host";
      readonly name: string;
      readonly links: readonly Link[];
      readonly routes: readonly StaticRoute[];
    };

export interface Link {
  readonly segment: string;
  /** The device's name inside the host. */
  readonly device: string;
  /** With its length. A gateway's own configuration sets its addresses; here they are for the picture. */
  readonly address: string;
}

export interface StaticRoute {
  readonly to: string;
  readonly via: string;
}
