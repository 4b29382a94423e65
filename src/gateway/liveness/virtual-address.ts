/**
 * The virtual address on this host: a macvlan with the virtual MAC address, made at the start, brought up only to take the
 * address and down again after it was given up. CAP_NET_ADMIN, CAP_NET_RAW.
 *
 * ARP for the address is answered here and never by the kernel, so that a gateway that hangs stops answering. The address has
 * a short life that is renewed: a gateway that is stopped for good gives it up by standing still.
 */

import { WireError } from "../../core/errors.ts";
import { arpAnswer, gratuitousArp } from "../../core/hsrp/hsrp-frame.ts";
import type { HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import { type Ipv4, isIpv4, type MacAddress } from "../../core/wire/address.ts";
import { arp } from "../../core/wire/arp-codec.ts";
import { decode, padded } from "../../core/wire/codec.ts";
import { createVirtualMacLink } from "../../linux/links.ts";
import { removeAddress, replaceAddress } from "../../linux/netlink/address.ts";
import { listLinks, removeLink, setLink } from "../../linux/netlink/link.ts";
import type { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import { EtherType, PacketSocket } from "../../linux/packet-socket.ts";

/** After this the kernel drops the address by itself. */
const VALID_SECONDS = 3;
const RENEW_MS = 1_000;
/** A switch drops a single frame now and then; hosts that missed one ask again anyway. */
const ANNOUNCE_MS = [0, 100, 500, 1_000, 3_000] as const;

export class VirtualAddress {
  readonly arpSocket: PacketSocket;
  readonly parentIndex: number;
  readonly ownMac: MacAddress;
  readonly #frames: PacketSocket;
  readonly #rtnetlink: Rtnetlink;
  readonly #group: HsrpGroup;
  readonly #linkIndex: number;
  #addresses: readonly Ipv4[] = [];
  #renewAt: number | undefined;
  #announceAt: number[] = [];

  /** Throws a `SystemError`. */
  constructor(group: HsrpGroup, parent: { index: number; mac: MacAddress }, rtnetlink: Rtnetlink) {
    this.#group = group;
    this.#rtnetlink = rtnetlink;
    this.parentIndex = parent.index;
    this.ownMac = parent.mac;
    this.#linkIndex = group.virtualMac === undefined ? parent.index : this.#makeLink(group.virtualMac);
    this.arpSocket = new PacketSocket({ linkIndex: parent.index, etherType: EtherType.arp, kind: "payloads" });
    this.#frames = new PacketSocket({ linkIndex: parent.index, etherType: EtherType.ipv4, kind: "frames" });
  }

  get mac(): MacAddress {
    return this.#group.virtualMac ?? this.ownMac;
  }

  /** The macvlan; `undefined` where the interface's own MAC address is used. */
  get virtualLink(): number | undefined {
    return this.#group.virtualMac === undefined ? undefined : this.#linkIndex;
  }

  get addressIndex(): number {
    return this.#linkIndex;
  }

  get addresses(): readonly Ipv4[] {
    return this.#addresses;
  }

  get next(): number | undefined {
    const times = [this.#renewAt, this.#announceAt[0]].filter(at => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** A whole frame onto the interface's segment; what the kernel has no room for now is lost, as frames are. */
  sendFrame(frame: Uint8Array): void {
    this.#frames.send(frame);
  }

  take(virtualAddress: Ipv4 | undefined, now: number): void {
    this.#addresses = [
      ...(virtualAddress === undefined ? [] : [virtualAddress]),
      ...this.#group.secondaries.filter(isIpv4),
    ];
    if (this.virtualLink !== undefined) this.#rtnetlink.request(setLink({ index: this.#linkIndex, up: true }));
    this.#renew(now);
  }

  /** The address goes first: from then on the kernel is silent about it. */
  release(): void {
    for (const address of this.#addresses) this.#rtnetlink.request(removeAddress(this.#linkIndex, host(address)));
    this.#addresses = [];
    this.#renewAt = undefined;
    this.#announceAt = [];
    if (this.virtualLink !== undefined) this.#rtnetlink.request(setLink({ index: this.#linkIndex, up: false }));
  }

  announce(now: number): void {
    this.#announceAt = ANNOUNCE_MS.map(after => now + after);
    this.handleTimeouts(now);
  }

  handleTimeouts(now: number): void {
    if (this.#renewAt !== undefined && this.#renewAt <= now) this.#renew(now);
    while (this.#announceAt[0] !== undefined && this.#announceAt[0] <= now) {
      this.#announceAt.shift();
      for (const address of this.#addresses) this.sendFrame(gratuitousArp(address, this.mac));
    }
  }

  /** Reads and answers what was asked; says who else claims an address of ours. */
  answerArp(): MacAddress[] {
    const claims: MacAddress[] = [];
    for (let packet = this.arpSocket.receive(); packet !== undefined; packet = this.arpSocket.receive()) {
      const question = decode(padded(arp), packet.octets, "arp");
      if (question instanceof WireError) continue;
      const { senderAddress, senderMac, targetAddress, operation } = question;
      if (this.#addresses.includes(senderAddress) && senderMac !== this.mac) claims.push(senderMac);
      const asked = operation === "request" && this.#addresses.includes(targetAddress);
      if (asked) this.sendFrame(arpAnswer(targetAddress, this.mac, { address: senderAddress, mac: senderMac }));
    }
    return claims;
  }

  close(): void {
    if (this.#addresses.length > 0) this.release();
    this.arpSocket.close();
    this.#frames.close();
    if (this.virtualLink !== undefined) this.#rtnetlink.request(removeLink(this.virtualLink));
  }

  #renew(now: number): void {
    for (const address of this.#addresses) {
      const wanted = {
        linkIndex: this.#linkIndex,
        prefix: host(address),
        validSeconds: VALID_SECONDS,
        noPrefixRoute: true,
      };
      this.#rtnetlink.request(replaceAddress(wanted));
    }
    this.#renewAt = this.#addresses.length === 0 ? undefined : now + RENEW_MS;
  }

  #makeLink(macAddress: MacAddress): number {
    const name = `hsrp${this.#group.settings.group}.${this.parentIndex}`;
    return createVirtualMacLink(this.#rtnetlink, { name, parent: this.parentIndex, macAddress });
  }
}

/** The interface that a group stands on; `undefined` when there is no such device. */
export function parentOf(rtnetlink: Rtnetlink, device: string): { index: number; mac: MacAddress } | undefined {
  const link = rtnetlink.request(listLinks()).find(each => each.name === device);
  return link?.macAddress === undefined ? undefined : { index: link.index, mac: link.macAddress };
}

export function virtualIpv4(address: string | undefined): Ipv4 | undefined {
  return address !== undefined && isIpv4(address as Ipv4) ? (address as Ipv4) : undefined;
}

function host(address: Ipv4): { address: Ipv4; length: number } {
  return { address, length: 32 };
}
