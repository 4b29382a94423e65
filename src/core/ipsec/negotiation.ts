/**
 * What of a peer's proposal may become a Child SA, for every version of IKE: which permit of which crypto map means the
 * traffic that the peer asks for, and with what it may be protected.
 *
 * As on IOS a peer may ask for all that a permit says or for a part of it, never for more. Entries are asked in the
 * order of their maps; the first whose local address, peers and permit allow the proposal decides. Among those, one
 * that says exactly the same goes before one that says more, so that mirrored lists always meet. Which transforms are
 * taken is left to the version of IKE, which has them in order here.
 */
import type { IpAddress } from "../wire/address.ts";
import { prefixAddresses } from "../wire/address-set.ts";
import { ANY_PORT, isAnyPort, type PortSet } from "../wire/port-set.ts";
import { widthOf } from "../wire/prefix.ts";
import { containsSelector, type PacketTuple, type Selector, type SelectorEnd, sameSelector } from "../wire/selector.ts";
import type { TransformSet } from "./ipsec-model.ts";

/** One permit of one applied crypto map, as a negotiation needs it. */
export interface Negotiable {
  /** `ProtectedTraffic.key`. */
  readonly traffic: string;
  readonly owner: string;
  readonly map: string;
  readonly interface: string;
  /** The outer address of this side. */
  readonly local: IpAddress;
  /** In the order in which they are tried; empty is any peer, which then must begin. */
  readonly peers: readonly IpAddress[];
  /** The preferred first; never empty. */
  readonly proposals: readonly TransformSet[];
  readonly pfsGroup: number | undefined;
  readonly lifetime: { readonly seconds: number; readonly kilobytes: number };
  /** Packets; 0 is `replay disable`. */
  readonly replayWindow: number;
  /** Source is our side. */
  readonly selector: Selector;
}

/** What a peer asks for, seen from here: source is our side. */
export interface AskedFor {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly selector: Selector;
}

export type Choice =
  | { readonly negotiable: Negotiable; readonly selector: Selector; readonly refused?: undefined }
  | { readonly refused: RefusedBecause; readonly negotiable?: undefined; readonly selector?: undefined };

export type RefusedBecause =
  /** No crypto map is applied at this address. */
  | "no crypto map at this address"
  /** None of its entries names this peer. */
  | "no entry for this peer"
  /** Entries name the peer, none of their permits says all that is asked for. */
  | "proxy identities not supported";

export function chooseNegotiable(list: readonly Negotiable[], asked: AskedFor): Choice {
  const here = list.filter(each => each.local === asked.local);
  if (here.length === 0) return { refused: "no crypto map at this address" };
  const meant = here.filter(({ peers }) => peers.length === 0 || peers.includes(asked.remote));
  if (meant.length === 0) return { refused: "no entry for this peer" };
  const same = meant.find(({ selector }) => sameSelector(selector, asked.selector));
  if (same !== undefined) return { negotiable: same, selector: same.selector };
  const wider = meant.find(({ selector }) => containsSelector(selector, asked.selector));
  return wider === undefined
    ? { refused: "proxy identities not supported" }
    : { negotiable: wider, selector: asked.selector };
}

/**
 * What to ask a peer for when a packet of this permit has no SA. A permit that is more than a pair of identities can
 * say (a wildcard mask with holes, several ports; RFC 2407 section 4.6.2) is asked for as the packet needs it: between
 * its two hosts, with its ports where the permit names some.
 */
export function selectorToAsk(permit: Selector, packet: PacketTuple): Selector {
  const { source, destination } = permit;
  if (canBeNamed(source) && canBeNamed(destination)) return permit;
  const end = (of: SelectorEnd, address: IpAddress, port: number | undefined): SelectorEnd => ({
    addresses: prefixAddresses({ address, length: widthOf(address) }),
    ports: isAnyPort(of.ports) || port === undefined ? ANY_PORT : [{ first: port, last: port }],
  });
  return {
    protocol: permit.protocol,
    source: end(source, packet.source, packet.ports?.source),
    destination: end(destination, packet.destination, packet.ports?.destination),
  };
}

function canBeNamed({ addresses, ports }: SelectorEnd): boolean {
  return addresses.holes === undefined && (isAnyPort(ports) || isOne(ports));
}

function isOne(ports: PortSet): boolean {
  const [only, ...others] = ports;
  return others.length === 0 && only?.first === only?.last;
}
