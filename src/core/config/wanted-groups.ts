/** The HSRP groups that the configuration asks for, with what tracked objects take from their priorities now. */
import { DEFAULT_TEXT, type HsrpAuth, type HsrpKey } from "../hsrp/hsrp-auth.ts";
import type { HsrpGroup } from "../hsrp/hsrp-group.ts";
import type { HsrpAuthentication, HsrpGroupModel, HsrpInterfaceModel } from "../hsrp/hsrp-model.ts";
import { HSRP_DEFAULTS } from "../hsrp/hsrp-model.ts";
import type { KeyChainModel } from "../hsrp/key-chain-model.ts";
import { globalsOf, linkLocalOf, macOfModel } from "../hsrp/virtual-ipv6.ts";
import { type InterfaceModel, ipv4Prefixes } from "../net/net-model.ts";
import type { TrackState } from "../net/track-state.ts";
import { deviceOf } from "../net/wanted-net.ts";
import type { IpAddress, Ipv6, MacAddress } from "../wire/address.ts";
import type { Prefix } from "../wire/prefix.ts";
import { utf8 } from "../wire/utf8.ts";
import type { Config } from "./config.ts";

/** Keys that a group accepts beside its own (`FormerKeys.of`). */
export type FormerKeysOf = (interfaceName: string, group: number) => readonly HsrpKey[];

/** What the configuration does not say. */
export interface GroupFacts {
  readonly tracks: ReadonlyMap<number, TrackState>;
  /** By device: the address that a group of IPv6 speaks from. */
  readonly linkLocals: ReadonlyMap<string, Ipv6>;
  readonly formerKeys?: FormerKeysOf;
}

export function wantedGroups(config: Config, facts: GroupFacts): HsrpGroup[] {
  const { tracks, linkLocals, formerKeys = () => [] } = facts;
  return [...config.hsrp].flatMap(([name, hsrp]) => {
    const net = config.net.interfaces.get(name);
    const device = net && deviceOf(net);
    if (net === undefined || device === undefined) return [];
    const host: GroupHost = { net, hsrp, device, chains: config.keyChains, tracks };
    return [...hsrp.groups.values()]
      .flatMap(group => [groupOf4(host, group) ?? [], groupOf6(host, group, linkLocals.get(device)) ?? []].flat())
      .map(group => ({ ...group, auth: alsoAccepting(group.auth, formerKeys(name, group.settings.group)) }));
  });
}

interface GroupHost {
  readonly net: InterfaceModel;
  readonly hsrp: HsrpInterfaceModel;
  readonly device: string;
  readonly chains: KeyChainModel;
  readonly tracks: ReadonlyMap<number, TrackState>;
}

/** What a group's family decides. */
interface GroupAddresses {
  /** The source of its packets. */
  readonly address: IpAddress;
  readonly own: readonly Prefix[];
  readonly virtualAddress: IpAddress | undefined;
  readonly secondaries: readonly IpAddress[];
  readonly virtualMac: MacAddress;
}

/** Without an address of its own the interface has no source for a hello; without `ip` there is no group. */
function groupOf4(host: GroupHost, group: HsrpGroupModel): HsrpGroup | undefined {
  const { net, hsrp } = host;
  if (net.address === undefined || group.address === undefined) return undefined;
  return groupOf(host, group, {
    address: net.address.address,
    own: ipv4Prefixes(net),
    virtualAddress: group.address === "learn" ? undefined : group.address,
    secondaries: group.secondaries,
    virtualMac: macOfModel(hsrp.version, group),
  });
}

/**
 * IPv6 needs version 2. The virtual address that packets name is local to the link, given or made from the virtual MAC
 * address; the others stand beside it.
 */
function groupOf6(host: GroupHost, group: HsrpGroupModel, address: Ipv6 | undefined): HsrpGroup | undefined {
  const virtualAddress = linkLocalOf(group);
  if (address === undefined || virtualAddress === undefined || host.hsrp.version === 1) return undefined;
  return groupOf(host, group, {
    address,
    own: [{ address, length: 64 }, ...host.net.ipv6],
    virtualAddress,
    secondaries: globalsOf(group).map(prefix => prefix.address),
    virtualMac: macOfModel(host.hsrp.version, group),
  });
}

function groupOf(host: GroupHost, group: HsrpGroupModel, by: GroupAddresses): HsrpGroup {
  const { net, hsrp, device, chains, tracks } = host;
  const { preempt, timers } = group;
  return {
    settings: {
      interface: net.name,
      version: hsrp.version,
      group: group.number,
      address: by.address,
      virtualAddress: by.virtualAddress,
      priority: group.priority,
      helloMs: timers.helloMs,
      holdMs: timers.holdMs,
      timersConfigured: timers.helloMs !== HSRP_DEFAULTS.helloMs || timers.holdMs !== HSRP_DEFAULTS.holdMs,
      preempt: preempt && {
        minimumMs: preempt.minimumSeconds * 1000,
        reloadMs: preempt.reloadSeconds * 1000,
        syncMs: preempt.syncSeconds * 1000,
      },
    },
    device,
    own: by.own,
    name: group.name,
    auth: authOf(group.authentication, chains),
    virtualMac: hsrp.useBia ? undefined : by.virtualMac,
    secondaries: [...by.secondaries],
    follow: group.follow,
    startDelayMs: { minimum: hsrp.delaySeconds.minimum * 1000, reload: hsrp.delaySeconds.reload * 1000 },
    decrement: decrementOf(group, tracks),
  };
}

function decrementOf(group: HsrpGroupModel, tracks: ReadonlyMap<number, TrackState>): number | undefined {
  let decrement = 0;
  for (const [object, effect] of group.tracks) {
    // An object that does not exist yet is not down.
    if (tracks.get(object) !== "down") continue;
    if (effect === "shutdown") return undefined;
    decrement += effect.decrement;
  }
  return decrement;
}

function alsoAccepting(auth: HsrpAuth, keys: readonly HsrpKey[]): HsrpAuth {
  return auth.kind === "md5" ? { kind: "md5", keys: [...auth.keys, ...keys] } : auth;
}

function authOf(authentication: HsrpAuthentication | undefined, chains: KeyChainModel): HsrpAuth {
  switch (authentication?.kind) {
    case undefined:
      return { kind: "text", text: DEFAULT_TEXT };
    case "text":
      return { kind: "text", text: authentication.text };
    case "md5-string":
      return { kind: "md5", keys: [{ id: 0, octets: utf8(authentication.key) }] };
    case "md5-chain": {
      const keys = [...(chains.get(authentication.chain) ?? [])].flatMap(([id, { keyString }]) =>
        keyString === undefined ? [] : [{ id, octets: utf8(keyString) }],
      );
      return { kind: "md5", keys };
    }
  }
}
