/** The HSRP groups that the configuration asks for, with what tracked objects take from their priorities now. */
import { DEFAULT_TEXT, type HsrpAuth, type HsrpKey } from "../hsrp/hsrp-auth.ts";
import { type HsrpGroup, virtualMacOf } from "../hsrp/hsrp-group.ts";
import type { HsrpAuthentication, HsrpGroupModel, HsrpInterfaceModel } from "../hsrp/hsrp-model.ts";
import { HSRP_DEFAULTS } from "../hsrp/hsrp-model.ts";
import type { KeyChainModel } from "../hsrp/key-chain-model.ts";
import { type InterfaceModel, ipv4Prefixes } from "../net/net-model.ts";
import type { TrackState } from "../net/track-state.ts";
import { deviceOf } from "../net/wanted-net.ts";
import { utf8 } from "../wire/utf8.ts";
import type { Config } from "./config.ts";

/** Keys that a group accepts beside its own (`FormerKeys.of`). */
export type FormerKeysOf = (interfaceName: string, group: number) => readonly HsrpKey[];

export function wantedGroups(
  config: Config,
  tracks: ReadonlyMap<number, TrackState>,
  formerKeys: FormerKeysOf = () => [],
): HsrpGroup[] {
  return [...config.hsrp].flatMap(([name, hsrp]) => {
    const net = config.net.interfaces.get(name);
    if (net === undefined) return [];
    return [...hsrp.groups.values()]
      .flatMap(group => groupOf(net, hsrp, group, config.keyChains, tracks) ?? [])
      .map(group => ({ ...group, auth: alsoAccepting(group.auth, formerKeys(name, group.settings.group)) }));
  });
}

function groupOf(
  net: InterfaceModel,
  hsrp: HsrpInterfaceModel,
  group: HsrpGroupModel,
  chains: KeyChainModel,
  tracks: ReadonlyMap<number, TrackState>,
): HsrpGroup | undefined {
  const device = deviceOf(net);
  // Without an address of its own the interface has no source for a hello; without `ip` there is no group.
  if (device === undefined || net.address === undefined || group.address === undefined) return undefined;
  const { preempt, timers } = group;
  return {
    settings: {
      interface: net.name,
      version: hsrp.version,
      group: group.number,
      address: net.address.address,
      virtualAddress: group.address === "learn" ? undefined : group.address,
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
    own: ipv4Prefixes(net),
    name: group.name,
    auth: authOf(group.authentication, chains),
    virtualMac: hsrp.useBia ? undefined : (group.macAddress ?? virtualMacOf(hsrp.version, group.number)),
    secondaries: [...group.secondaries],
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
