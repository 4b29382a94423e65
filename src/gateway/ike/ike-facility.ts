/**
 * IKE with all that it stands on: the engine and its doors, the crypto pool, the data plane that it keys, the reverse
 * routes that follow what is up. One object for the gateway to tell of configurations and roles.
 */
import type { Debugging } from "../../cli/gateway-port.ts";
import type { Config } from "../../core/config/config.ts";
import { IkeEngine } from "../../core/ike/engine.ts";
import type { ChildUsage, ClearWhat, IkeSnapshot } from "../../core/ike/ike-port.ts";
import { encodeChildSa } from "../../core/ipsec/child-sa-record.ts";
import { wantedReverseRoutes } from "../../core/ipsec/reverse-routes.ts";
import { PLAIN_OWNER } from "../../core/ipsec/security-association.ts";
import { log } from "../../core/log/catalogue.ts";
import { DebugSwitches } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import { monotonicMs } from "../../linux/clock.ts";
import { LinuxMainTable } from "../../linux/main-table.ts";
import { nodePrimitives } from "../../linux/node-primitives.ts";
import { CryptoPool } from "../crypto-pool/crypto-pool.ts";
import type { DataPlaneService } from "../data-plane/data-plane-service.ts";
import { memberOf } from "../data-plane/fast-path-door.ts";
import type { RoleNews } from "../liveness/messages.ts";
import type { Outlet } from "../outlet.ts";
import { IkeService } from "./ike-service.ts";
import type { KeyLog } from "./key-log.ts";
import { ReverseRouteKeeper } from "./reverse-route-keeper.ts";

export interface IkeFacilityDoors {
  readonly dataPlane: DataPlaneService;
  readonly outlet: Outlet;
  readonly report: (event: LogEvent) => void;
  readonly keyLog: KeyLog | undefined;
}

/** What changes within this time is one change of the routes. */
const ROUTES_SOON_MS = 50;

export class IkeFacility {
  readonly service: IkeService;
  readonly debugging: Debugging;
  readonly #switches = new DebugSwitches(text => log.debug.ike({ text }));
  readonly #dataPlane: DataPlaneService;
  readonly #pool = new CryptoPool();
  readonly #table = new LinuxMainTable();
  readonly #routes: ReverseRouteKeeper;
  #soon: NodeJS.Timeout | undefined;
  /** Owners without a scheme of which this member is the active: nobody goes on where they end. */
  readonly #alone = new Set<string>([PLAIN_OWNER]);
  #stopped = false;

  constructor({ dataPlane, outlet, report, keyLog }: IkeFacilityDoors) {
    this.#dataPlane = dataPlane;
    this.#routes = new ReverseRouteKeeper(this.#table, report);
    this.service = new IkeService({
      engine: new IkeEngine({
        primitives: nodePrimitives,
        facts: { usage: spi => this.#usage(spi) },
        jitter: () => Math.random(),
      }),
      children: dataPlane.children,
      spd: dataPlane.spd,
      plane: () => dataPlane.plane,
      outlet,
      compute: job => new Promise(resolve => this.#pool.compute(job, resolve)),
      record: child => encodeChildSa(child, monotonicMs()),
      report,
      debug: line => this.#switches.events(() => [line()], monotonicMs()).forEach(report),
      installed: child => keyLog?.add(child),
      childrenChanged: () => this.#routesSoon(),
      member: memberOf,
      now: monotonicMs,
    });
    this.debugging = {
      on: () => this.#switches.on(),
      set: (flags, on) => {
        this.#switches.set(flags, on);
        this.service.debugging = this.#switches.on().has("isakmp");
      },
    };
    dataPlane.listen({
      opened: plane => this.service.listen(plane),
      event: event => this.service.handleEvent(event),
    });
  }

  /** After the interfaces followed. Returns what this host refused, as sentences. */
  configure(config: Config): string[] {
    const { wanted } = this.#dataPlane;
    const refusals = wanted === undefined ? [] : this.service.configure(config, wanted);
    this.#routesSoon();
    return refusals;
  }

  /** The way to a peer may be another. */
  hostChanged(): void {
    this.#routesSoon();
  }

  role(owner: string, { role, how }: RoleNews, scheme: boolean): void {
    const active = role === "active" || role === "draining";
    if (active && !scheme) this.#alone.add(owner);
    else this.#alone.delete(owner);
    this.service.role(owner, active, how ?? "start");
    this.#routesSoon();
  }

  clear(what: ClearWhat): void {
    this.service.clear(what);
  }

  snapshot(): IkeSnapshot {
    return this.service.snapshot();
  }

  /** While the addresses still stand: peers are told, routes are withdrawn. */
  stop(): void {
    this.service.farewell([...this.#alone]);
    this.#stopped = true;
    clearTimeout(this.#soon);
    this.#routes.follow([]);
  }

  close(): void {
    this.#stopped = true;
    clearTimeout(this.#soon);
    this.service.close();
    this.#table.close();
    void this.#pool.close();
  }

  #routesSoon(): void {
    if (this.#soon !== undefined || this.#stopped) return;
    this.#soon = setTimeout(() => {
      this.#soon = undefined;
      this.#followRoutes();
    }, ROUTES_SOON_MS).unref();
  }

  #followRoutes(): void {
    const { children, spd } = this.#dataPlane;
    const up = [...children].filter(({ child }) => child.stage !== "fresh").map(({ child }) => child);
    this.#routes.follow(
      wantedReverseRoutes({
        protected: spd.protected.map(({ traffic }) => traffic),
        up,
        isActive: owner => this.#dataPlane.isActive(owner),
      }),
    );
  }

  #usage(spi: number): ChildUsage | undefined {
    const found = this.#dataPlane.children.find(spi);
    const counters = found && this.#dataPlane.plane?.counters([found.inbound, found.outbound]);
    const [inbound, outbound] = counters ?? [];
    if (inbound === undefined || outbound === undefined) return undefined;
    return { inboundMs: inbound.lastUsedMs, outboundMs: outbound.lastUsedMs };
  }
}
