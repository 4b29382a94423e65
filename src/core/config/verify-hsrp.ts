/**
 * The rules about HSRP groups, whom they follow and what names them. What a later line may mend (a group to follow, a
 * tracked object, a key chain that is still to come) is a warning, so that configurations can be pasted in any order.
 */
import type { HsrpGroupModel, HsrpInterfaceModel } from "../hsrp/hsrp-model.ts";
import { globalsOf, isOfIpv6, linkLocalOf, macOfModel } from "../hsrp/virtual-ipv6.ts";
import { ipv4Prefixes } from "../net/net-model.ts";
import { type IpAddress, isLinkLocal } from "../wire/address.ts";
import { prefixContains } from "../wire/prefix.ts";
import type { Config } from "./config.ts";
import { error, type HostFacts, type Problem, warning } from "./problem.ts";

/** A group, and where it stands. */
interface Placed {
  readonly interface: string;
  readonly hsrp: HsrpInterfaceModel;
  readonly group: HsrpGroupModel;
  /** `FastEthernet0/0 group 1`. */
  readonly where: string;
}

type Rule = (groups: readonly Placed[], config: Config, facts: HostFacts) => Problem[];

const rules: readonly Rule[] = [
  groupNumbers,
  families,
  ipv6Routing,
  ownNetwork,
  uniqueAddresses,
  uniqueMacs,
  groupNames,
  followers,
  trackedObjects,
  keyChains,
  schemes,
  holdTimes,
];

export function verifyHsrp(config: Config, facts: HostFacts): Problem[] {
  const groups = [...config.hsrp].flatMap(([name, hsrp]) =>
    [...hsrp.groups.values()].map(group => ({
      interface: name,
      hsrp,
      group,
      where: `${name} group ${group.number}`,
    })),
  );
  return rules.flatMap(rule => rule(groups, config, facts));
}

function groupNumbers(groups: readonly Placed[]): Problem[] {
  return groups
    .filter(({ hsrp, group }) => hsrp.version === 1 && group.number > 255)
    .map(({ interface: name, group }) =>
      error(`${name}: group ${group.number} needs 'standby version 2'; version 1 has groups 0 to 255`),
    );
}

/** A group has one virtual MAC address, one state and one kind of hello. */
function families(groups: readonly Placed[]): Problem[] {
  const ipv6 = groups.filter(({ group }) => isOfIpv6(group));
  return [
    ...ipv6
      .filter(({ hsrp }) => hsrp.version === 1)
      .map(({ where }) => error(`${where}: IPv6 needs 'standby version 2'`)),
    ...ipv6
      .filter(({ group }) => group.address !== undefined || group.secondaries.length > 0)
      .map(({ where }) => error(`${where}: a group is of IPv4 or of IPv6; take another number for the other`)),
  ];
}

/** A group without it answers for its addresses, and passes nothing on. */
function ipv6Routing(groups: readonly Placed[], { net }: Config): Problem[] {
  const [first] = groups.filter(({ group }) => isOfIpv6(group));
  if (first === undefined || net.ipv6Routing) return [];
  return [warning(`${first.where} is no gateway to hosts of IPv6 without 'ipv6 unicast-routing'`)];
}

/** Every address that the group answers for, as far as it is known without the active. */
function virtualAddresses({ group }: Placed): IpAddress[] {
  return [
    ...(group.address === undefined || group.address === "learn" ? [] : [group.address]),
    ...group.secondaries,
    ...[linkLocalOf(group) ?? []].flat(),
    ...globalsOf(group).map(prefix => prefix.address),
  ];
}

function ownNetwork(groups: readonly Placed[], config: Config): Problem[] {
  return groups.flatMap(placed => {
    const net = config.net.interfaces.get(placed.interface);
    const own = net === undefined ? [] : [...ipv4Prefixes(net), ...net.ipv6];
    return virtualAddresses(placed).flatMap(address => {
      if (own.some(prefix => prefix.address === address))
        return [error(`${placed.where}: ${address} is the interface's own address`)];
      const family = own.filter(prefix => prefix.address.includes(":") === address.includes(":"));
      if (family.length === 0 || isLinkLocal(address) || family.some(prefix => prefixContains(prefix, address)))
        return [];
      return [error(`${placed.where}: ${address} is not on a network of ${placed.interface}`)];
    });
  });
}

