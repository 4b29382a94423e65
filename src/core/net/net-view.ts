/** Joins the configuration with the kernel's view, for `show`. */
import { compareInterfaces } from "../command/interface-name.ts";
import { isIpv4, isLinkLocal } from "../wire/address.ts";
import { formatPrefix, networkOf, widthOf } from "../wire/prefix.ts";
import {
  KERNEL_ROUTE_PROTOCOL,
  type KernelAddress,
  type KernelLink,
  type KernelRoute,
  type KernelView,
  REVERSE_ROUTE_PROTOCOL,
  STATIC_ROUTE_PROTOCOL,
} from "./kernel-view.ts";
import { type InterfaceModel, ipv4Prefixes, type NetModel } from "./net-model.ts";
import type { InterfaceAddress, InterfaceStatus, RouteStatus } from "./net-status.ts";
import { deviceOf } from "./wanted-net.ts";

/** The configured interfaces, in the order of `show ip interface brief`. */
export function interfaceStatuses(net: NetModel, kernel: KernelView): InterfaceStatus[] {
  return [...net.interfaces.values()]
    .sort((a, b) => compareInterfaces(a.name, b.name))
    .map(model => interfaceStatus(model, kernel));
}

function interfaceStatus(model: InterfaceModel, kernel: KernelView): InterfaceStatus {
  const device = deviceOf(model);
  const link = kernel.links.find(each => each.device === device);
  return {
    name: model.name,
    device,
    present: link !== undefined,
    shutdown: model.shutdown,
    up: link?.up ?? false,
    lineUp: link?.carrier ?? false,
    macAddress: link?.macAddress,
    mtu: link?.mtu,
    description: model.description,
    addresses: addressesOf(model, link, kernel.addresses),
    counters: link?.counters,
  };
}

/**
 * What the interface has; where it has no device, what it is to have. Addresses that others put there are shown too.
 */
function addressesOf(
  model: InterfaceModel,
  link: KernelLink | undefined,
  all: readonly KernelAddress[],
): InterfaceAddress[] {
  const configured = [...ipv4Prefixes(model), ...model.ipv6];
  const found = all
    .filter(each => each.linkIndex === link?.index)
    .map(each => each.prefix)
    .filter(prefix => isIpv4(prefix.address) || !isLinkLocal(prefix.address));
  const prefixes = link === undefined ? configured : found;
  const primary = model.address ?? prefixes.find(prefix => isIpv4(prefix.address));
  return prefixes
    .map(prefix => ({
      prefix,
      secondary: isIpv4(prefix.address) && primary !== undefined && formatPrefix(prefix) !== formatPrefix(primary),
    }))
    .sort((a, b) => Number(a.secondary) - Number(b.secondary));
}

/** The main table, with the addresses of this gateway as local routes, as IOS shows them. */
export function routeStatuses(net: NetModel, kernel: KernelView): RouteStatus[] {
  const names = interfaceNames(net, kernel);
  const routes = kernel.routes.filter(route => route.kind !== "unreachable").map(route => routeStatus(route, names));
  const locals = kernel.addresses
    .filter(
      ({ linkIndex, prefix }) =>
        names.has(linkIndex) && prefix.length < widthOf(prefix.address) && !isLinkLocal(prefix.address),
    )
    .map(
      ({ linkIndex, prefix }): RouteStatus => ({
        prefix: { address: prefix.address, length: widthOf(prefix.address) },
        source: "local",
        via: undefined,
        interface: names.get(linkIndex),
        distance: 0,
        metric: 0,
      }),
    );
  return [...routes, ...locals];
}

function routeStatus(route: KernelRoute, names: ReadonlyMap<number, string>): RouteStatus {
  const source = sourceOf(route);
  return {
    prefix: networkOf(route.prefix),
    source,
    via: route.via,
    interface: route.kind === "blackhole" ? "Null0" : names.get(route.linkIndex ?? -1),
    distance: source === "connected" ? 0 : source === "static" || source === "reverse" ? route.metric : 0,
    metric: source === "other" ? route.metric : 0,
  };
}

function sourceOf({ protocol, via }: KernelRoute): RouteStatus["source"] {
  switch (protocol) {
    case STATIC_ROUTE_PROTOCOL:
      return "static";
    case REVERSE_ROUTE_PROTOCOL:
      return "reverse";
    case KERNEL_ROUTE_PROTOCOL:
      return via === undefined ? "connected" : "other";
    default:
      return "other";
  }
}

/** By link index: the configured name where there is one, else the device's. */
function interfaceNames(net: NetModel, kernel: KernelView): Map<number, string> {
  const configured = new Map([...net.interfaces.values()].map(model => [deviceOf(model), model.name]));
  return new Map(kernel.links.map(link => [link.index, configured.get(link.device) ?? link.device]));
}
