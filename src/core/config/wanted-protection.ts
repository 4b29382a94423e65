/**
 * What the configuration as a whole asks of the data plane and of the routes that lead to it: policies in their order,
 * the prefixes around them, the interfaces with a crypto map, and whose role decides about what.
 */
import {
  type AppliedCryptoMap,
  type AskedPart,
  type ConfiguredLine,
  configuredLines,
  cryptoPolicies,
  type PolicyLine,
  prefixesAround,
  protectedTraffic,
} from "../ipsec/crypto-policies.ts";
import type { AppliedMap } from "../ipsec/ipsec-model.ts";
import { PLAIN_OWNER } from "../ipsec/security-association.ts";
import { type InterfaceModel, ipv4Prefixes } from "../net/net-model.ts";
import { deviceOf } from "../net/wanted-net.ts";
import type { IpAddress, Ipv4 } from "../wire/address.ts";
import { formatPrefix, networkOf, type Prefix, prefixContains } from "../wire/prefix.ts";
import type { Config } from "./config.ts";

export interface WantedProtection {
  readonly applied: readonly AppliedMapStatus[];
  /** What the crypto maps say. */
  readonly lines: readonly ConfiguredLine[];
  /** What holds: the lines, and the parts of them that peers asked for. */
  readonly policies: readonly PolicyLine[];
  /** The first that protects a prefix decides whose it is. */
  readonly outbound: readonly { readonly prefix: Prefix; readonly owner: string }[];
  readonly guard: readonly Prefix[];
  readonly guardedDevices: readonly string[];
  /** Our own addresses on those, virtual ones included. */
  readonly outer: readonly IpAddress[];
  /** Where a member that is not active hands on what should have been protected. */
  readonly peer: InsidePeer | undefined;
}

export interface AppliedMapStatus extends AppliedCryptoMap {
  /** The outer address that IKE and ESP use. */
  readonly localAddress: IpAddress | undefined;
}

export interface InsidePeer {
  readonly device: string;
  readonly address: Ipv4;
}

/** `keyAgreed`: the members have agreed on a key, whether one is configured or not. */
export function wantedProtection(
  config: Config,
  parts: readonly AskedPart[] = [],
  keyAgreed = false,
): WantedProtection {
  const applied = appliedMaps(config, keyAgreed);
  const lines = configuredLines(config.ipsec, config.accessLists, applied);
  const policies = cryptoPolicies(lines, parts);
  const outbound = new Map<string, { prefix: Prefix; owner: string }>();
  const guard = new Map<string, Prefix>();
  for (const traffic of protectedTraffic(policies)) {
    const { local, remote } = prefixesAround(traffic);
    const key = formatPrefix(remote);
    if (!outbound.has(key)) outbound.set(key, { prefix: remote, owner: traffic.owner });
    guard.set(formatPrefix(local), local);
  }
  const guarded = cryptoInterfaces(config);
  return {
    applied,
    lines,
    policies,
    outbound: [...outbound.values()],
    guard: [...guard.values()],
    guardedDevices: guarded.flatMap(each => deviceOf(each) ?? []),
    outer: guarded.flatMap(each => outerAddresses(config, each)),
    peer: insidePeer(config),
  };
}

function appliedMaps(config: Config, keyAgreed: boolean): AppliedMapStatus[] {
  return cryptoInterfaces(config).flatMap(({ name }) =>
    (config.appliedMaps.get(name) ?? []).map(applied => ({
      interface: name,
      map: applied.map,
      owner: ownerOf(config, name, applied, keyAgreed),
      localAddress: localAddressOf(config, name, applied),
    })),
  );
}

function cryptoInterfaces(config: Config): InterfaceModel[] {
  return [...config.net.interfaces.values()].filter(each => (config.appliedMaps.get(each.name) ?? []).length > 0);
}

/**
 * A scheme's word rules its group once the gate can, which needs a way to the peer and a key (`wantedSchemes` takes the
 * same one); else the group's own does. A group that is not there has no word, and nothing of its maps goes anywhere.
 */
function ownerOf(config: Config, name: string, { redundancy }: AppliedMap, keyAgreed: boolean): string {
  if (redundancy === undefined) return PLAIN_OWNER;
  const { present, schemes, security } = config.redundancy;
  const ways = [...config.ipc.associations.values()].some(({ shutdown, sctp }) => {
    return !shutdown && (sctp?.local?.addresses.length ?? 0) > 0 && (sctp?.remote?.addresses.length ?? 0) > 0;
  });
  const keyed = security.key !== undefined || keyAgreed;
  if (present && schemes.includes(redundancy) && keyed && ways) return redundancy;
  const group = groupNamed(config, name, redundancy);
  // As `groupKey` of the group says it.
  return group === undefined ? redundancy : `${name} ${group}`;
}

function localAddressOf(config: Config, name: string, { redundancy }: AppliedMap): IpAddress | undefined {
  if (redundancy === undefined) return config.net.interfaces.get(name)?.address?.address;
  const number = groupNamed(config, name, redundancy);
  const address = number === undefined ? undefined : config.hsrp.get(name)?.groups.get(number)?.address;
  return address === "learn" ? undefined : address;
}

function groupNamed(config: Config, interfaceName: string, name: string): number | undefined {
  const groups = [...(config.hsrp.get(interfaceName)?.groups.values() ?? [])];
  return groups.find(group => group.name === name)?.number;
}

function outerAddresses(config: Config, model: InterfaceModel): IpAddress[] {
  const groups = [...(config.hsrp.get(model.name)?.groups.values() ?? [])];
  const virtual = groups.flatMap(({ address, secondaries }) => [
    ...(address === undefined || address === "learn" ? [] : [address]),
    ...secondaries,
  ]);
  return [...ipv4Prefixes(model).map(({ address }) => address), ...virtual];
}

/** The other end of the association that is on a network of ours without a crypto map. */
function insidePeer(config: Config): InsidePeer | undefined {
  const remote = [...config.ipc.associations.values()].flatMap(({ sctp }) => sctp?.remote?.addresses ?? []);
  for (const model of config.net.interfaces.values()) {
    const device = deviceOf(model);
    if (device === undefined || (config.appliedMaps.get(model.name) ?? []).length > 0) continue;
    const address = remote.find(each => ipv4Prefixes(model).some(prefix => prefixContains(networkOf(prefix), each)));
    if (address !== undefined) return { device, address };
  }
  return undefined;
}
