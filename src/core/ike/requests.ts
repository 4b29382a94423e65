/**
 * Child SAs that somebody wants and that are not there yet: one negotiation at a time for the same traffic, and the
 * peers of its permit one after the other until one answers.
 */
import type { Negotiable } from "../ipsec/negotiation.ts";
import type { IpAddress } from "../wire/address.ts";
import { selectorKey } from "./children.ts";
import type { QuickRequest } from "./v1/exchange-work.ts";

export class Requests {
  readonly #underway = new Set<string>();
  /** The peer to try, where the first did not answer. */
  readonly #firstPeer = new Map<string, number>();

  /** False where the same is under way already. */
  begin(request: QuickRequest): boolean {
    const key = keyOf(request);
    if (this.#underway.has(key)) return false;
    this.#underway.add(key);
    return true;
  }

  end(request: QuickRequest): void {
    this.#underway.delete(keyOf(request));
  }

  clear(): void {
    this.#underway.clear();
  }

  /** The peer to try now; `undefined` when every one was tried. */
  peer({ traffic, peers }: Negotiable, { tried }: QuickRequest): IpAddress | undefined {
    return tried < peers.length ? peers[(this.#firstPeer.get(traffic) ?? 0) % peers.length] : undefined;
  }

  /** That peer did not answer: the one after it is tried from now on. */
  silent({ traffic, peers }: Negotiable, peer: IpAddress): void {
    const at = peers.indexOf(peer);
    if (at !== -1 && peers.length > 1) this.#firstPeer.set(traffic, (at + 1) % peers.length);
  }
}

function keyOf({ traffic, selector }: QuickRequest): string {
  return `${traffic}\n${selectorKey(selector)}`;
}
