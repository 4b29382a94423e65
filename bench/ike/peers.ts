/** The peers of the benchmark: each has an address, a network behind it, and a tunnel of its own. */
import { INSIDE, NETS, OUTSIDE, OUTSIDE_LINK, type Site } from "../support/site.ts";

export const PRESHARED_KEY = "of-a-benchmark";

export interface Peer {
  readonly address: string;
  /** `10.50.N.0`, a network of 24 bits. */
  readonly network: string;
}

export function peersOf(count: number): Peer[] {
  return Array.from({ length: count }, (_, at) => ({ address: `192.0.2.${at + 10}`, network: `10.50.${at}.0` }));
}

/** All of them live in a's namespace. */
export function settle(site: Site, peers: readonly Peer[]): void {
  site.ip("a", ...peers.map(({ address }) => `address add ${address}/24 dev ${OUTSIDE_LINK}`));
}

/** What the initiators are told, as JSON. */
export interface InitiatorOrders {
  readonly responder: string;
  readonly peers: readonly Peer[];
  readonly group: number;
  /** Of each peer, before it is measured: what a program does for the first time costs more. */
  readonly warmUpHandshakes: number;
  readonly seconds: number;
}

/** What they say at the end. */
export interface InitiatorReport {
  /** Main and quick modes that were through while it was measured. */
  readonly handshakes: number;
  readonly seconds: number;
  /** Attempts that stood still and were begun anew. */
  readonly stalled: number;
}

export function ordersOf(peers: readonly Peer[], group: number, seconds: number): InitiatorOrders {
  return { responder: OUTSIDE.b, peers, group, warmUpHandshakes: 10, seconds };
}

export const RESPONDER = { outside: OUTSIDE.b, inside: INSIDE.b, network: NETS.b } as const;
