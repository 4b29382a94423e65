/** What the configuration as a whole asks of the host: each room's part, put together. */
import type { Setting, WantedNet } from "../net/net-steps.ts";
import { deviceOf, wantedNet } from "../net/wanted-net.ts";
import { type Config, hasGroups, type InterfaceScope } from "./config.ts";

/** Interfaces whose groups have not given everything up yet. */
export interface HeldInterfaces {
  readonly names: ReadonlySet<string>;
  /** Interfaces as they were when they had groups. */
  readonly former: ReadonlyMap<string, InterfaceScope>;
}

/** Held interfaces stay up, and as a group needs them, although they are shut, removed or without a group. */
export function wantedHost(now: Config, held: HeldInterfaces): WantedNet {
  const config = withHeld(now, held);
  const crypto = new Set([...config.appliedMaps].flatMap(([name, maps]) => (maps.length > 0 ? [name] : [])));
  const wanted = wantedNet(config.net, crypto, held.names);
  return { ...wanted, settings: [...wanted.settings, ...hsrpSettings(config), ...steeringSettings(crypto)] };
}

/** Else the kernel tells everybody of every route that a moved nexthop object stands behind, at each takeover. */
function steeringSettings(crypto: ReadonlySet<string>): Setting[] {
  return crypto.size === 0 ? [] : [{ key: "ipv4/nexthop_compat_mode", value: "0" }];
}

function withHeld(config: Config, { names, former }: HeldInterfaces): Config {
  const interfaces = new Map(config.net.interfaces);
  const hsrp = new Map(config.hsrp);
  const appliedMaps = new Map(config.appliedMaps);
  for (const name of names) {
    const was = former.get(name);
    if (was === undefined) continue;
    if (!interfaces.has(name)) {
      interfaces.set(name, was.net);
      appliedMaps.set(name, was.maps);
    }
    if (!hasGroups(config, name)) hsrp.set(name, was.hsrp);
  }
  return { ...config, net: { ...config.net, interfaces }, hsrp, appliedMaps };
}

/**
 * What an interface with HSRP groups needs, so that the kernel answers ARP for the interface's own addresses alone and
 * never speaks in the name of a virtual one: neither in its own questions nor by sending hosts past the group.
 */
function hsrpSettings(config: Config): Setting[] {
  const devices = [...config.hsrp].flatMap(([name, { groups }]) => {
    const net = config.net.interfaces.get(name);
    return net === undefined || groups.size === 0 ? [] : (deviceOf(net) ?? []);
  });
  if (devices.length === 0) return [];
  // Redirects are sent where either the interface or all of them say so.
  const all = { key: "ipv4/conf/all/send_redirects", value: "0" };
  return [all, ...devices.flatMap(parentSettings)];
}

function parentSettings(device: string): Setting[] {
  return [
    { key: `ipv4/conf/${device}/arp_ignore`, value: "1" },
    { key: `ipv4/conf/${device}/arp_announce`, value: "2" },
    { key: `ipv4/conf/${device}/send_redirects`, value: "0" },
  ];
}
