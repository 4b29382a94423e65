/** `show crypto map` and `show crypto ipsec transform-set`: what is configured, with what IOS says of it. */
import type { Config } from "../../core/config/config.ts";
import { lifetimeOf, replayWindowOf } from "../../core/config/wanted-negotiables.ts";
import { aclEntryLine } from "../../core/ipsec/acl-commands.ts";
import type { FlowView } from "../../core/ipsec/data-plane-view.ts";
import { transformWords } from "../../core/ipsec/ipsec-commands.ts";
import type { CryptoMap, CryptoMapEntry, ReverseRoute, TransformSet } from "../../core/ipsec/ipsec-model.ts";

export interface MapChoice {
  readonly interface?: string;
  readonly tag?: string;
}

export function showCryptoMap(config: Config, flows: readonly FlowView[], choice: MapChoice): string[] {
  const maps = [...config.ipsec.maps.values()].filter(
    ({ name }) =>
      (choice.tag === undefined || name === choice.tag) &&
      (choice.interface === undefined || interfacesOf(config, name).some(at => at.interface === choice.interface)),
  );
  if (maps.length === 0) return ["No crypto maps found."];
  return maps.flatMap(map => [
    ...sorted(map).flatMap(entry => entryLines(map, entry, config, flows)),
    ...usedLines(map, config),
  ]);
}

export function showCryptoTransformSets(sets: Iterable<TransformSet>, only?: string): string[] {
  return [...sets]
    .filter(({ name }) => only === undefined || name === only)
    .flatMap(set => [
      `Transform set ${set.name}: { ${transformWords(set)}  } `,
      `   will negotiate = { ${set.mode === "tunnel" ? "Tunnel" : "Transport"},  }, `,
      "",
    ]);
}

function sorted({ entries }: CryptoMap): CryptoMapEntry[] {
  return [...entries.values()].sort((a, b) => a.sequence - b.sequence);
}

function entryLines(map: CryptoMap, entry: CryptoMapEntry, config: Config, flows: readonly FlowView[]): string[] {
  const head = `Crypto Map IPv4 "${map.name}" ${entry.sequence} ipsec-isakmp`;
  if (entry.dynamic === undefined) {
    const own = flows.filter(({ traffic }) => traffic.map === map.name && traffic.sequence === entry.sequence);
    return [head, ...incompleteLines(entry, config), ...bodyLines(entry, config, inUse(entry, own)), ""];
  }
  const templates = config.ipsec.dynamicMaps.get(entry.dynamic);
  return [
    head,
    `\tDynamic map template tag: ${entry.dynamic}`,
    "",
    ...(templates === undefined ? [] : sorted(templates)).flatMap(template => [
      `Crypto Map Template"${entry.dynamic}" ${template.sequence}`,
      ...bodyLines(template, config),
      "",
    ]),
  ];
}

/** The peer that SAs are with; without any, the first. */
function inUse({ peers }: CryptoMapEntry, flows: readonly FlowView[]): string | undefined {
  return flows.flatMap(({ sas }) => sas).at(-1)?.sa.remote ?? peers[0];
}

function incompleteLines({ peers, accessList = "" }: CryptoMapEntry, config: Config): string[] {
  if (peers.length > 0 && config.accessLists.has(accessList)) return [];
  return ["\tWARNING: This crypto map is in an incomplete state!", "\t\t(missing peer or access-list definitions)"];
}

function bodyLines(entry: CryptoMapEntry, config: Config, current?: string): string[] {
  const { peers, description, pfsGroup, accessList, transformSets, reverseRoute } = entry;
  const { kilobytes, seconds } = lifetimeOf(config.ipsec, { entry });
  const list = config.accessLists.get(accessList ?? "");
  const window = replayWindowOf(config.ipsec, entry);
  return [
    ...(description === undefined ? [] : [`\tDescription: ${description}`]),
    ...peers.map(peer => `\tPeer = ${peer}`),
    ...(accessList === undefined ? ["\tNo matching address list set."] : [`\tExtended IP access list ${accessList}`]),
    ...(list?.entries ?? []).map(each => `\t    access-list ${accessList} ${aclEntryLine(each)}`),
    "\tAccess-List SS dynamic: False",
    ...(current === undefined ? [] : [`\tCurrent peer: ${current}`]),
    `\tSecurity association lifetime: ${kilobytes} kilobytes/${seconds} seconds`,
    `\tReplay window: ${window === 0 ? "disabled" : window}`,
    "\tResponder-Only (Y/N): N",
    `\tPFS (Y/N): ${pfsGroup === undefined ? "N" : "Y"}`,
    ...(pfsGroup === undefined ? [] : [`\tDH group:  group${pfsGroup}`]),
    "\tMixed-mode : Disabled",
    "\tTransform sets={ ",
    ...transformSets.map(name => `\t\t${name}:  { ${setWords(config.ipsec.transformSets.get(name))}  } , `),
    "\t}",
    ...(reverseRoute === undefined ? [] : routeLines(reverseRoute)),
  ];
}

function setWords(set: TransformSet | undefined): string {
  return set === undefined ? "not configured" : transformWords(set);
}

function routeLines({ static: always, tag, distance, remotePeer }: ReverseRoute): string[] {
  return [
    "\tReverse Route Injection Enabled",
    ...(always ? ["\t\tstatic"] : []),
    ...(tag === undefined ? [] : [`\t\ttag ${tag}`]),
    ...(distance === undefined ? [] : [`\t\tdistance ${distance}`]),
    ...(remotePeer === undefined ? [] : [`\t\tremote-peer ${remotePeer}`]),
  ];
}

function interfacesOf(config: Config, map: string): { interface: string; redundancy: string | undefined }[] {
  return [...config.appliedMaps].flatMap(([name, applied]) =>
    applied.filter(each => each.map === map).map(({ redundancy }) => ({ interface: name, redundancy })),
  );
}

function usedLines({ name }: CryptoMap, config: Config): string[] {
  const at = interfacesOf(config, name);
  const groups = at.flatMap(each => (each.redundancy === undefined ? [] : [`\tRedundancy group ${each.redundancy}`]));
  return [`\tInterfaces using crypto map ${name}:`, ...at.map(each => `\t\t${each.interface}`), ...groups, ""];
}
