/** The host's main routing table, for who puts routes of a protocol of its own there. */
import { type IpAddress, isIpv4 } from "../core/wire/address.ts";
import type { Prefix } from "../core/wire/prefix.ts";
import { RouteTable } from "./netlink/constants.ts";
import { listRoutes, type NewRoute, removeRoute, replaceRoute } from "./netlink/route.ts";
import { Rtnetlink } from "./netlink/rtnetlink.ts";
import { errorCode } from "./system-call.ts";

/** A unicast route; of one with several paths the first stands for all. */
export interface MainRoute {
  readonly prefix: Prefix;
  readonly protocol: number;
  readonly metric: number;
  readonly via: IpAddress | undefined;
  readonly linkIndex: number | undefined;
}

export class LinuxMainTable {
  readonly #rtnetlink = new Rtnetlink();

  /** Of IPv4. Throws a `SystemError`. */
  routes(): MainRoute[] {
    return this.#rtnetlink.request(listRoutes(RouteTable.main)).flatMap(({ prefix, kind, metric, protocol, paths }) => {
      if (kind !== "unicast" || !isIpv4(prefix.address)) return [];
      const [path] = paths;
      return [{ prefix, protocol, metric, via: path?.via, linkIndex: path?.linkIndex }];
    });
  }

  /** CAP_NET_ADMIN. Throws a `SystemError`. */
  add(route: MainRoute): void {
    this.#rtnetlink.request(replaceRoute(newRoute(route)));
  }

  /** Content when it is gone. CAP_NET_ADMIN. Throws a `SystemError`. */
  remove(route: MainRoute): void {
    try {
      this.#rtnetlink.request(removeRoute(newRoute(route)));
    } catch (error) {
      if (errorCode(error) !== "ESRCH") throw error;
    }
  }

  close(): void {
    this.#rtnetlink.close();
  }
}

function newRoute({ prefix, protocol, metric, via, linkIndex }: MainRoute): NewRoute {
  return {
    prefix,
    kind: "unicast",
    metric,
    protocol,
    ...(via !== undefined && { via }),
    ...(linkIndex !== undefined && { linkIndex }),
  };
}
