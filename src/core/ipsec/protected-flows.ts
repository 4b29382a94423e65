/**
 * The traffic that the applied crypto maps protect, as pairs of prefixes.
 *
 * Until the data plane applies access lists exactly, this is the whole that they could mean: protocols and ports are
 * left out, `deny` carves nothing out, and a
 * wildcard mask with holes counts as the prefix around it. What is refused may be too much, never too little.
 */
import { type Ipv4, ipv4ToNumber } from "../wire/address.ts";
import { networkOf, type Prefix } from "../wire/prefix.ts";
import type { AccessList, AclAddress } from "./acl-model.ts";
import type { AppliedMap, CryptoMapEntry, IpsecModel } from "./ipsec-model.ts";

export interface Flow {
  readonly source: Prefix;
  readonly destination: Prefix;
}

export function protectedFlows(
  ipsec: IpsecModel,
  lists: ReadonlyMap<string, AccessList>,
  applied: Iterable<readonly AppliedMap[]>,
): Flow[] {
  const maps = new Set([...applied].flat().map(({ map }) => map));
  const entries = [...maps].flatMap(name => [...(ipsec.maps.get(name)?.entries.values() ?? [])]);
  const dynamic = entries.flatMap(entry => [...(ipsec.dynamicMaps.get(entry.dynamic ?? "")?.entries.values() ?? [])]);
  return [...entries, ...dynamic].flatMap(entry => flowsOf(entry, lists));
}

function flowsOf(entry: CryptoMapEntry, lists: ReadonlyMap<string, AccessList>): Flow[] {
  const list = lists.get(entry.accessList ?? "");
  return (list?.entries ?? []).flatMap(each =>
    each.kind === "permit"
      ? [{ source: around(each.source.address), destination: around(each.destination.address) }]
      : [],
  );
}

function around(address: AclAddress): Prefix {
  switch (address.kind) {
    case "any":
      return { address: "0.0.0.0" as Ipv4, length: 0 };
    case "host":
      return { address: address.address, length: 32 };
    case "network":
      return networkOf({ address: address.address, length: Math.clz32(ipv4ToNumber(address.wildcard)) });
  }
  return address satisfies never;
}
