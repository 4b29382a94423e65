/**
 * From the crypto maps that are applied to the policies of the data plane.
 *
 * On IOS a `permit` protects by its entry of the map, and a `deny` jumps to the next entry. A data plane has one list
 * in which the first match decides, so a `deny` becomes what the later entries still protect of it, then a `bypass` of
 * the rest. All maps of all interfaces make one list: a packet that the routes send towards any of those interfaces
 * meets it as a whole.
 */
import { prefixAround } from "../wire/address-set.ts";
import type { Prefix } from "../wire/prefix.ts";
import { intersectSelectors, type Selector } from "../wire/selector.ts";
import type { AccessList } from "./acl-model.ts";
import { selectorOf } from "./acl-selectors.ts";
import type { CryptoMapEntry, IpsecModel } from "./ipsec-model.ts";

/** A crypto map at an interface, and whose role decides there. */
export interface AppliedCryptoMap {
  readonly interface: string;
  readonly map: string;
  readonly owner: string;
}

/** What one `permit` of a map protects; IKE makes one pair of SAs for it. */
export interface ProtectedTraffic {
  /** Names the permit for as long as it stands in the configuration. */
  readonly key: string;
  readonly interface: string;
  readonly map: string;
  /** The entry of the map, and of the template where that is dynamic. */
  readonly sequence: number;
  readonly entry: CryptoMapEntry;
  readonly owner: string;
  readonly selector: Selector;
}

/** A line of the SPD before it has numbers. */
export type PolicyLine =
  | { readonly action: "protect"; readonly traffic: ProtectedTraffic; readonly selector: Selector }
  | { readonly action: "bypass"; readonly owner: string; readonly selector: Selector };

export function cryptoPolicies(
  ipsec: IpsecModel,
  lists: ReadonlyMap<string, AccessList>,
  applied: readonly AppliedCryptoMap[],
): PolicyLine[] {
  const entries = applied.flatMap(each => entriesOf(ipsec, each));
  // From the last to the first: a deny needs to know what comes after its entry.
  let later: PolicyLine[] = [];
  for (const entry of entries.reverse()) later = [...linesOf(entry, lists, later), ...later];
  return later;
}

/** Everything that some permit protects, in the order of the maps. */
export function protectedTraffic(lines: readonly PolicyLine[]): ProtectedTraffic[] {
  const found = new Map<string, ProtectedTraffic>();
  for (const line of lines) if (line.action === "protect") found.set(line.traffic.key, line.traffic);
  return [...found.values()];
}

/** The smallest prefixes that what is protected lies in: routes know no more than that. */
export function prefixesAround({ selector }: ProtectedTraffic): { local: Prefix; remote: Prefix } {
  return { local: prefixAround(selector.source.addresses), remote: prefixAround(selector.destination.addresses) };
}

interface Entry {
  readonly at: AppliedCryptoMap;
  readonly sequence: number;
  readonly entry: CryptoMapEntry;
  readonly key: string;
}

function entriesOf(ipsec: IpsecModel, at: AppliedCryptoMap): Entry[] {
  const inOrder = (map: string, from: IpsecModel["maps"]): CryptoMapEntry[] =>
    [...(from.get(map)?.entries.values() ?? [])].sort((a, b) => a.sequence - b.sequence);
  return inOrder(at.map, ipsec.maps).flatMap(entry => {
    const key = `${at.interface} ${at.map} ${entry.sequence}`;
    if (entry.dynamic === undefined) return [{ at, sequence: entry.sequence, entry, key }];
    return inOrder(entry.dynamic, ipsec.dynamicMaps).map(template => ({
      at,
      sequence: entry.sequence,
      entry: template,
      key: `${key} ${entry.dynamic} ${template.sequence}`,
    }));
  });
}

function linesOf(
  { at, sequence, entry, key }: Entry,
  lists: ReadonlyMap<string, AccessList>,
  later: readonly PolicyLine[],
): PolicyLine[] {
  const rules = lists.get(entry.accessList ?? "")?.entries ?? [];
  return rules.flatMap((rule): PolicyLine[] => {
    const selector = rule.kind === "remark" ? undefined : selectorOf(rule);
    if (selector === undefined) return [];
    if (rule.kind === "deny") return [...within(selector, later), { action: "bypass", owner: at.owner, selector }];
    const { interface: name, map, owner } = at;
    const traffic = { key: `${key} ${rule.sequence}`, interface: name, map, sequence, entry, owner, selector };
    return [{ action: "protect", traffic, selector }];
  });
}

function within(outer: Selector, lines: readonly PolicyLine[]): PolicyLine[] {
  return lines.flatMap(line => {
    const selector = intersectSelectors(outer, line.selector);
    return selector === undefined ? [] : [{ ...line, selector }];
  });
}
