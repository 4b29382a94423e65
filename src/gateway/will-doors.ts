/**
 * Carries out the last will of a gateway that died: its virtual addresses go first, so that this host's kernel is
 * silent about them, then everybody is told, then its macvlans go down. The parents stay as they are.
 *
 * Everything is open before it is needed. A step that fails does not keep the others from being tried. CAP_NET_ADMIN,
 * CAP_NET_RAW.
 */
import { parseIp } from "../core/wire/address.ts";
import { parsePrefix } from "../core/wire/prefix.ts";
import { removeAddress } from "../linux/netlink/address.ts";
import { setLink } from "../linux/netlink/link.ts";
import { Rtnetlink } from "../linux/netlink/rtnetlink.ts";
import { EtherType, PacketSocket } from "../linux/packet-socket.ts";
import { UdpSocket } from "../linux/udp-socket.ts";
import type { WillDatagram, WillOfGroup } from "./last-will.ts";

export class WillDoors {
  readonly #rtnetlink = new Rtnetlink();
  readonly #udp = new UdpSocket({ family: 4, port: 0, multicastTtl: 1, freebind: true });
  readonly #frames = new Map<number, PacketSocket>();
  #groups: readonly WillOfGroup[] = [];
  readonly #links: number[] = [];

  get isEmpty(): boolean {
    return this.#groups.length === 0;
  }

  /** Opens what this will needs and closes what only the last one needed. */
  prepare(groups: readonly WillOfGroup[]): void {
    this.#groups = groups;
    const parents = new Set(groups.map(each => each.parent));
    for (const [parent, socket] of this.#frames) {
      if (parents.has(parent)) continue;
      socket.close();
      this.#frames.delete(parent);
    }
    for (const parent of parents) {
      if (!this.#frames.has(parent)) tried(() => this.#frames.set(parent, openFrames(parent)));
    }
  }

  /** Once; afterwards there is no will, but links to take down. `silently` sends nothing. Answers what failed. */
  carryOut(silently: boolean): string[] {
    const groups = this.#groups;
    this.#groups = [];
    const failures: (string | undefined)[] = [];
    for (const { addressLink, addresses } of groups) {
      for (const text of addresses) failures.push(tried(() => this.#removeAddress(addressLink, text)));
    }
    if (!silently) {
      for (const { parent, frames } of groups) {
        for (const frame of frames) failures.push(tried(() => void this.#frames.get(parent)?.send(octetsOf(frame))));
      }
      for (const { datagrams } of groups) {
        for (const datagram of datagrams) failures.push(tried(() => this.#send(datagram)));
      }
    }
    this.#links.push(...groups.flatMap(({ virtualLink }) => virtualLink ?? []));
    return failures.filter(each => each !== undefined);
  }

  /** What arrives for the virtual MAC address is taken until then; it lasts some 15 ms a link. */
  takeLinksDown(): void {
    for (const index of this.#links.splice(0)) {
      tried(() => this.#rtnetlink.request(setLink({ index, up: false })));
    }
  }

  #removeAddress(link: number, text: string): void {
    const prefix = parsePrefix(text);
    if (prefix !== undefined) this.#rtnetlink.request(removeAddress(link, prefix));
  }

  #send({ to, port, from, link, octets }: WillDatagram): void {
    const destination = parseIp(to);
    if (destination === undefined) return;
    const source = from === undefined ? undefined : parseIp(from);
    this.#udp.send(octetsOf(octets), {
      to: destination,
      port,
      ...(source !== undefined && { from: source }),
      ...(link !== undefined && { linkIndex: link }),
    });
  }
}

function openFrames(parent: number): PacketSocket {
  return new PacketSocket({ linkIndex: parent, etherType: EtherType.none, kind: "frames" });
}

function octetsOf(hexadecimal: string): Uint8Array {
  return new Uint8Array(Buffer.from(hexadecimal, "hex"));
}

function tried(body: () => void): string | undefined {
  try {
    body();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
