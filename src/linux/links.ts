/** Interfaces by name, and the macvlan that carries a virtual MAC address. */
import type { MacAddress } from "../core/wire/address.ts";
import { loadAddon } from "./addon.ts";
import { createLink, type Link, listLinks, removeLink, setLink } from "./netlink/link.ts";
import type { Rtnetlink } from "./netlink/rtnetlink.ts";
import { attempt, errorCode } from "./system-call.ts";

/** `undefined` when there is no such interface. */
export function linkIndexOf(name: string): number | undefined {
  const index = attempt("look up the interface", { name }, () => loadAddon().interfaceIndex(name));
  return index === 0 ? undefined : index;
}

export function linkNameOf(index: number): string | undefined {
  return attempt("look up the interface", { index }, () => loadAddon().interfaceName(index)) || undefined;
}

export interface VirtualMacLink {
  readonly name: string;
  readonly parent: number;
  readonly macAddress: MacAddress;
}

/**
 * A macvlan that is ready to be brought up and does nothing by itself: down, no ARP, no IPv6 address of its own.
 * Answers its index. One that a killed run
 * left behind under this name is removed first: what it was like is not known.
 */
export function createVirtualMacLink(rtnetlink: Rtnetlink, wanted: VirtualMacLink): number {
  const left = linkNamed(rtnetlink, wanted.name);
  if (left?.kind === "macvlan") rtnetlink.request(removeLink(left.index));
  const { name, parent, macAddress } = wanted;
  // Not private: the parent would then hear no multicast from another active, whose source is this same MAC address.
  rtnetlink.request(createLink({ kind: "macvlan", name, parent, mode: "bridge", macAddress, noArp: true }));
  const index = linkNamed(rtnetlink, name)?.index ?? 0;
  try {
    rtnetlink.request(setLink({ index, ipv6AddressGeneration: false }));
  } catch (error) {
    // A host without IPv6 generates none anyway.
    if (errorCode(error) !== "EAFNOSUPPORT" && errorCode(error) !== "EOPNOTSUPP") throw error;
  }
  return index;
}

function linkNamed(rtnetlink: Rtnetlink, name: string): Link | undefined {
  return rtnetlink.request(listLinks()).find(link => link.name === name);
}
