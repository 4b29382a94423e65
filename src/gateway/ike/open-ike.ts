/** Puts IKE together: the engine with its cryptography, its sockets, the pool, the Child SAs, and reverse routes. */
import type { Debugging } from "../../cli/gateway-port.ts";
import type { Config } from "../../core/config/config.ts";
import { IkeEngine } from "../../core/ike/engine.ts";
import { encodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import { wantedReverseRoutes } from "../../core/ipsec/reverse-routes.ts";
import { DebugSwitches } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { monotonicMs } from "../../linux/clock.ts";
import { MainTable } from "../../linux/main-routes.ts";
import { nodePrimitives } from "../../linux/node-primitives.ts";
import { CryptoPool } from "../crypto-pool/crypto-pool.ts";
import type { DataPlaneService } from "../data-plane/data-plane-service.ts";
import { memberOf } from "../data-plane/fast-path-door.ts";
import type { Outlet } from "../outlet.ts";
import { IkeService } from "./ike-service.ts";
import type { KeyLog } from "./key-log.ts";
import { ReverseRouteKeeper } from "./reverse-route-keeper.ts";
import { RouteLinger } from "./route-linger.ts";

export interface IkeParts {
  readonly dataPlane: DataPlaneService;
  readonly outlet: Outlet;
  readonly report: (event: LogEvent) => void;
  readonly keyLog: KeyLog | undefined;
}

export interface OpenedIke {
  readonly service: IkeService;
  readonly debugging: Debugging;
  /** The configuration, the host, or who is active is another. */
  followRoutes(): void;
  configure(config: Config): string[];
  close(): void;
}

export function openIke({ dataPlane, outlet, report, keyLog }: IkeParts): OpenedIke {
  const pool = new CryptoPool();
  const table = new MainTable();
  const routes = new ReverseRouteKeeper(table, report);
  const linger = new RouteLinger();
  const switches = new DebugSwitches();
  let lingering: NodeJS.Timeout | undefined;
  let following = false;
  let closed = false;
  const follow = (): void => {
    following = false;
    if (closed) return;
    const up = [...dataPlane.children].map(({ child }) => child);
    const permits = dataPlane.spd.protected.map(({ traffic }) => traffic);
    const owners = permits.map(each => each.owner);
    const now = monotonicMs();
    const led = linger.ledHere(owners, owner => dataPlane.isActive(owner), now);
    routes.follow(wantedReverseRoutes({ protected: permits, up, isActive: owner => led.has(owner) }));
    clearTimeout(lingering);
    if (linger.nextMs !== undefined) lingering = setTimeout(follow, linger.nextMs - now).unref();
  };
  /** Once, after all that belongs together is done. */
  const followRoutes = (): void => {
    if (following) return;
    following = true;
    setImmediate(follow);
  };
  const usage = (spi: number) => {
    const installed = dataPlane.children.find(spi);
    if (installed === undefined) return undefined;
    const [inbound, outbound] = dataPlane.plane?.counters([installed.inbound, installed.outbound]) ?? [];
    return { inboundMs: inbound?.lastUsedMs ?? 0, outboundMs: outbound?.lastUsedMs ?? 0 };
  };
  const service = new IkeService({
    engine: new IkeEngine({ primitives: nodePrimitives, facts: { usage }, jitter: Math.random }),
    children: dataPlane.children,
    spd: dataPlane.spd,
    plane: () => dataPlane.plane,
    keyedByHand: traffic => dataPlane.isKeyedByHand(traffic),
    outlet,
    compute: job => new Promise(resolve => pool.compute(job, resolve)),
    record: child => encodeChildSa(child, monotonicMs()),
    report,
    debug: line => {
      for (const event of switches.events(() => [line()], monotonicMs())) report(event);
    },
    installed: child => keyLog?.add(child),
    childrenChanged: followRoutes,
    member: memberOf,
    now: monotonicMs,
  });
  dataPlane.listen({ opened: plane => service.listen(plane), event: event => service.handleEvent(event) });
  return {
    service,
    debugging: {
      on: () => switches.on(),
      set: (flags, on) => {
        switches.set(flags, on);
        service.debugging = switches.on().has("isakmp");
      },
    },
    followRoutes,
    configure: config => {
      const { wanted } = dataPlane;
      followRoutes();
      return wanted === undefined ? [] : service.configure(config, wanted);
    },
    close: () => {
      closed = true;
      clearTimeout(lingering);
      service.close();
      pool.close();
      routes.follow([]);
      table.close();
    },
  };
}
