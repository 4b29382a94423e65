/**
 * The host's links, addresses and main routing table as the configuration sees them: read, changed step by step,
 * watched.
 */
import { type KernelRoute, type KernelView, STATIC_ROUTE_PROTOCOL } from "../core/net/kernel-view.ts";
import type { NetStep, PlannedRoute } from "../core/net/net-steps.ts";
import { STEERING_MARK } from "../core/net/steering.ts";
import type { IpAddress } from "../core/wire/address.ts";
import { addAddress, listAddresses, removeAddress } from "./netlink/address.ts";
import { RouteTable } from "./netlink/constants.ts";
import { type Link, listLinks, setLink } from "./netlink/link.ts";
import { RtnetlinkMonitor } from "./netlink/monitor.ts";
import type { Request } from "./netlink/request.ts";
import { addRoute, listRoutes, type NewRoute, type Route, removeRoute, sourceTowards } from "./netlink/route.ts";
import { Rtnetlink } from "./netlink/rtnetlink.ts";
import { readSysctl, writeSysctl } from "./sysctl.ts";
import { errorCode } from "./system-call.ts";

const FORWARDING = "ipv4/ip_forward";

/** The first change is told at once, because tracking waits for it; those that follow faster than this, together. */
const BURST_MS = 20;

export class LinuxNet {
  readonly #rtnetlink = new Rtnetlink();
  #monitor: RtnetlinkMonitor | undefined;
  #burst: NodeJS.Timeout | undefined;
  #more = false;

  /** Reads everything afresh, and of the settings those that are asked for. Throws a `SystemError`. */
  view(settings: Iterable<string> = []): KernelView {
    return {
      links: this.#rtnetlink.request(listLinks()).map(kernelLink),
      addresses: this.#rtnetlink.request(listAddresses()),
      routes: this.#rtnetlink
        .request(listRoutes(RouteTable.main))
        .map(kernelRoute)
        .filter(route => route !== undefined),
      forwarding: readSysctl(FORWARDING) === "1",
      settings: readSettings(settings),
    };
  }

  /**
   * From which address packets go there that no crypto map turns aside: that of the interface which they leave by.
   * Where only a tunnel leads there, what the kernel takes; `undefined` where nothing does. Throws a `SystemError`.
   */
  sourceTowards(destination: IpAddress): IpAddress | undefined {
    return this.#rtnetlink.request(sourceTowards(destination, STEERING_MARK));
  }

  /** Carries out one step. CAP_NET_ADMIN. Throws a `SystemError`. */
  perform(step: NetStep): void {
    if (step.do === "set-forwarding") writeSysctl(FORWARDING, step.on ? 1 : 0);
    else if (step.do === "set-sysctl") writeSysctl(step.key, step.value);
    else this.#rtnetlink.request(requestOf(step));
  }

  /** Content when it is gone. CAP_NET_ADMIN. Throws a `SystemError`. */
  takeLinkDown(index: number): void {
    try {
      this.#rtnetlink.request(setLink({ index, up: false }));
    } catch (error) {
      if (errorCode(error) !== "ENODEV") throw error;
    }
  }

  /** Calls back after something changed, twice at most for a burst; does not keep the process alive. */
  onChange(listener: () => void): void {
    this.#monitor?.close();
    const subjects = ["link", "ipv4Address", "ipv6Address", "ipv4Route", "ipv6Route"] as const;
    this.#monitor = new RtnetlinkMonitor(subjects, () => this.#tell(listener));
    this.#monitor.unref();
  }

  #tell(listener: () => void): void {
    this.#more = this.#burst !== undefined;
    if (this.#more) return;
    this.#burst = setTimeout(() => {
      this.#burst = undefined;
      if (this.#more) this.#tell(listener);
    }, BURST_MS).unref();
    // Not in the middle of what the kernel is still telling.
    setImmediate(listener);
  }

  close(): void {
    clearTimeout(this.#burst);
    this.#monitor?.close();
    this.#rtnetlink.close();
  }
}

/** Those that are there. */
function readSettings(keys: Iterable<string>): Map<string, string> {
  const found = new Map<string, string>();
  for (const key of keys) {
    try {
      found.set(key, readSysctl(key));
    } catch (error) {
      // An interface that is gone took its settings along.
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }
  return found;
}

function requestOf(step: Exclude<NetStep, { do: "set-forwarding" | "set-sysctl" }>): Request<void> {
  switch (step.do) {
    case "set-link":
      return setLink({
        index: step.index,
        ...(step.up !== undefined && { up: step.up }),
        ...(step.mtu !== undefined && { mtu: step.mtu }),
        ...(step.group !== undefined && { group: step.group }),
      });
    case "add-address":
      return addAddress({ linkIndex: step.index, prefix: step.prefix });
    case "remove-address":
      return removeAddress(step.index, step.prefix);
    case "add-route":
      return addRoute(newRoute(step.route));
    case "remove-route":
      return removeRoute(newRoute(step.route));
  }
  return step satisfies never;
}

function newRoute(route: PlannedRoute): NewRoute {
  return {
    prefix: route.prefix,
    kind: route.kind,
    ...(route.via !== undefined && { via: route.via }),
    ...(route.linkIndex !== undefined && { linkIndex: route.linkIndex }),
    metric: route.metric,
    protocol: STATIC_ROUTE_PROTOCOL,
  };
}

function kernelLink(link: Link): KernelView["links"][number] {
  const { index, name, up, carrier, mtu, group, macAddress, counters } = link;
  return { index, device: name, up, carrier, mtu, group, macAddress, counters };
}

function kernelRoute(route: Route): KernelRoute | undefined {
  const { prefix, kind, metric, protocol } = route;
  if (kind !== "unicast" && kind !== "blackhole" && kind !== "unreachable") return undefined;
  // Of a multipath route the first path stands for all.
  const path = route.paths[0];
  return { prefix, kind, via: path?.via, linkIndex: path?.linkIndex, metric, protocol };
}
