/**
 * An entry of an extended access list as a traffic selector, as packets from inside look; and the pair of addresses,
 * protocol and ports that IKEv1 names as identities, RFC 2407 section 4.6.2.
 *
 * Flags of TCP are not what a selector sees: a `permit … established` means the whole connection, and a `deny …
 * established` means nothing, so that what is unsure is protected.
 */
import { type AddressSet, anyAddress, prefixAddresses, wildcardAddresses } from "../wire/address-set.ts";
import { ANY_PORT, type PortSet, portsWhere } from "../wire/port-set.ts";
import type { Prefix } from "../wire/prefix.ts";
import { betweenPrefixes, type Selector } from "../wire/selector.ts";
import type { AclAddress, AclEndpoint, AclEntry, AclProtocol } from "./acl-model.ts";

export type AclRule = Exclude<AclEntry, { kind: "remark" }>;

/** `undefined` when no packet can be meant, as by `lt 0`. */
export function selectorOf(rule: AclRule): Selector | undefined {
  if (rule.kind === "deny" && rule.established) return undefined;
  const source = portsOf(rule.source);
  const destination = portsOf(rule.destination);
  if (source === undefined || destination === undefined) return undefined;
  return {
    protocol: protocolOf(rule.protocol),
    source: { addresses: addressesOf(rule.source.address), ports: source },
    destination: { addresses: addressesOf(rule.destination.address), ports: destination },
  };
}

/** One end of a quick mode's identities. */
export interface ProxyIdentity {
  readonly prefix: Prefix;
  /** 0 is any. */
  readonly protocol: number;
  /** 0 is any. */
  readonly port: number;
}

/** What a quick mode agreed on, seen from here. */
export function selectorOfIdentities(local: ProxyIdentity, remote: ProxyIdentity): Selector {
  const between = betweenPrefixes(local.prefix, remote.prefix);
  return {
    protocol: local.protocol === 0 ? "any" : local.protocol,
    source: { ...between.source, ports: onePort(local.port) },
    destination: { ...between.destination, ports: onePort(remote.port) },
  };
}

function onePort(port: number): PortSet {
  return port === 0 ? ANY_PORT : [{ first: port, last: port }];
}

function portsOf({ port }: AclEndpoint): PortSet | undefined {
  return port === undefined ? ANY_PORT : portsWhere(port);
}

function addressesOf(address: AclAddress): AddressSet {
  switch (address.kind) {
    case "any":
      return anyAddress(4);
    case "host":
      return prefixAddresses({ address: address.address, length: 32 });
    case "network":
      return wildcardAddresses(address);
  }
  return address satisfies never;
}

const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17, gre: 47, esp: 50, ahp: 51 } as const;

function protocolOf(protocol: AclProtocol): number | "any" {
  if (protocol === "ip") return "any";
  return typeof protocol === "number" ? protocol : PROTOCOLS[protocol];
}
