/**
 * IKE's own sockets: UDP 500 of every address that a crypto map speaks from, virtual ones before this host has them.
 * UDP 4500 is the data plane's, which hands IKE its share (RFC 3948 section 2.2).
 *
 * They are marked, so that steering lets them by, and bound to one address each: what goes out has it as source.
 */
import type { IkeMessageDatagram } from "../../core/ike/ike-port.ts";
import { STEERING_MARK } from "../../core/net/steering.ts";
import { familyOf, type IpAddress } from "../../core/wire/address.ts";
import { loadAddon, type Watch } from "../../linux/addon.ts";
import { errorCode } from "../../linux/system-call.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";

export const IKE_PORT = 500;
/** So many before the event loop has its turn. */
const BURST = 256;
/** What a peer's absence or a missing route makes of a datagram: it is lost, and IKE sends it again. */
const LOST = ["ENETUNREACH", "EHOSTUNREACH", "ENETDOWN", "EADDRNOTAVAIL", "ECONNREFUSED", "EPERM", "EINVAL", "ENOBUFS"];

interface Opened {
  readonly socket: UdpSocket;
  readonly watch: Watch;
}

export class IkeSockets {
  readonly #opened = new Map<IpAddress, Opened>();
  readonly #received: (datagram: IkeMessageDatagram) => void;

  constructor(received: (datagram: IkeMessageDatagram) => void) {
    this.#received = received;
  }

  /** Those of `addresses` are open from now on, others are not. Throws a `SystemError`: CAP_NET_BIND_SERVICE. */
  follow(addresses: ReadonlySet<IpAddress>): void {
    for (const [address, opened] of this.#opened) if (!addresses.has(address)) this.#close(address, opened);
    for (const address of addresses) if (!this.#opened.has(address)) this.#open(address);
  }

  send({ local, remote, remotePort, octets }: IkeMessageDatagram): void {
    const opened = this.#opened.get(local);
    if (opened === undefined) return;
    try {
      opened.socket.send(octets, { to: remote, port: remotePort, from: local });
    } catch (error) {
      if (!LOST.includes(errorCode(error) ?? "")) throw error;
    }
  }

  close(): void {
    this.follow(new Set());
  }

  #open(address: IpAddress): void {
    const family = familyOf(address);
    const socket = new UdpSocket({
      family,
      address,
      port: IKE_PORT,
      freebind: true,
      reuseAddress: true,
      mark: STEERING_MARK,
    });
    const watch = new (loadAddon().Watch)(socket.fd, () => this.#receive(address, socket));
    watch.unref();
    this.#opened.set(address, { socket, watch });
  }

  #close(address: IpAddress, { socket, watch }: Opened): void {
    watch.close();
    socket.close();
    this.#opened.delete(address);
  }

  #receive(local: IpAddress, socket: UdpSocket): void {
    for (let count = 0; count < BURST; count++) {
      const datagram = received(socket);
      if (datagram === "lost") continue;
      if (datagram === undefined) return;
      const { octets, from, fromPort } = datagram;
      this.#received({ local, localPort: IKE_PORT, remote: from, remotePort: fromPort, octets });
      // Whoever heard it may have closed everything.
      if (this.#opened.get(local)?.socket !== socket) return;
    }
  }
}

/** An ICMP error that came for an earlier datagram is told once, and means nothing here. */
function received(socket: UdpSocket): ReturnType<UdpSocket["receive"]> | "lost" {
  try {
    return socket.receive();
  } catch (error) {
    if (LOST.includes(errorCode(error) ?? "")) return "lost";
    throw error;
  }
}