/** Link-local addresses are each their own on every interface. */
function uniqueAddresses(groups: readonly Placed[]): Problem[] {
  const named = groups.flatMap(placed =>
    virtualAddresses(placed).map(address => ({
      key: isLinkLocal(address) ? `${placed.interface} ${address}` : address,
      what: address,
      where: placed.where,
    })),
  );
  return repeated(named).map(({ what, first, again }) =>
    error(`${again}: ${what} is a virtual address of ${first} already`),
  );
}

/** Two macvlans on one interface cannot have one MAC address. */
function uniqueMacs(groups: readonly Placed[]): Problem[] {
  const named = groups
    .filter(({ hsrp }) => !hsrp.useBia)
    .map(({ interface: name, hsrp, group, where }) => {
      const mac = macOfModel(hsrp.version, group);
      return { key: `${name} ${mac}`, what: mac, where };
    });
  return repeated(named).map(({ what, first, again }) =>
    error(`${again}: ${what} is the virtual MAC address of ${first} already`),
  );
}

function groupNames(groups: readonly Placed[]): Problem[] {
  const named = groups.flatMap(({ group: { name }, where }) =>
    name === undefined ? [] : [{ key: name, what: name, where }],
  );
  return repeated(named).map(({ what, first, again }) => error(`the name ${what} stands for ${first} and ${again}`));
}

/** A follower has no state of its own that others could take. */
function followers(groups: readonly Placed[]): Problem[] {
  const named = new Map(groups.flatMap(each => (each.group.name === undefined ? [] : [[each.group.name, each]])));
  return groups.flatMap(({ group, where }) => {
    if (group.follow === undefined) return [];
    if (group.follow === group.name) return [error(`${where} cannot follow itself`)];
    if (group.address === "learn")
      return [error(`${where} needs an address of its own: who follows ${group.follow} learns none`)];
    const leader = named.get(group.follow);
    if (leader === undefined) return [warning(`${where} waits for a group of the name ${group.follow} to follow`)];
    if (leader.group.follow === undefined) return [];
    return [error(`${where} cannot follow ${group.follow}, which follows ${leader.group.follow}`)];
  });
}

function trackedObjects(groups: readonly Placed[], { net }: Config): Problem[] {
  return groups.flatMap(({ group, where }) =>
    [...group.tracks.keys()]
      .filter(object => !net.tracks.has(object))
      .map(object => warning(`${where} waits for track object ${object}, which does not exist`)),
  );
}

function keyChains(groups: readonly Placed[], { keyChains: chains }: Config): Problem[] {
  return groups.flatMap(({ group: { authentication }, where }) => {
    if (authentication?.kind !== "md5-chain") return [];
    const keys = [...(chains.get(authentication.chain)?.values() ?? [])];
    if (keys.some(each => each.keyString !== undefined)) return [];
    return [warning(`${where} waits for a key of key chain ${authentication.chain}: until then it accepts no packet`)];
  });
}

function schemes(groups: readonly Placed[], { redundancy }: Config): Problem[] {
  return redundancy.schemes.flatMap(scheme => {
    const named = groups.find(({ group }) => group.name === scheme);
    if (named === undefined) return [warning(`Standby scheme ${scheme} waits for an HSRP group of this name`)];
    const { follow } = named.group;
    if (follow === undefined) return [];
    return [
      warning(`Standby scheme ${scheme} does nothing: ${named.where} follows ${follow}, which must be the scheme`),
    ];
  });
}

/** Below this a process that the kernel did not run in time looks dead. */
const SAFE_HOLD_MS = 150;

function holdTimes(groups: readonly Placed[], _config: Config, { realTime }: HostFacts): Problem[] {
  if (realTime) return [];
  return groups
    .filter(({ group }) => group.timers.holdMs < SAFE_HOLD_MS)
    .map(({ group, where }) =>
      warning(`${where}: a hold time of ${group.timers.holdMs} ms needs SCHED_FIFO, which is not permitted here`),
    );
}

/** Whatever has a key that something before it has. */
function repeated<T>(
  named: readonly { readonly key: string; readonly what: T; readonly where: string }[],
): { what: T; first: string; again: string }[] {
  const seen = new Map<string, string>();
  return named.flatMap(({ key, what, where }) => {
    const first = seen.get(key);
    if (first === undefined) seen.set(key, where);
    return first === undefined ? [] : [{ what, first, again: where }];
  });
}
