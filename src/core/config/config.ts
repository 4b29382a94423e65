/** The whole configuration: each room's model, side by side. */
import { type HsrpInterfaceModel, newHsrpInterface } from "../hsrp/hsrp-model.ts";
import { emptyKeyChains, type KeyChainModel } from "../hsrp/key-chain-model.ts";
import { emptyIsakmp, type IsakmpModel } from "../ike/isakmp-model.ts";
import type { AccessList } from "../ipsec/acl-model.ts";
import { type AppliedMap, emptyIpsec, type IpsecModel } from "../ipsec/ipsec-model.ts";
import { emptyNet, type InterfaceModel, type NetModel, newInterface } from "../net/net-model.ts";
import { emptyIpc, emptyRedundancy, type IpcModel, type RedundancyModel } from "../redundancy/redundancy-model.ts";

export interface Config {
  readonly net: NetModel;
  /** By interface name, as are the crypto maps applied there. */
  readonly hsrp: Map<string, HsrpInterfaceModel>;
  readonly keyChains: KeyChainModel;
  readonly redundancy: RedundancyModel;
  readonly ipc: IpcModel;
  readonly isakmp: IsakmpModel;
  readonly ipsec: IpsecModel;
  readonly accessLists: Map<string, AccessList>;
  readonly appliedMaps: Map<string, AppliedMap[]>;
}

/** What interface mode is about: every room's part of one interface. */
export interface InterfaceScope {
  readonly net: InterfaceModel;
  readonly hsrp: HsrpInterfaceModel;
  readonly maps: AppliedMap[];
}

export function emptyConfig(): Config {
  return {
    net: emptyNet(),
    hsrp: new Map(),
    keyChains: emptyKeyChains(),
    redundancy: emptyRedundancy(),
    ipc: emptyIpc(),
    isakmp: emptyIsakmp(),
    ipsec: emptyIpsec(),
    accessLists: new Map(),
    appliedMaps: new Map(),
  };
}

/** Makes what is missing of an interface, in every room. */
export function addInterface(config: Config, name: string): void {
  if (config.net.interfaces.has(name)) return;
  config.net.interfaces.set(name, newInterface(name));
  config.hsrp.set(name, newHsrpInterface());
  config.appliedMaps.set(name, []);
}

export function removeInterface(config: Config, name: string): void {
  config.net.interfaces.delete(name);
  config.hsrp.delete(name);
  config.appliedMaps.delete(name);
}

/** It has HSRP groups, whether or not they have addresses. */
export function hasGroups(config: Config, name: string): boolean {
  return (config.hsrp.get(name)?.groups.size ?? 0) > 0;
}

export function interfaceScope(config: Config, name: string): InterfaceScope | undefined {
  const net = config.net.interfaces.get(name);
  const hsrp = config.hsrp.get(name);
  const maps = config.appliedMaps.get(name);
  return net && hsrp && maps ? { net, hsrp, maps } : undefined;
}
