/**
 * A peer behind a NAT that comes from somewhere else now: the NAT forgot it, or was given another address. Any packet
 * that is proven to be the peer's shows the new way, ESP as well as IKE, and all that is the peer's goes there then:
 * IKE and ESP share one mapping (RFC 3948 section 2.1), and a renewal sent to the old port would reach nobody.
 */
import type { IpAddress } from "../wire/address.ts";
import type { ChildKeeper } from "./child-keeper.ts";
import type { Child } from "./children.ts";
import { udpPortOf } from "./v1/child-keys.ts";
import { type IkeSa, peerIdOf } from "./v1/ike-sa.ts";
import type { IkeSaTable } from "./v1/ike-sas.ts";

export interface Place {
  readonly remote: IpAddress;
  readonly remotePort: number;
}

export interface MoveDoors<T> {
  readonly sas: IkeSaTable;
  readonly children: ChildKeeper<T>;
  /** Something of this IKE SA is to be checkpointed. */
  readonly changed: (sa: IkeSa) => void;
}

export class PeerMoves<T> {
  readonly #doors: MoveDoors<T>;

  constructor(doors: MoveDoors<T>) {
    this.#doors = doors;
  }

  /** An authenticated message of this IKE SA came from there. */
  ike(sa: IkeSa, to: Place): void {
    const { remotePort } = sa;
    const others = this.#doors.sas.withPeer(sa).filter(each => each.remotePort === remotePort);
    this.#moveAll([sa, ...others], udpPortOf(sa), to);
  }

  /** An authenticated packet of this Child SA came from there. */
  child(child: Child, to: Place): void {
    const { owner, local, remote, encapsulation, peerMayMove } = child.sa;
    if (!peerMayMove) return;
    const port = encapsulation?.remotePort;
    const known = this.#doors.sas.between(local, remote);
    const sas = known.filter(each => each.owner === owner && each.nat.there && udpPortOf(each) === port);
    this.#moveAll(sas, port, to);
    this.#move(child, child.sa.peerId, to);
  }

  #moveAll(sas: readonly IkeSa[], fromPort: number | undefined, to: Place): void {
    for (const sa of sas) {
      const children = this.#doors.children.table.withPeer(sa.local, peerIdOf(sa));
      this.#doors.sas.move(sa, to.remote);
      sa.remotePort = to.remotePort;
      this.#doors.changed(sa);
      for (const child of children) {
        const { peerMayMove, encapsulation } = child.sa;
        if (peerMayMove && encapsulation?.remotePort === fromPort) this.#move(child, peerIdOf(sa), to);
      }
    }
  }

  #move(child: Child, peerId: string, { remote, remotePort }: Place): void {
    const { encapsulation } = child.sa;
    if (child.sa.remote === remote && encapsulation?.remotePort === remotePort) return;
    const change = { remote, peerId, encapsulation: encapsulation && { ...encapsulation, remotePort } };
    this.#doors.children.change(child, change);
  }
}
