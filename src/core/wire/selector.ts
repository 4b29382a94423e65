/**
 * Traffic selectors: which packets are meant, by addresses, protocol and ports of both ends (RFC 4301 section 4.4.1.1).
 * They are values: access lists, IKE's identities and traffic selectors and the data plane's policies are made of them.
 *
 * The ports of a packet are not always to be seen: a fragment other than the first has none. Such a packet may match,
 * and whether that is enough depends on who asks, so there are two questions: `matches` and `mayMatch`. An access list
 * takes a fragment for a `permit` that it may match, but not for a `deny`.
 */
import type { IpAddress } from "./address.ts";
import {
  type AddressSet,
  anyAddress,
  containsAddresses,
  hasAddress,
  intersectAddresses,
  prefixAddresses,
  prefixOf,
  sameAddresses,
} from "./address-set.ts";
import { ANY_PORT, containsPorts, hasPort, intersectPorts, isAnyPort, type PortSet, samePorts } from "./port-set.ts";
import type { Prefix } from "./prefix.ts";

export interface Selector {
  /** IANA's number. */
  readonly protocol: number | "any";
  readonly source: SelectorEnd;
  readonly destination: SelectorEnd;
}

export interface SelectorEnd {
  readonly addresses: AddressSet;
  readonly ports: PortSet;
}

/** What of a packet selectors look at. */
export interface PacketTuple {
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  /** Absent from fragments other than the first, from encrypted packets, and where the protocol has none. */
  readonly ports?: { readonly source: number; readonly destination: number };
}

/** Everything of a family. */
export function anyTraffic(family: 4 | 6): Selector {
  const end = { addresses: anyAddress(family), ports: ANY_PORT };
  return { protocol: "any", source: end, destination: end };
}

export function betweenPrefixes(source: Prefix, destination: Prefix): Selector {
  return {
    protocol: "any",
    source: { addresses: prefixAddresses(source), ports: ANY_PORT },
    destination: { addresses: prefixAddresses(destination), ports: ANY_PORT },
  };
}

/** The same traffic the other way. */
export function reversed(selector: Selector): Selector {
  return { protocol: selector.protocol, source: selector.destination, destination: selector.source };
}

/** Whether the packet is meant for certain. */
export function matches(selector: Selector, packet: PacketTuple): boolean {
  return matching(selector, packet) === "yes";
}

/** Whether the packet is meant as far as can be seen. */
export function mayMatch(selector: Selector, packet: PacketTuple): boolean {
  return matching(selector, packet) !== "no";
}

export function containsSelector(outer: Selector, inner: Selector): boolean {
  if (outer.protocol !== "any" && outer.protocol !== inner.protocol) return false;
  return ENDS.every(
    end =>
      containsAddresses(outer[end].addresses, inner[end].addresses) &&
      containsPorts(outer[end].ports, inner[end].ports),
  );
}

export function sameSelector(a: Selector, b: Selector): boolean {
  if (a.protocol !== b.protocol) return false;
  return ENDS.every(end => sameAddresses(a[end].addresses, b[end].addresses) && samePorts(a[end].ports, b[end].ports));
}

/** `undefined` when no packet is meant by both. */
export function intersectSelectors(a: Selector, b: Selector): Selector | undefined {
  if (a.protocol !== "any" && b.protocol !== "any" && a.protocol !== b.protocol) return undefined;
  const source = intersectEnds(a.source, b.source);
  const destination = intersectEnds(a.destination, b.destination);
  if (source === undefined || destination === undefined) return undefined;
  return { protocol: a.protocol === "any" ? b.protocol : a.protocol, source, destination };
}

/** Source and destination as prefixes; `undefined` where a range or a wildcard mask with holes is none. */
export function asPrefixes(selector: Selector): { source: Prefix; destination: Prefix } | undefined {
  const source = prefixOf(selector.source.addresses);
  const destination = prefixOf(selector.destination.addresses);
  return source === undefined || destination === undefined ? undefined : { source, destination };
}

const ENDS = ["source", "destination"] as const;

/** TCP, UDP, DCCP, SCTP, UDP-Lite; and ICMP, ICMPv6 and mobility headers, whose type and code count as ports. */
const PROTOCOLS_WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136, 1, 58, 135]);

function matching({ protocol, source, destination }: Selector, packet: PacketTuple): "yes" | "no" | "unknown" {
  if (protocol !== "any" && protocol !== packet.protocol) return "no";
  if (!hasAddress(source.addresses, packet.source)) return "no";
  if (!hasAddress(destination.addresses, packet.destination)) return "no";
  if (isAnyPort(source.ports) && isAnyPort(destination.ports)) return "yes";
  const { ports } = packet;
  if (ports === undefined) return PROTOCOLS_WITH_PORTS.has(packet.protocol) ? "unknown" : "no";
  return hasPort(source.ports, ports.source) && hasPort(destination.ports, ports.destination) ? "yes" : "no";
}

function intersectEnds(a: SelectorEnd, b: SelectorEnd): SelectorEnd | undefined {
  const addresses = intersectAddresses(a.addresses, b.addresses);
  const ports = intersectPorts(a.ports, b.ports);
  return addresses === undefined || ports === undefined ? undefined : { addresses, ports };
}
