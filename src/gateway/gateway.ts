/**
 * One gateway process, put together: the running configuration, the cores that act on it, and the doors to the host.
 *
 * Everything that changes the configuration comes through `apply`; everything that a session wants to know is asked
 * here.
 */

import type {
  ConfigChange,
  Debugging,
  GatewayPort,
  HsrpView,
  LogView,
  PingReply,
  PingRequest,
  SessionInfo,
  TrackSnapshot,
} from "../cli/gateway-port.ts";
import { type Config, emptyConfig, hasGroups, type InterfaceScope, interfaceScope } from "../core/config/config.ts";
import { loadConfig, renderConfig } from "../core/config/config-document.ts";
import { loadReport } from "../core/config/load-report.ts";
import { wantedHost } from "../core/config/wanted-host.ts";
import type { ClearWhat, IkeSnapshot } from "../core/ike/ike-port.ts";
import type { DataPlaneView } from "../core/ipsec/data-plane-view.ts";
import { PLAIN_OWNER } from "../core/ipsec/security-association.ts";
import { log } from "../core/log/catalogue.ts";
import type { DebugFlag } from "../core/log/debug-flags.ts";
import type { KernelView } from "../core/net/kernel-view.ts";
import type { InterfaceStatus, RouteStatus } from "../core/net/net-status.ts";
import type { WantedNet } from "../core/net/net-steps.ts";
import { interfaceStatuses, routeStatuses } from "../core/net/net-view.ts";
import { missingDevices } from "../core/net/wanted-net.ts";
import type { PeerLinkView } from "../core/redundancy/link-model.ts";
import type { ReplicationSnapshot } from "../core/redundancy/replication-port.ts";
import { type IpAddress, parseIp } from "../core/wire/address.ts";
import { pingHost } from "../linux/ping.ts";
import type { DataPlaneService } from "./data-plane/data-plane-service.ts";
import { dataPlaneView } from "./data-plane/view.ts";
import type { HsrpService } from "./hsrp-service.ts";
import type { OpenedIke } from "./ike/open-ike.ts";
import { LinkWatch } from "./link-watch.ts";
import type { LogBuffer } from "./log-buffer.ts";
import { type HostNet, NetFollower, type UndoKeeper } from "./net-follower.ts";
import type { RedundancyService } from "./redundancy/redundancy-service.ts";
import type { StartupStore } from "./startup-store.ts";

export interface GatewayDoors {
  readonly host: HostNet & {
    /** From which address packets go there that are not steered into a tunnel. */
    sourceTowards(destination: IpAddress): IpAddress | undefined;
  };
  readonly undo: UndoKeeper;
  readonly startup: StartupStore;
  readonly log: LogBuffer;
  readonly now: () => number;
  /** Ends this process so that the supervisor starts the next one. */
  readonly restart: () => void;
  readonly sessions: () => readonly SessionInfo[];
  readonly hsrp: HsrpService;
  readonly dataPlane: DataPlaneService;
  readonly redundancy: RedundancyService;
  readonly ike: OpenedIke;
}

export class Gateway implements GatewayPort {
  readonly version: string;
  readonly #doors: GatewayDoors;
  readonly #follower: NetFollower;
  readonly #links: LinkWatch;
  readonly #reason: string;
  #config: Config = emptyConfig();
  /** By name, as they were when they last had groups. */
  readonly #former = new Map<string, InterfaceScope>();
  #lastChange: ConfigChange | undefined;
  #lastSave: ConfigChange | undefined;
  #missing = new Set<string>();

  constructor(version: string, reason: string, doors: GatewayDoors) {
    this.version = version;
    this.#reason = reason;
    this.#doors = doors;
    this.#links = new LinkWatch(event => doors.log.add(event));
    doors.hsrp.onHoldingChanged(() => this.#follower.want(this.#wantedHost()));
    this.#follower = new NetFollower(
      doors.host,
      doors.undo,
      event => doors.log.add(event),
      view => this.#hostChanged(view),
    );
  }

  /**
   * Reads the startup configuration and makes the host follow it. Lines that are refused are logged; the rest holds.
   * Throws a `SystemError`.
   */
  start(): void {
    const { startup, log: logBuffer } = this.#doors;
    const read = startup.read();
    if (read.fallback !== undefined) {
      logBuffer.add(log.sys.startupFallback({ file: startup.file, used: read.file, reason: read.fallback }));
    }
    const { config, problems } = loadConfig(read.text, { realTime: this.realTime() });
    for (const event of loadReport(problems)) logBuffer.add(event);
    const refused = problems.filter(each => each.severity === "error").length;
    if (refused > 0) logBuffer.add(log.sys.linesRefused({ count: refused, file: read.file }));
    if (read.exposed)
      logBuffer.add(
        log.sys.configWarning({ text: `${read.file} may hold keys and others than its owner may read it` }),
      );
    this.#config = config;
    this.#follow();
  }

  /** Gives the virtual addresses up in an orderly way, then puts the host back as it was. */
  async stop(reason: string): Promise<void> {
    this.#doors.log.add(log.sys.stopping({ reason }));
    this.#doors.dataPlane.leave();
    this.#doors.ike.service.farewell([PLAIN_OWNER]);
    await this.#doors.hsrp.stop();
    this.#follower.undo();
    this.#doors.dataPlane.stop();
  }

  now(): number {
    return this.#doors.now();
  }

  uptimeMs(): number {
    // Of the process, by the monotonic clock: who sets the wall clock changes no uptime.
    return performance.now();
  }

  startReason(): string {
    return this.#reason;
  }

  configFile(): string {
    return this.#doors.startup.file;
  }

  config(): Config {
    return this.#config;
  }

