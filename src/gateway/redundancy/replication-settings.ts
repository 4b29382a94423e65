/**
 * What a scheme's two members must have in common, as digests of the text of their configurations, section by section;
 * and where each is reached inside.
 *
 * Interfaces, addresses and priorities differ by nature and are not here. Of a secret only its place is.
 */
import { createHash } from "node:crypto";
import type { Config } from "../../core/config/config.ts";
import { renderConfig } from "../../core/config/config-document.ts";
import { ipv4Prefixes } from "../../core/net/net-model.ts";
import type { ReplicationSettings } from "../../core/redundancy/replication-port.ts";

/** In the order in which a difference is named. */
const SECTIONS: readonly (readonly [name: string, lines: RegExp])[] = [
  ["crypto isakmp policy", /^crypto isakmp policy /],
  ["crypto isakmp", /^(no )?crypto isakmp (?!policy )/],
  ["crypto ipsec", /^(no )?crypto ipsec /],
  ["crypto map", /^(no )?crypto (dynamic-)?map /],
  ["access list", /^(ip )?access-list /],
];
const SECRET = /^(crypto isakmp key )\S+( \S+)?(?= (address|hostname) )/;

export function replicationSettings(config: Config): ReplicationSettings {
  const blocks = blocksOf(renderConfig(config));
  const sections = SECTIONS.map(([name, lines]) => {
    const text = blocks.filter(([first = ""]) => lines.test(first)).map(block => block.join("\n"));
    return { name, digest: new Uint8Array(createHash("sha256").update(text.join("\n")).digest()) };
  });
  return { sections, insideAddresses: insideAddresses(config) };
}

/** Each line of the outermost mode, with those that belong to it. */
function blocksOf(lines: readonly string[]): string[][] {
  const blocks: string[][] = [];
  for (const line of lines) {
    if (line.startsWith(" ")) blocks.at(-1)?.push(line);
    else blocks.push([line.replace(SECRET, "$1*")]);
  }
  return blocks;
}

/** Of the interfaces without a crypto map. */
function insideAddresses(config: Config): string[] {
  const inside = [...config.net.interfaces.values()].filter(
    ({ name, shutdown }) => !shutdown && (config.appliedMaps.get(name) ?? []).length === 0,
  );
  return inside.flatMap(model => ipv4Prefixes(model).map(({ address }) => address));
}
