/**
 * Frames of one interface, past the kernel's IP: what ARP, ND and hellos with a MAC address of their own need.
 * CAP_NET_RAW.
 */
import { type MacAddress, macFromOctets, macToOctets } from "../core/wire/address.ts";
import { type BpfInstruction, encodeBpf } from "./bpf.ts";
import { Descriptor, openWith } from "./descriptor.ts";
import { attempt } from "./system-call.ts";

/** `none` hears nothing, for sockets that only send. */
export const EtherType = { none: 0, all: 0x0003, ipv4: 0x0800, arp: 0x0806, ipv6: 0x86dd } as const;

/** In the place of an interface: hears all of them, and sends by none. */
export const EVERY_LINK = 0;

export interface PacketOptions {
  readonly linkIndex: number;
  readonly etherType: number;
  /** Frames with their Ethernet header, or payloads with the MAC address beside them. */
  readonly kind: "frames" | "payloads";
  /** Attached before the first frame can arrive. */
  readonly filter?: readonly BpfInstruction[];
  /** Whether frames that this host sends are heard as well; the kernel shows them to `EtherType.all` only. */
  readonly hearOutgoing?: boolean;
}

export interface Packet {
  /** The socket's own copy. */
  readonly octets: Uint8Array;
  readonly linkIndex: number;
  readonly etherType: number;
  /** As the kernel judged by the destination's MAC address. */
  readonly addressedTo: "us" | "everybody" | "group" | "another" | "outgoing" | "unknown";
  readonly from: MacAddress | undefined;
  /** It was longer than the buffer. */
  readonly cut: boolean;
}

const META_OCTETS = 16;
const BUFFER_OCTETS = 65_536;
const MAC_OCTETS = 6;
/** PACKET_HOST and so on, in their order. */
const ADDRESSED_TO = ["us", "everybody", "group", "another", "outgoing"] as const;

export class PacketSocket extends Descriptor {
  readonly #linkIndex: number;
  readonly #etherType: number;
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);
  readonly #meta = new Uint8Array(META_OCTETS);
  readonly #metaView = new DataView(this.#meta.buffer);

  /** Throws a `SystemError`. */
  constructor(options: PacketOptions) {
    const { linkIndex, etherType, kind, filter, hearOutgoing = false } = options;
    super(addon =>
      attempt("open a packet socket", { interface: linkIndex, etherType }, () =>
        openWith(
          addon,
          () => addon.packetOpen(kind === "frames"),
          fd => {
            if (filter) addon.attachFilter(fd, encodeBpf(filter));
            if (!hearOutgoing) addon.setOption(fd, "ignoreOutgoing", 1);
            addon.packetBind(fd, linkIndex, etherType);
          },
        ),
      ),
    );
    this.#linkIndex = linkIndex;
    this.#etherType = etherType;
  }

  /** A frame as it stands, or a payload to `to`. False when the kernel has no room now. Throws a `SystemError`. */
  send(octets: Uint8Array, to?: MacAddress): boolean {
    const mac = to === undefined ? null : macToOctets(to);
    const context = { interface: this.#linkIndex, octets: octets.length };
    return attempt(
      "send a frame",
      context,
      () => this.addon.packetSend(this.fd, this.#linkIndex, this.#etherType, mac, octets) >= 0,
    );
  }

  /** `undefined` when there is none. Throws a `SystemError`: ENETDOWN once when the interface goes down. */
  receive(): Packet | undefined {
    const length = attempt("receive a frame", { interface: this.#linkIndex }, () =>
      this.addon.packetReceive(this.fd, this.#buffer, this.#meta),
    );
    if (length < 0) return undefined;
    const hasMac = this.#metaView.getUint8(7) === MAC_OCTETS;
    return {
      octets: this.#buffer.slice(0, Math.min(length, BUFFER_OCTETS)),
      linkIndex: this.#metaView.getUint32(0, true),
      etherType: this.#metaView.getUint16(4, true),
      addressedTo: ADDRESSED_TO[this.#metaView.getUint8(6)] ?? "unknown",
      from: hasMac ? macFromOctets(this.#meta.subarray(8, 8 + MAC_OCTETS)) : undefined,
      cut: length > BUFFER_OCTETS,
    };
  }

  /** Lets the interface's hardware accept a MAC address that is not its own. */
  accept(mac: MacAddress): void {
    this.#membership("accept the MAC address", mac, true);
  }

  refuse(mac: MacAddress): void {
    this.#membership("refuse the MAC address", mac, false);
  }

  #membership(doing: string, mac: MacAddress, join: boolean): void {
    const context = { mac, interface: this.#linkIndex };
    attempt(doing, context, () => this.addon.packetMembership(this.fd, this.#linkIndex, macToOctets(mac), join));
  }
}