  lastChange(): ConfigChange | undefined {
    return this.#lastChange;
  }

  lastSave(): ConfigChange | undefined {
    return this.#lastSave;
  }

  apply(candidate: Config, by: string): readonly string[] {
    for (const name of this.#config.hsrp.keys()) {
      const scope = hasGroups(this.#config, name) ? interfaceScope(this.#config, name) : undefined;
      if (scope !== undefined) this.#former.set(name, scope);
    }
    this.#config = candidate;
    this.#lastChange = { at: this.now(), by };
    return this.#follow().map(sentence => `% ${sentence}`);
  }

  configured(source: string, user: string): void {
    this.#doors.log.add(log.sys.configured({ source, user }));
  }

  save(by: string): void {
    this.#doors.startup.write(`${renderConfig(this.#config).join("\n")}\n`);
    this.#lastSave = { at: this.now(), by };
    this.#doors.log.add(log.sys.saved({ file: this.configFile() }));
  }

  startupText(): string {
    return this.#doors.startup.read().text;
  }

  interfaces(): readonly InterfaceStatus[] {
    return interfaceStatuses(this.#config.net, this.#follower.refresh());
  }

  routes(): readonly RouteStatus[] {
    return routeStatuses(this.#config.net, this.#follower.refresh());
  }

  hsrp(): HsrpView {
    return this.#doors.hsrp.view();
  }

  tracks(): readonly TrackSnapshot[] {
    return this.#doors.hsrp.tracks(this.#config);
  }

  switchover(scheme?: string): string | undefined {
    return this.#doors.hsrp.switchover(scheme);
  }

  replication(): readonly ReplicationSnapshot[] {
    return this.#doors.redundancy.snapshots();
  }

  clearReplication(what: "history" | "counters"): void {
    this.#doors.redundancy.clear(what);
  }

  association(): PeerLinkView {
    return this.#doors.redundancy.linkView();
  }

  realTime(): boolean {
    return this.#doors.hsrp.realTime();
  }

  /** Each part has switches of its own, and knows its own flags alone. */
  get debugging(): Debugging {
    const { hsrp, ike } = this.#doors;
    return {
      on: () => new Set([...hsrp.debugging.on(), ...ike.debugging.on()]),
      set: (flags, on) => {
        const [crypto, others] = [[...flags].filter(isCryptoFlag), [...flags].filter(flag => !isCryptoFlag(flag))];
        ike.debugging.set(crypto, on);
        hsrp.debugging.set(others, on);
      },
    };
  }

  dataPlane(): DataPlaneView {
    return dataPlaneView(this.#doors.dataPlane, this.#config, this.#follower.view);
  }

  ike(): IkeSnapshot {
    return this.#doors.ike.service.snapshot();
  }

  clearCrypto(what: ClearWhat): void {
    this.#doors.ike.service.clear(what);
  }

  clearStandby(): void {
    this.#doors.redundancy.fetch();
  }

  clearSaCounters(): void {
    this.#doors.dataPlane.clearCounters();
  }

  tracePackets(spi: number | undefined): boolean {
    const { plane } = this.#doors.dataPlane;
    plane?.trace(spi);
    return plane !== undefined;
  }

  get log(): LogView {
    return this.#doors.log;
  }

  /**
   * Without a source, from the address of the interface that the packets leave by, as on IOS. Left to itself the kernel
   * would take any address of the host for what is steered into a tunnel, and whether the access list means it would be
   * chance.
   */
  ping(request: PingRequest, signal: AbortSignal): AsyncIterable<PingReply> {
    const to = request.source === undefined ? parseIp(request.destination) : undefined;
    const source = to && this.#doors.host.sourceTowards(to);
    return pingHost(source === undefined ? request : { ...request, source }, signal);
  }

  reload(by: string): void {
    this.#doors.log.add(log.sys.stopping({ reason: `reload requested by ${by}` }));
    // What it is the active for is handed over first; the rest of the host is the next process's.
    this.#doors.dataPlane.leave();
    void this.#doors.hsrp.stop().then(() => this.#doors.restart());
  }

  sessions(): readonly SessionInfo[] {
    return this.#doors.sessions();
  }

  /** The configuration is what it was, and means something else. */
  followAnew(): void {
    for (const text of this.#follow()) this.#doors.log.add(log.sys.configWarning({ text }));
  }

  /** What is protected is protected before an interface changes, and until none needs it any more. */
  #follow(): string[] {
    const { dataPlane, redundancy, ike } = this.#doors;
    redundancy.configure(this.#config);
    const before = dataPlane.prepare(this.#config);
    const refusals = this.#follower.want(this.#wantedHost());
    return [...before, ...refusals, ...dataPlane.settle(), ...ike.configure(this.#config)];
  }

  #wantedHost(): WantedNet {
    return wantedHost(this.#config, { names: this.#doors.hsrp.held(this.#config), former: this.#former });
  }

  /** After every plan, too: what HSRP needs of the host is there by now. */
  #hostChanged(view: KernelView): void {
    this.#doors.hsrp.configure(this.#config, view);
    this.#doors.dataPlane.hostChanged(view);
    this.#doors.ike.followRoutes();
    const statuses = interfaceStatuses(this.#config.net, view);
    this.#links.see(statuses);
    const missing = new Set<string>();
    for (const each of missingDevices(statuses)) {
      missing.add(each.name);
      if (!this.#missing.has(each.name))
        this.#doors.log.add(log.link.noDevice({ interface: each.name, device: each.device }));
    }
    this.#missing = missing;
  }
}

function isCryptoFlag(flag: DebugFlag): boolean {
  return flag === "isakmp" || flag === "ipsec";
}
