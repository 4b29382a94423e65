/**
 * The sockets of the beacons: one for each local address and port of a path, one for each port that hears the segments,
 * and one for each segment that is spoken to.
 *
 * An address of a path may come and go with its interface: the sockets stay (freebind), and what cannot be sent is
 * lost.
 */

import { invariant } from "../../core/errors.ts";
import type { BeaconPath, BeaconSegment, BeaconTarget, SchemeSettings } from "../../core/gate/liveness-port.ts";
import { STEERING_MARK } from "../../core/net/steering.ts";
import { type Ipv4, parseIpv4 } from "../../core/wire/address.ts";
import type { HelloTarget } from "../../linux/hello-thread.ts";
import type { Datagram } from "../../linux/inet-socket.ts";
import { UdpSocket } from "../../linux/udp-socket.ts";

/** All routers of the segment. */
const EVERYBODY = parseIpv4("224.0.0.2");
const MOST_A_TURN = 256;

export class BeaconDoor {
  readonly #paths = new Map<string, UdpSocket>();
  /** By port. */
  readonly #groups = new Map<number, UdpSocket>();
  readonly #joined = new Set<string>();
  readonly #segments = new Map<number, UdpSocket>();
  #linkOf: (name: string) => number | undefined = () => undefined;

  get fds(): number[] {
    return [...this.#paths.values(), ...this.#groups.values()].map(each => each.fd);
  }

  /** Opens what is missing and closes what is no longer wanted. `links` are the groups' interfaces. */
  configure(
    schemes: readonly SchemeSettings[],
    links: readonly number[],
    linkOf: (name: string) => number | undefined,
  ): void {
    this.#linkOf = linkOf;
    const paths = schemes.flatMap(each => each.paths);
    keepOnly(this.#paths, new Set(paths.map(pathKey)));
    for (const path of paths) {
      if (!this.#paths.has(pathKey(path))) this.#paths.set(pathKey(path), openPath(path));
    }
    const ports = new Set(paths.map(each => each.localPort));
    keepOnly(this.#groups, ports);
    for (const port of ports) for (const link of links) this.#join(port, link);
  }

  /** Where the hello thread, or this one, sends to; `undefined` while the interface is not there. */
  target(to: BeaconTarget): HelloTarget | undefined {
    if (isSegment(to)) {
      const link = this.#linkOf(to.segment);
      if (link === undefined) return undefined;
      return { fd: this.#segment(link).fd, address: everybody(), port: to.remotePort };
    }
    const socket = this.#paths.get(pathKey(to));
    return socket && { fd: socket.fd, address: to.remote, port: to.remotePort };
  }

  send(to: BeaconTarget, octets: Uint8Array): void {
    if (isSegment(to)) {
      const link = this.#linkOf(to.segment);
      if (link !== undefined) this.#segment(link).send(octets, { to: everybody(), port: to.remotePort });
    } else {
      this.#paths.get(pathKey(to))?.send(octets, { to: to.remote, port: to.remotePort });
    }
  }

  *receive(): Generator<Datagram> {
    for (const socket of [...this.#paths.values(), ...this.#groups.values()]) {
      for (let count = 0; count < MOST_A_TURN; count++) {
        const datagram = socket.receive();
        if (datagram === undefined) break;
        yield datagram;
      }
    }
  }

  close(): void {
    for (const sockets of [this.#paths, this.#groups, this.#segments]) {
      for (const socket of sockets.values()) socket.close();
      sockets.clear();
    }
  }

  #join(port: number, link: number): void {
    // Bound to the group's address it hears nothing else.
    const options = { family: 4, address: everybody(), port, reuseAddress: true } as const;
    const socket = this.#groups.get(port) ?? new UdpSocket(options);
    this.#groups.set(port, socket);
    // Kept by the socket, not by its number: an interface that is gone takes its membership along.
    const key = `${socket.fd} ${link}`;
    if (!this.#joined.has(key)) socket.join(everybody(), link);
    this.#joined.add(key);
  }

  #segment(link: number): UdpSocket {
    const known = this.#segments.get(link);
    if (known !== undefined) return known;
    const socket = new UdpSocket({ family: 4, port: 0, multicastTtl: 1, multicastLoop: false, multicastLink: link });
    this.#segments.set(link, socket);
    return socket;
  }
}

export function isSegment(to: BeaconTarget): to is BeaconSegment {
  return "segment" in to;
}

function openPath(path: BeaconPath): UdpSocket {
  // Marked: a crypto map that protects everything must not take the beacons along. CAP_NET_ADMIN.
  const mark = STEERING_MARK;
  return new UdpSocket({
    family: 4,
    address: path.local,
    port: path.localPort,
    freebind: true,
    reuseAddress: true,
    mark,
  });
}

function everybody(): Ipv4 {
  invariant(EVERYBODY !== undefined, "224.0.0.2 is an address");
  return EVERYBODY;
}

function pathKey(path: BeaconPath): string {
  return `${path.local} ${path.localPort}`;
}

function keepOnly<K>(sockets: Map<K, UdpSocket>, wanted: ReadonlySet<K>): void {
  for (const [key, socket] of sockets) {
    if (wanted.has(key)) continue;
    socket.close();
    sockets.delete(key);
  }
}
