/** Puts IKE together: the engine with its cryptography, its sockets, the pool, the Child SAs, and reverse routes. */
import type { Debugging } from "../../cli/gateway-port.ts";
import type { Config } from "../../core/config/config.ts";
import { IkeEngine } from "../../core/ike/engine.ts";
import type { IkeFacts } from "../../core/ike/ike-port.ts";
import { encodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import { PLAIN_OWNER } from "../../core/ipsec/security-association.ts";
import { DebugSwitches } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { monotonicMs } from "../../linux/clock.ts";
import { nodePrimitives } from "../../linux/node-primitives.ts";
import { CryptoPool } from "../crypto-pool/crypto-pool.ts";
import type { DataPlaneService } from "../data-plane/data-plane-service.ts";
import { memberOf } from "../data-plane/fast-path-door.ts";
import type { Outlet } from "../outlet.ts";
import { IkeService } from "./ike-service.ts";
import type { KeyLog } from "./key-log.ts";
import { RouteFollower } from "./route-follower.ts";

export interface IkeParts {
  readonly dataPlane: DataPlaneService;
  readonly outlet: Outlet;
  readonly speaks: (owner: string) => boolean;
  readonly report: (event: LogEvent) => void;
  readonly keyLog: KeyLog | undefined;
}

export interface OpenedIke {
  readonly service: IkeService;
  readonly debugging: Debugging;
  /** The configuration, the host, or who is active is another. */
  followRoutes(): void;
  /** This member is about to be the active of this owner. */
  expectRoutes(owner: string): void;
  configure(config: Config): string[];
  close(): void;
}

export function openIke({ dataPlane, outlet, speaks, report, keyLog }: IkeParts): OpenedIke {
  const pool = new CryptoPool();
  const routes = new RouteFollower(dataPlane, report);
  const switches = new DebugSwitches();
  const service = new IkeService({
    engine: new IkeEngine({ primitives: nodePrimitives, facts: factsOf(dataPlane), jitter: Math.random }),
    children: dataPlane.children,
    spd: dataPlane.spd,
    plane: () => dataPlane.plane,
    keyedByHand: traffic => dataPlane.isKeyedByHand(traffic),
    outlet,
    speaks: owner => owner === PLAIN_OWNER || speaks(owner),
    compute: job => new Promise(resolve => pool.compute(job, resolve)),
    record: child => encodeChildSa(child, monotonicMs()),
    report,
    debug: line => {
      for (const event of switches.events(() => [line()], monotonicMs())) report(event);
    },
    installed: child => keyLog?.add(child),
    childrenChanged: () => routes.follow(),
    member: memberOf,
    now: monotonicMs,
  });
  dataPlane.listen({ opened: plane => service.listen(plane), event: event => service.handleEvent(event) });
  return {
    service,
    debugging: debuggingOf(service, switches),
    followRoutes: () => routes.follow(),
    expectRoutes: owner => routes.expect(owner),
    configure: config => {
      const { wanted } = dataPlane;
      routes.follow();
      return wanted === undefined ? [] : service.configure(config, wanted);
    },
    close: () => {
      service.close();
      pool.close();
      routes.close();
    },
  };
}

function factsOf(dataPlane: DataPlaneService): IkeFacts {
  return {
    usage: spi => {
      const installed = dataPlane.children.find(spi);
      if (installed === undefined) return undefined;
      const [inbound, outbound] = dataPlane.plane?.counters([installed.inbound, installed.outbound]) ?? [];
      return { inboundMs: inbound?.lastUsedMs ?? 0, outboundMs: outbound?.lastUsedMs ?? 0 };
    },
    edgeToldMs: spi => dataPlane.children.find(spi)?.edgeToldMs ?? 0,
  };
}

function debuggingOf(service: IkeService, switches: DebugSwitches): Debugging {
  return {
    on: () => switches.on(),
    set: (flags, on) => {
      switches.set(flags, on);
      service.debugging = switches.on().has("isakmp");
    },
  };
}
