/** Hears HSRP packets on the interfaces of the groups. They are sent as frames, by `group-door.ts`. */
import { invariant } from "../../core/errors.ts";
import { HSRP_GROUPS, HSRP_PORT, type HsrpDatagram } from "../../core/hsrp/hsrp-receive.ts";
import { parseIp } from "../../core/wire/address.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";

/** So that a storm of packets leaves time for everything else; the kernel keeps the rest, or loses it. */
const MOST_A_TURN = 256;

export class HsrpDoor {
  readonly #udp = new UdpSocket({ family: 4, port: HSRP_PORT.ipv4, reuseAddress: true, multicastLoop: false });
  readonly #joined = new Set<string>();

  get fds(): number[] {
    return [this.#udp.fd];
  }

  /** Hears a version's packets on an interface. To ask again is no harm. */
  join(version: 1 | 2, linkIndex: number): void {
    const key = `${version} ${linkIndex}`;
    if (this.#joined.has(key)) return;
    const group = parseIp(HSRP_GROUPS[version]);
    invariant(group !== undefined, "HSRP's group is an address");
    this.#udp.join(group, linkIndex);
    this.#joined.add(key);
  }

  /** An interface that is gone takes its memberships along; its number may come back. */
  forget(linkIndex: number): void {
    for (const key of this.#joined) if (key.endsWith(` ${linkIndex}`)) this.#joined.delete(key);
  }

  *receive(): Generator<{ readonly linkIndex: number; readonly datagram: HsrpDatagram }> {
    for (let count = 0; count < MOST_A_TURN; count++) {
      const received = this.#udp.receive();
      if (received === undefined) return;
      const { from, fromPort, to, ttl, linkIndex, octets } = received;
      if (to === undefined || linkIndex === undefined) continue;
      yield { linkIndex, datagram: { source: from, destination: to, sourcePort: fromPort, ttl, octets } };
    }
  }

  close(): void {
    this.#udp.close();
  }
}
