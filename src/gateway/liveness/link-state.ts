/**
 * Which interfaces can carry a group now: the device is there, up, has a carrier and the address that the group speaks
 * from; one of IPv6 does not count while the kernel still asks whether somebody else has it. The liveness thread hears
 * of it from the kernel itself, so that a cable that is pulled moves the group at once.
 */
import type { HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import type { IpAddress } from "../../core/wire/address.ts";
import { listAddresses } from "../../linux/netlink/address.ts";
import { type Link, listLinks } from "../../linux/netlink/link.ts";
import { type Change, RtnetlinkMonitor } from "../../linux/netlink/monitor.ts";
import type { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import type { Parent } from "./virtual-address.ts";

export class LinkState {
  readonly #rtnetlink: Rtnetlink;
  readonly #monitor = new RtnetlinkMonitor(["link", "ipv4Address", "ipv6Address"]);
  readonly #links = new Map<number, Link>();
  readonly #addresses = new Map<number, Set<IpAddress>>();

  /** Throws a `SystemError`. */
  constructor(rtnetlink: Rtnetlink) {
    this.#rtnetlink = rtnetlink;
    this.#readAll();
  }

  get fd(): number {
    return this.#monitor.fd;
  }

  /** Takes what the kernel has told since; says whether anything came. */
  refresh(): boolean {
    let changed = false;
    for (const change of this.#monitor.read()) {
      changed = true;
      this.#take(change);
    }
    return changed;
  }

  parentOf(device: string): Parent | undefined {
    const link = this.#named(device);
    return link?.macAddress && { index: link.index, mac: link.macAddress };
  }

  canCarry(group: HsrpGroup): boolean {
    const link = this.#named(group.device);
    if (link === undefined || !link.up || !link.carrier) return false;
    return this.#addresses.get(link.index)?.has(group.settings.address) ?? false;
  }

  isDown(index: number): boolean {
    return this.#links.get(index)?.up === false;
  }

  /** Macvlans that an earlier run left behind. */
  leftovers(isOurs: (name: string) => boolean): Link[] {
    return [...this.#links.values()].filter(link => link.kind === "macvlan" && isOurs(link.name));
  }

  close(): void {
    this.#monitor.close();
  }

  #named(device: string): Link | undefined {
    for (const link of this.#links.values()) if (link.name === device) return link;
    return undefined;
  }

  #readAll(): void {
    this.#links.clear();
    this.#addresses.clear();
    for (const link of this.#rtnetlink.request(listLinks())) this.#links.set(link.index, link);
    for (const { linkIndex, prefix, tentative } of this.#rtnetlink.request(listAddresses())) {
      if (!tentative) this.#addressesOf(linkIndex).add(prefix.address);
    }
  }

  #take(change: Change): void {
    if (change.kind === "overrun") this.#readAll();
    if (change.kind === "link" && change.removed) {
      this.#links.delete(change.link.index);
      this.#addresses.delete(change.link.index);
    } else if (change.kind === "link") {
      this.#links.set(change.link.index, change.link);
    } else if (change.kind === "address") {
      const { linkIndex, prefix, tentative } = change.address;
      if (change.removed || tentative) this.#addressesOf(linkIndex).delete(prefix.address);
      else this.#addressesOf(linkIndex).add(prefix.address);
    }
  }

  #addressesOf(linkIndex: number): Set<IpAddress> {
    const known = this.#addresses.get(linkIndex) ?? new Set();
    this.#addresses.set(linkIndex, known);
    return known;
  }
}
