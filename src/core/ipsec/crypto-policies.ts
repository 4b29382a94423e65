/**
 * From the crypto maps that are applied to what peers may ask for, and to the policies of the data plane.
 *
 * On IOS a `permit` protects by its entry of the map, and a `deny` jumps to the next entry. A data plane has one list
 * in which the first match decides, so a `deny` becomes what the later entries still protect of it, then a `bypass` of
 * the rest. All maps of all interfaces make one list: a packet that the routes send towards any of those interfaces
 * meets it as a whole.
 *
 * A peer may have asked for a part of what a permit says: that part becomes a line of its own before the permit's, and
 * goes with its SAs. A dynamic entry without an access list has such lines only.
 */
import { prefixAround } from "../wire/address-set.ts";
import type { Prefix } from "../wire/prefix.ts";
import { anyTraffic, containsSelector, intersectSelectors, type Selector, sameSelector } from "../wire/selector.ts";
import type { AccessList } from "./acl-model.ts";
import { selectorOf } from "./acl-selectors.ts";
import type { CryptoMapEntry, IpsecModel } from "./ipsec-model.ts";

/** A crypto map at an interface, and whose role decides there. */
export interface AppliedCryptoMap {
  readonly interface: string;
  readonly map: string;
  readonly owner: string;
}

/** What one `permit` of a map protects, or what a peer asked for of it; IKE makes one pair of SAs for it. */
export interface ProtectedTraffic {
  /** Names the permit for as long as it stands in the configuration; its parts have the same. */
  readonly key: string;
  readonly interface: string;
  readonly map: string;
  /** The entry of the map, and of the template where that is dynamic. */
  readonly sequence: number;
  readonly entry: CryptoMapEntry;
  /** Of a template: peers that it does not name may ask. */
  readonly dynamic: boolean;
  readonly owner: string;
  /** Only what a peer asked for: it stands as long as its SAs. */
  readonly part: boolean;
  readonly selector: Selector;
}

/** A line of the SPD before it has numbers. */
export type PolicyLine =
  | { readonly action: "protect"; readonly traffic: ProtectedTraffic; readonly selector: Selector }
  | { readonly action: "bypass"; readonly owner: string; readonly selector: Selector };

/** Where the parts of what a peer may ask for would stand, though nothing is protected before it asks. */
export type OpenLine = { readonly action: "open"; readonly traffic: ProtectedTraffic; readonly selector: Selector };

/** What the configuration says, in its order. */
export type ConfiguredLine = PolicyLine | OpenLine;

/** A part of what a permit says that a peer asked for. */
export interface AskedPart {
  /** Of the permit. */
  readonly key: string;
  readonly selector: Selector;
}

export function configuredLines(
  ipsec: IpsecModel,
  lists: ReadonlyMap<string, AccessList>,
  applied: readonly AppliedCryptoMap[],
): ConfiguredLine[] {
  const entries = applied.flatMap(each => entriesOf(ipsec, each));
  // From the last to the first: a deny needs to know what comes after its entry.
  let later: ConfiguredLine[] = [];
  for (const entry of entries.reverse()) later = [...linesOf(entry, lists, later), ...later];
  return later;
}

export function cryptoPolicies(lines: readonly ConfiguredLine[], parts: readonly AskedPart[] = []): PolicyLine[] {
  const partsOf = tellParts(lines, parts);
  return lines.flatMap((line): PolicyLine[] => {
    if (line.action === "bypass") return [line];
    const own = (partsOf.get(line.traffic) ?? []).flatMap((traffic): PolicyLine[] => {
      const selector = intersectSelectors(line.selector, traffic.selector);
      return selector === undefined ? [] : [{ action: "protect", traffic, selector }];
    });
    return line.action === "open" ? own : [...own, line];
  });
}

/** All that a peer may ask for, and may be asked for, in the order of the maps. */
export function negotiableTraffic(lines: readonly ConfiguredLine[]): ProtectedTraffic[] {
  const found = new Set<ProtectedTraffic>();
  for (const line of lines) if (line.action !== "bypass") found.add(line.traffic);
  return [...found];
}

