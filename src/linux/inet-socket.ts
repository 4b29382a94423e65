/**
 * What UDP and raw IP sockets share: options, groups, sending from a chosen address, receiving with all that is
 * known.
 */
import { type IpAddress, ipFromOctets, ipToOctets } from "../core/wire/address.ts";
import { type Addon, loadAddon } from "./addon.ts";
import { DATAGRAM_META_OCTETS, type DatagramMeta, readDatagramMeta } from "./datagram-meta.ts";
import { Descriptor } from "./descriptor.ts";
import { attempt } from "./system-call.ts";

export interface InetOptions {
  readonly family: 4 | 6;
  /** Hears and sends through this device alone. */
  readonly device?: string;
  readonly reuseAddress?: boolean;
  /** May be bound to an address that this host does not have yet. */
  readonly freebind?: boolean;
  /** May send from addresses that are not this host's. CAP_NET_ADMIN or CAP_NET_RAW. */
  readonly transparent?: boolean;
  /** For policy routing. CAP_NET_ADMIN or CAP_NET_RAW. */
  readonly mark?: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly multicastTtl?: number;
  /** The interface that multicast leaves by; routing chooses without it. */
  readonly multicastLink?: number;
  /** Whether this host hears its own multicast; it does by default. */
  readonly multicastLoop?: boolean;
}

export interface Datagram extends DatagramMeta {
  /** The socket's own copy. */
  readonly octets: Uint8Array;
}

export interface SendTo {
  readonly to: IpAddress;
  readonly port?: number;
  /** The source address; routing chooses without it. */
  readonly from?: IpAddress;
  /** The interface to leave by. */
  readonly linkIndex?: number;
}

/** A datagram cannot be longer. */
const BUFFER_OCTETS = 65_536;

export abstract class InetSocket extends Descriptor {
  readonly family: 4 | 6;
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);
  readonly #meta = new Uint8Array(DATAGRAM_META_OCTETS);

  constructor(family: 4 | 6, open: (addon: Addon) => number) {
    super(open);
    this.family = family;
  }

  /** False when the kernel has no room for it now. Throws a `SystemError`. */
  send(octets: Uint8Array, target: SendTo): boolean {
    const { to, port = 0, from, linkIndex = 0 } = target;
    const source = from === undefined ? null : ipToOctets(from);
    const context = { to, port, octets: octets.length };
    return attempt(
      "send a datagram",
      context,
      () => this.addon.inetSend(this.fd, octets, ipToOctets(to), port, source, linkIndex) >= 0,
    );
  }

  /** `undefined` when there is none. Throws a `SystemError`. */
  receive(): Datagram | undefined {
    const length = attempt("receive a datagram", {}, () => this.addon.inetReceive(this.fd, this.#buffer, this.#meta));
    if (length < 0) return undefined;
    return { octets: this.#buffer.slice(0, length), ...readDatagramMeta(this.#meta) };
  }

  /** Receives a multicast group on one interface. */
  join(group: IpAddress, linkIndex: number): void {
    this.#membership("join the group", group, linkIndex, true);
  }

  leave(group: IpAddress, linkIndex: number): void {
    this.#membership("leave the group", group, linkIndex, false);
  }

  #membership(doing: string, group: IpAddress, linkIndex: number, join: boolean): void {
    const context = { group, interface: linkIndex };
    attempt(doing, context, () => this.addon.inetMembership(this.fd, ipToOctets(group), linkIndex, join));
  }
}

export function setInetOptions(addon: Addon, fd: number, options: InetOptions): void {
  const v4 = options.family === 4;
  addon.setOption(fd, v4 ? "packetInfo" : "v6PacketInfo", 1);
  addon.setOption(fd, v4 ? "receiveTtl" : "v6ReceiveHopLimit", 1);
  // Only the groups that this socket joined itself, not those of every other program here.
  addon.setOption(fd, v4 ? "multicastAll" : "v6MulticastAll", 0);
  if (options.reuseAddress) addon.setOption(fd, "reuseAddress", 1);
  if (options.freebind) addon.setOption(fd, v4 ? "freebind" : "v6Freebind", 1);
  if (options.transparent) addon.setOption(fd, v4 ? "transparent" : "v6Transparent", 1);
  if (options.mark !== undefined) addon.setOption(fd, "mark", options.mark);
  if (options.tos !== undefined && v4) addon.setOption(fd, "tos", options.tos);
  if (options.ttl !== undefined) addon.setOption(fd, v4 ? "ttl" : "v6HopLimit", options.ttl);
  if (options.multicastTtl !== undefined) {
    addon.setOption(fd, v4 ? "multicastTtl" : "v6MulticastHopLimit", options.multicastTtl);
  }
  if (options.multicastLink !== undefined) addon.multicastInterface(fd, options.family, options.multicastLink);
  if (options.multicastLoop !== undefined) {
    addon.setOption(fd, v4 ? "multicastLoop" : "v6MulticastLoop", options.multicastLoop ? 1 : 0);
  }
  if (options.device !== undefined) addon.bindToDevice(fd, options.device);
}

export function bindInet(fd: number, address: IpAddress, port: number, linkIndex = 0): void {
  const context = { address, port };
  attempt("bind the socket", context, () => loadAddon().inetBind(fd, ipToOctets(address), port, linkIndex));
}

export function anyAddress(family: 4 | 6): IpAddress {
  return ipFromOctets(new Uint8Array(family === 4 ? 4 : 16));
}
