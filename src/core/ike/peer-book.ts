/**
 * What the configuration says of a peer: its preshared key, whether it may speak at all, and what may be negotiated
 * with it.
 *
 * In main mode with preshared keys the key is chosen by the address that the peer comes from (RFC 2409 section 5.4),
 * so a host without a key is a stranger that gets no answer. Of several entries the one for the smallest network
 * holds.
 */
import type { Negotiable } from "../ipsec/negotiation.ts";
import { type IpAddress, isIpv4 } from "../wire/address.ts";
import { maskToLength, prefixContains, widthOf } from "../wire/prefix.ts";
import type { IkeSettings } from "./ike-port.ts";
import type { IsakmpKey } from "./isakmp-model.ts";

export class PeerBook {
  readonly settings: IkeSettings;
  readonly #byTraffic: ReadonlyMap<string, Negotiable>;
  readonly #named: ReadonlySet<IpAddress>;

  constructor(settings: IkeSettings) {
    this.settings = settings;
    this.#byTraffic = new Map(settings.negotiables.map(each => [each.traffic, each]));
    const hosts = settings.keys.filter(key => lengthOf(key) === widthOf(key.address)).map(key => key.address);
    this.#named = new Set([...hosts, ...settings.negotiables.flatMap(each => each.peers)]);
  }

  keyFor(peer: IpAddress): IsakmpKey | undefined {
    let best: IsakmpKey | undefined;
    for (const key of this.settings.keys) {
      if (!prefixContains({ address: key.address, length: lengthOf(key) }, peer)) continue;
      if (best === undefined || lengthOf(key) > lengthOf(best)) best = key;
    }
    return best;
  }

  /** The configuration names this very address. */
  isNamed(peer: IpAddress): boolean {
    return this.#named.has(peer);
  }

  negotiable(traffic: string): Negotiable | undefined {
    return this.#byTraffic.get(traffic);
  }

  /** Whose role decides about what is negotiated between these two; `undefined` where no crypto map wants that. */
  ownerOf(local: IpAddress, peer: IpAddress): string | undefined {
    return this.with(local, peer)[0]?.owner;
  }

  /** What may be negotiated with this peer, in the order of the maps. */
  with(local: IpAddress, peer: IpAddress): Negotiable[] {
    return this.settings.negotiables.filter(
      each => each.local === local && (each.peers.length === 0 || each.peers.includes(peer)),
    );
  }
}

function lengthOf({ address, mask }: IsakmpKey): number {
  return mask !== undefined && isIpv4(address) ? (maskToLength(mask) ?? 32) : widthOf(address);
}