/** Everything that some line protects, in the order of the maps; a permit's parts are named with it. */
export function protectedTraffic(lines: readonly PolicyLine[]): ProtectedTraffic[] {
  const found = new Set<ProtectedTraffic>();
  for (const line of lines) if (line.action === "protect") found.add(line.traffic);
  return [...found];
}

/** The smallest prefixes that what is protected lies in: routes know no more than that. */
export function prefixesAround({ selector }: ProtectedTraffic): { local: Prefix; remote: Prefix } {
  return { local: prefixAround(selector.source.addresses), remote: prefixAround(selector.destination.addresses) };
}

interface Entry {
  readonly at: AppliedCryptoMap;
  readonly sequence: number;
  readonly entry: CryptoMapEntry;
  readonly dynamic: boolean;
  readonly key: string;
}

function entriesOf(ipsec: IpsecModel, at: AppliedCryptoMap): Entry[] {
  const inOrder = (map: string, from: IpsecModel["maps"]): CryptoMapEntry[] =>
    [...(from.get(map)?.entries.values() ?? [])].sort((a, b) => a.sequence - b.sequence);
  return inOrder(at.map, ipsec.maps).flatMap((entry): Entry[] => {
    const key = `${at.interface} ${at.map} ${entry.sequence}`;
    if (entry.dynamic === undefined) {
      return [{ at, sequence: entry.sequence, entry, dynamic: false, key }];
    }
    return inOrder(entry.dynamic, ipsec.dynamicMaps).map(template => ({
      at,
      sequence: entry.sequence,
      entry: template,
      dynamic: true,
      key: `${key} ${entry.dynamic} ${template.sequence}`,
    }));
  });
}

function linesOf(
  { at, sequence, entry, dynamic, key }: Entry,
  lists: ReadonlyMap<string, AccessList>,
  later: readonly ConfiguredLine[],
): ConfiguredLine[] {
  const { interface: name, map, owner } = at;
  const common = { interface: name, map, sequence, entry, dynamic, owner, part: false };
  if (dynamic && entry.accessList === undefined) {
    const selector = anyTraffic(4);
    return [{ action: "open", traffic: { ...common, key: `${key} any`, selector }, selector }];
  }
  const rules = lists.get(entry.accessList ?? "")?.entries ?? [];
  return rules.flatMap((rule): ConfiguredLine[] => {
    const selector = rule.kind === "remark" ? undefined : selectorOf(rule);
    if (selector === undefined) return [];
    if (rule.kind === "deny") return [...within(selector, later), { action: "bypass", owner, selector }];
    return [{ action: "protect", traffic: { ...common, key: `${key} ${rule.sequence}`, selector }, selector }];
  });
}

function within(outer: Selector, lines: readonly ConfiguredLine[]): ConfiguredLine[] {
  return lines.flatMap(line => {
    const selector = intersectSelectors(outer, line.selector);
    return selector === undefined ? [] : [{ ...line, selector }];
  });
}

function tellParts(
  lines: readonly ConfiguredLine[],
  parts: readonly AskedPart[],
): Map<ProtectedTraffic, ProtectedTraffic[]> {
  const asked = new Map<string, Selector[]>();
  for (const { key, selector } of parts) asked.set(key, [...(asked.get(key) ?? []), selector]);
  const found = new Map<ProtectedTraffic, ProtectedTraffic[]>();
  for (const traffic of negotiableTraffic(lines)) {
    const own = (asked.get(traffic.key) ?? []).filter(part => isPart(traffic.selector, part)).reduce(withPart, []);
    if (own.length > 0)
      found.set(
        traffic,
        own.map(selector => ({ ...traffic, part: true, selector })),
      );
  }
  return found;
}

function isPart(whole: Selector, part: Selector): boolean {
  return containsSelector(whole, part) && !sameSelector(whole, part);
}

/** What says less stands before what says more, else it would never be met. */
function withPart(parts: Selector[], part: Selector): Selector[] {
  if (parts.some(each => sameSelector(each, part))) return parts;
  const before = parts.findIndex(each => containsSelector(each, part));
  return before === -1 ? [...parts, part] : [...parts.slice(0, before), part, ...parts.slice(before)];
}
