/**
 * What may be negotiated under a configuration: each permit of each applied crypto map with its peers, transform sets
 * and lifetimes, in the order in which entries are asked.
 *
 * An entry that cannot lead to an SA (no transform set, no peer though it is no template, no local address) is left
 * out; the verifier has told the operator.
 */
import { negotiableTraffic, type ProtectedTraffic } from "../ipsec/crypto-policies.ts";
import type { CryptoMapEntry, IpsecModel, TransformSet } from "../ipsec/ipsec-model.ts";
import { DEFAULT_LIFETIME } from "../ipsec/lifetimes.ts";
import type { Negotiable } from "../ipsec/negotiation.ts";
import type { WantedProtection } from "./wanted-protection.ts";

/** IOS's. */
export const DEFAULT_REPLAY_WINDOW = 64;
const DEFAULT_KILOBYTES = 4_608_000;

export function wantedNegotiables(ipsec: IpsecModel, { applied, lines }: WantedProtection): Negotiable[] {
  return negotiableTraffic(lines).flatMap((traffic): Negotiable[] => {
    const at = applied.find(each => each.interface === traffic.interface && each.map === traffic.map);
    const proposals = transformSetsOf(ipsec, traffic.entry);
    const { peers, pfsGroup } = traffic.entry;
    if (at?.localAddress === undefined || proposals.length === 0) return [];
    if (peers.length === 0 && !traffic.dynamic) return [];
    return [
      {
        traffic: traffic.key,
        owner: traffic.owner,
        map: traffic.map,
        interface: traffic.interface,
        local: at.localAddress,
        peers,
        proposals,
        pfsGroup,
        lifetime: lifetimeOf(ipsec, traffic),
        replayWindow: replayWindowOf(ipsec, traffic.entry),
        selector: traffic.selector,
      },
    ];
  });
}

export function transformSetsOf(ipsec: IpsecModel, entry: CryptoMapEntry): TransformSet[] {
  return entry.transformSets.flatMap(name => ipsec.transformSets.get(name) ?? []);
}

export function replayWindowOf(ipsec: IpsecModel, entry: CryptoMapEntry): number {
  const said = entry.replayWindow ?? ipsec.replayWindow ?? DEFAULT_REPLAY_WINDOW;
  return said === "disabled" ? 0 : said;
}

export function lifetimeOf(ipsec: IpsecModel, { entry }: Pick<ProtectedTraffic, "entry">): Negotiable["lifetime"] {
  return {
    seconds: entry.lifetimeSeconds ?? ipsec.lifetimeSeconds ?? DEFAULT_LIFETIME.seconds,
    kilobytes: entry.lifetimeKilobytes ?? ipsec.lifetimeKilobytes ?? DEFAULT_LIFETIME.kilobytes ?? DEFAULT_KILOBYTES,
  };
}
