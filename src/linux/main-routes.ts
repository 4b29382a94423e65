/** Routes of the kernel's main table, for whoever keeps some of them. CAP_NET_ADMIN to change it. */
import type { IpAddress } from "../core/wire/address.ts";
import type { Prefix } from "../core/wire/prefix.ts";
import { RouteTable } from "./netlink/constants.ts";
import { addRoute, listRoutes, removeRoute } from "./netlink/route.ts";
import { Rtnetlink } from "./netlink/rtnetlink.ts";

export interface MainRoute {
  readonly prefix: Prefix;
  readonly protocol: number;
  readonly metric: number;
  readonly via: IpAddress | undefined;
  readonly linkIndex: number | undefined;
  /** What a routing daemon may tell it by. */
  readonly realm: number | undefined;
}

export class MainTable {
  readonly #rtnetlink = new Rtnetlink();

  /** Those with one path. Throws a `SystemError`. */
  routes(): MainRoute[] {
    return this.#rtnetlink
      .request(listRoutes(RouteTable.main))
      .flatMap(({ prefix, protocol, metric, realm, paths }) => {
        const [path, ...others] = paths;
        if (path === undefined || others.length > 0) return [];
        return [{ prefix, protocol, metric, via: path.via, linkIndex: path.linkIndex, realm }];
      });
  }

  /** Throws a `SystemError`. */
  add(route: MainRoute): void {
    this.#rtnetlink.request(addRoute(kernelRoute(route)));
  }

  /** Content when it is gone already. Throws a `SystemError`. */
  remove(route: MainRoute): void {
    this.#rtnetlink.request(removeRoute(kernelRoute(route)));
  }

  close(): void {
    this.#rtnetlink.close();
  }
}

function kernelRoute({ prefix, protocol, metric, via, linkIndex, realm }: MainRoute): Parameters<typeof addRoute>[0] {
  return {
    prefix,
    protocol,
    metric,
    ...(via !== undefined && { via }),
    ...(linkIndex !== undefined && { linkIndex }),
    ...(realm !== undefined && { realm }),
  };
}
