/**
 * The virtual addresses of one group on this host: on a macvlan with the virtual MAC address that is made beforehand
 * and only brought up by a takeover; or, where the interface's own MAC address is used, on the loopback interface.
 * CAP_NET_ADMIN.
 *
 * The kernel never answers ARP for them (the macvlan has none, and the parent answers for its own addresses alone),
 * so a gateway that hangs stops answering. They have a short life that is renewed (`address-keeper.ts`): a gateway
 * that is stopped for good gives them up by standing still. Measured on a veth, Linux 6.18, 2 busy cores, medians: up
 * 0.14 ms, an address 0.14 ms, down 16 ms, removal 34 ms. So a link is brought up here, and taken down by a thread
 * that nobody waits for.
 */
import { existsSync } from "node:fs";
import { gratuitousArp } from "../../core/hsrp/hsrp-frame.ts";
import type { HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import { unsolicitedAdvertisement } from "../../core/hsrp/neighbour-frame.ts";
import { type IpAddress, isIpv4, type MacAddress } from "../../core/wire/address.ts";
import { type Prefix, widthOf } from "../../core/wire/prefix.ts";
import { createVirtualMacLink } from "../../linux/links.ts";
import { removeAddress, replaceAddress } from "../../linux/netlink/address.ts";
import { removeLink, setLink } from "../../linux/netlink/link.ts";
import type { Request } from "../../linux/netlink/request.ts";
import type { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import { writeSysctl } from "../../linux/sysctl.ts";

/** After this the kernel drops an address by itself. */
const VALID_SECONDS = 3;
const LOOK_MS = 1_000;
/** Who stood still for so long may have missed a renewal. */
const STOOD_STILL_MS = 1_500;
/** A switch drops a single frame now and then; hosts that missed one ask again anyway. */
const ANNOUNCE_MS = [0, 100, 500, 1_000, 3_000] as const;
const LOOPBACK = 1;

export interface Parent {
  readonly index: number;
  readonly mac: MacAddress;
}

export interface VirtualAddressHost {
  /** Only under a fresh lease. */
  readonly sendAsActive: (frame: Uint8Array) => void;
  /** The link is to go down, soon and by somebody else. */
  readonly retireLink: (index: number) => void;
  /** To be asked for again and again while the lease is fresh; none ends it. */
  readonly keep: (changes: readonly Request<void>[], now: number) => void;
}

export class VirtualAddress {
  readonly mac: MacAddress;
  /** The macvlan; `undefined` where the interface's own MAC address is used. */
  readonly virtualLink: number | undefined;
  readonly #rtnetlink: Rtnetlink;
  readonly #host: VirtualAddressHost;
  #addresses: readonly IpAddress[] = [];
  #answering = false;
  #lookAt: number | undefined;
  #turnAt = Number.NaN;
  /** Whether the kernel has what was taken is not known any more. */
  #doubtful = false;
  #releaseAt: number | undefined;
  #announceAt: number[] = [];

  /** Throws a `SystemError`. */
  constructor(group: HsrpGroup, parent: Parent, rtnetlink: Rtnetlink, host: VirtualAddressHost) {
    this.#rtnetlink = rtnetlink;
    this.#host = host;
    this.mac = group.virtualMac ?? parent.mac;
    this.virtualLink =
      group.virtualMac && makeLink(rtnetlink, linkName(group, parent.index), parent.index, group.virtualMac);
  }

  /** Where the addresses are put. */
  get addressIndex(): number {
    return this.virtualLink ?? LOOPBACK;
  }

  /** All that are on this host, those of a grace included. */
  get addresses(): readonly IpAddress[] {
    return this.#addresses;
  }

  get next(): number | undefined {
    const times = [this.#lookAt, this.#releaseAt, this.#announceAt[0]].filter(at => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  answersFor(address: IpAddress): boolean {
    return this.#answering && this.#addresses.includes(address);
  }

  /** What is held already is not asked for again: each request may wait for others on this host. */
  take(addresses: readonly IpAddress[], now: number): void {
    const gone = this.#addresses.filter(each => !addresses.includes(each));
    const held = gone.length === 0 && addresses.length === this.#addresses.length && !this.#doubtful;
    if (this.#answering && held) return;
    if (gone.length > 0) this.#host.keep([], now);
    // Before the requests: one that is refused is tried again, too.
    this.#addresses = addresses;
    this.#answering = true;
    this.#releaseAt = undefined;
    this.#doubtful = false;
    this.#turnAt = now;
    this.#lookAt = addresses.length === 0 ? undefined : now + LOOK_MS;
    for (const each of gone) this.#remove(each);
    this.raiseLink();
    for (const change of this.#changes()) this.#rtnetlink.request(change);
  }

  /** The link must be up while an address is held, whoever took it down. */
  raiseLink(): void {
    if (this.virtualLink === undefined || this.#addresses.length === 0) return;
    this.#rtnetlink.request(setLink({ index: this.virtualLink, up: true }));
  }

  /** Answers for nothing from now on; what still arrives for the addresses is taken until the grace is over. */
  release(graceMs: number, now: number): void {
    this.#answering = false;
    this.#announceAt = [];
    this.#lookAt = undefined;
    this.#releaseAt = now + graceMs;
    if (graceMs <= 0) this.handleTimeouts(now);
  }

  announce(now: number): void {
    this.#announceAt = ANNOUNCE_MS.map(after => now + after);
    this.handleTimeouts(now);
  }

  handleTimeouts(now: number): void {
    if (now - this.#turnAt > STOOD_STILL_MS) this.#doubtful = true;
    this.#turnAt = now;
    if (this.#lookAt !== undefined && this.#lookAt <= now) this.#look(now);
    if (this.#releaseAt !== undefined && this.#releaseAt <= now) this.#letGo();
    if (this.#announceAt[0] === undefined || this.#announceAt[0] > now) return;
    this.#announceAt = this.#announceAt.filter(at => at > now);
    for (const address of this.#addresses) {
      const frame = isIpv4(address) ? gratuitousArp(address, this.mac) : unsolicitedAdvertisement(address, this.mac);
      this.#host.sendAsActive(frame);
    }
  }

  close(): void {
    this.#letGo();
    if (this.virtualLink !== undefined) this.#rtnetlink.request(removeLink(this.virtualLink));
  }

  /** The addresses go first: from then on the kernel is silent about them. */
  #letGo(): void {
    this.#releaseAt = undefined;
    this.#lookAt = undefined;
    this.#answering = false;
    const held = this.#addresses;
    this.#addresses = [];
    // First, or what is removed here would be put back there.
    this.#host.keep([], 0);
    for (const address of held) this.#remove(address);
    if (this.virtualLink !== undefined && held.length > 0) this.#host.retireLink(this.virtualLink);
  }

  /** The owner, and with it the lease, may be another by now. */
  #look(now: number): void {
    this.#lookAt = now + LOOK_MS;
    this.#host.keep(this.#changes(), now);
  }

  #changes(): Request<void>[] {
    const linkIndex = this.addressIndex;
    return this.#addresses.map(address => {
      const wanted = { linkIndex, prefix: hostPrefix(address), validSeconds: VALID_SECONDS, noPrefixRoute: true };
      return replaceAddress({ ...wanted, noDuplicateDetection: true });
    });
  }

  #remove(address: IpAddress): void {
    this.#rtnetlink.request(removeAddress(this.addressIndex, hostPrefix(address)));
  }
}

/** By its name: what a killed run left behind is told from everybody else's. */
export function isVirtualLink(name: string): boolean {
  return /^(hsrp|hs6-)\d+\.\d+$/.test(name);
}

/** At most 15 octets, with four digits for the group and five for the interface. */
function linkName({ settings }: HsrpGroup, parent: number): string {
  return `${isIpv4(settings.address) ? "hsrp" : "hs6-"}${settings.group}.${parent}`;
}

function makeLink(rtnetlink: Rtnetlink, name: string, parent: number, macAddress: MacAddress): number {
  const index = createVirtualMacLink(rtnetlink, { name, parent, macAddress });
  // What arrives here has its route back through the parent; 2 asks only that it has one, and outweighs a 1 for all.
  writeSysctl(`ipv4/conf/${name}/rp_filter`, 2);
  writeSysctl(`ipv4/conf/${name}/send_redirects`, 0);
  // Nothing but what we put there: no addresses and routes out of what other routers advertise.
  if (existsSync("/proc/sys/net/ipv6")) writeSysctl(`ipv6/conf/${name}/accept_ra`, 0);
  return index;
}

function hostPrefix(address: IpAddress): Prefix {
  return { address, length: widthOf(address) };
}
