/** Hears HSRP packets on the interfaces of the groups. They are sent as frames, by `group-door.ts`. */
import { invariant } from "../../core/errors.ts";
import { HSRP_GROUPS, HSRP_PORT, type HsrpDatagram } from "../../core/hsrp/hsrp-receive.ts";
import { parseIp } from "../../core/wire/address.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";

/** So that a storm of packets leaves time for everything else; the kernel keeps the rest, or loses it. */
const MOST_A_TURN = 256;

export class HsrpDoor {
  readonly #udp = new UdpSocket({ family: 4, port: HSRP_PORT.ipv4, reuseAddress: true, multicastLoop: false });
  /** Not before it is needed: a host may have no IPv6. */
  #udp6: UdpSocket | undefined;
  readonly #joined = new Set<string>();

  get fds(): number[] {
    return this.#sockets().map(each => each.fd);
  }

  /** Hears a version's packets, or those of IPv6, on an interface. To ask again is no harm. Throws a `SystemError`. */
  join(kind: keyof typeof HSRP_GROUPS, linkIndex: number): void {
    const key = `${kind} ${linkIndex}`;
    if (this.#joined.has(key)) return;
    const group = parseIp(HSRP_GROUPS[kind]);
    invariant(group !== undefined, "HSRP's group is an address");
    if (kind === "ipv6") {
      const options = { family: 6, port: HSRP_PORT.ipv6, reuseAddress: true, multicastLoop: false } as const;
      this.#udp6 ??= new UdpSocket(options);
      this.#udp6.join(group, linkIndex);
    } else this.#udp.join(group, linkIndex);
    this.#joined.add(key);
  }

  /** An interface that is gone takes its memberships along; its number may come back. */
  forget(linkIndex: number): void {
    for (const key of this.#joined) if (key.endsWith(` ${linkIndex}`)) this.#joined.delete(key);
  }

  *receive(): Generator<{ readonly linkIndex: number; readonly datagram: HsrpDatagram }> {
    for (const socket of this.#sockets()) {
      for (let count = 0; count < MOST_A_TURN; count++) {
        const received = socket.receive();
        if (received === undefined) break;
        const { from, fromPort, to, ttl, linkIndex, octets } = received;
        if (to === undefined || linkIndex === undefined) continue;
        yield { linkIndex, datagram: { source: from, destination: to, sourcePort: fromPort, ttl, octets } };
      }
    }
  }

  close(): void {
    for (const socket of this.#sockets()) socket.close();
  }

  #sockets(): UdpSocket[] {
    return this.#udp6 === undefined ? [this.#udp] : [this.#udp, this.#udp6];
  }
}
