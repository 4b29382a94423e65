/** The IKE SAs of this gateway: by our cookie, by a first message that may come again, and by peer. */
import type { IpAddress } from "../../wire/address.ts";
import type { IkeSa } from "./ike-sa.ts";
import { peerIdOf } from "./ike-sa.ts";
import type { IsakmpHeader } from "./isakmp-header-codec.ts";
import { isZero } from "./isakmp-message.ts";

export class IkeSaTable {
  readonly #byId = new Map<string, IkeSa>();
  readonly #byFirstMessage = new Map<string, IkeSa>();
  readonly #byPeer = new Map<string, Set<IkeSa>>();

  get size(): number {
    return this.#byId.size;
  }

  all(): IterableIterator<IkeSa> {
    return this.#byId.values();
  }

  get(id: string): IkeSa | undefined {
    return this.#byId.get(id);
  }

  add(sa: IkeSa): void {
    this.#byId.set(sa.id, sa);
    if (sa.role === "responder") this.#byFirstMessage.set(firstKey(sa.remote, sa.initiatorCookie), sa);
    const key = pairKey(sa.local, sa.remote);
    this.#byPeer.set(key, (this.#byPeer.get(key) ?? new Set()).add(sa));
  }

  remove(sa: IkeSa): void {
    this.#byId.delete(sa.id);
    this.#forgetPlace(sa);
  }

  /** Its peer is somewhere else now. */
  move(sa: IkeSa, remote: IpAddress): void {
    this.#forgetPlace(sa);
    sa.remote = remote;
    this.add(sa);
  }

  /** The SA that a header names by both cookies; before message 2 the initiator knows only its own. */
  find({ initiatorCookie, responderCookie }: IsakmpHeader): IkeSa | undefined {
    const asResponder = this.#byId.get(hexOf(responderCookie));
    if (asResponder?.role === "responder" && same(asResponder.initiatorCookie, initiatorCookie)) return asResponder;
    const asInitiator = this.#byId.get(hexOf(initiatorCookie));
    if (asInitiator?.role !== "initiator" || isZero(responderCookie)) return undefined;
    const known = asInitiator.responderCookie;
    return isZero(known) || same(known, responderCookie) ? asInitiator : undefined;
  }

  /** The SA that this first message began, if it came before. */
  begunBy(remote: IpAddress, initiatorCookie: Uint8Array): IkeSa | undefined {
    return this.#byFirstMessage.get(firstKey(remote, initiatorCookie));
  }

  between(local: IpAddress, remote: IpAddress): IkeSa[] {
    return [...(this.#byPeer.get(pairKey(local, remote)) ?? [])];
  }

  /** The one that new exchanges with this peer belong under. */
  best(owner: string, local: IpAddress, remote: IpAddress): IkeSa | undefined {
    const usable = this.between(local, remote).filter(each => each.established && each.owner === owner && !each.gone);
    const [first, ...others] = usable;
    return first && others.reduce(preferredIke, first);
  }

  withPeer(sa: IkeSa): IkeSa[] {
    const peer = peerIdOf(sa);
    return this.between(sa.local, sa.remote).filter(each => each !== sa && each.established && peerIdOf(each) === peer);
  }

  #forgetPlace(sa: IkeSa): void {
    this.#byFirstMessage.delete(firstKey(sa.remote, sa.initiatorCookie));
    const key = pairKey(sa.local, sa.remote);
    const peers = this.#byPeer.get(key);
    peers?.delete(sa);
    if (peers?.size === 0) this.#byPeer.delete(key);
  }
}

/** Of two SAs with one peer, the one that both ends keep: the younger, or of two made at once the greater cookie. */
export function preferredIke(a: IkeSa, b: IkeSa): IkeSa {
  const apart = a.begunAtMs >= b.establishedAtMs || b.begunAtMs >= a.establishedAtMs;
  if (apart) return a.begunAtMs >= b.establishedAtMs ? a : b;
  return hexOf(a.initiatorCookie) >= hexOf(b.initiatorCookie) ? a : b;
}

export function hexOf(octets: Uint8Array): string {
  let out = "";
  for (const octet of octets) out += HEX[octet];
  return out;
}

const HEX = Array.from({ length: 256 }, (_, octet) => octet.toString(16).padStart(2, "0"));

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, at) => octet === b[at]);
}

function firstKey(remote: IpAddress, initiatorCookie: Uint8Array): string {
  return `${remote} ${hexOf(initiatorCookie)}`;
}

function pairKey(local: IpAddress, remote: IpAddress): string {
  return `${local} ${remote}`;
}
