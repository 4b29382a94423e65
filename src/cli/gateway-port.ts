/**
 * What a session needs of the gateway that it talks to. The gateway implements it; `cli/` only asks.
 */
import type { Config } from "../core/config/config.ts";
import type { GroupSnapshot, SchemeSnapshot } from "../core/gate/liveness-port.ts";
import type { ClearWhat, IkeSnapshot } from "../core/ike/ike-port.ts";
import type { DataPlaneView } from "../core/ipsec/data-plane-view.ts";
import type { DebugFlag } from "../core/log/debug-flags.ts";
import type { LogEvent } from "../core/log/message.ts";
import type { Track } from "../core/net/net-model.ts";
import type { InterfaceStatus, RouteStatus } from "../core/net/net-status.ts";
import type { TrackState } from "../core/net/track-state.ts";
import type { PeerLinkView } from "../core/redundancy/link-model.ts";
import type { ReplicationSnapshot } from "../core/redundancy/replication-port.ts";

export interface LogRecord {
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  readonly event: LogEvent;
}

export interface LogView {
  /** The oldest first. */
  readonly records: readonly LogRecord[];
  /** Records ever logged, those included that the buffer has let go. */
  readonly total: number;
  readonly capacity: number;
  clear(): void;
  /** Returns what ends the subscription. */
  subscribe(listener: (record: LogRecord) => void): () => void;
}

export interface PingRequest {
  readonly destination: string;
  readonly source?: string;
  readonly count: number;
  /** Octets of the whole IP packet, as IOS counts. */
  readonly sizeOctets: number;
  readonly timeoutMs: number;
}

export type PingReply =
  | { readonly kind: "reply"; readonly roundTripMs: number }
  | { readonly kind: "timeout" }
  | { readonly kind: "unreachable" };

export interface ConfigChange {
  readonly at: number;
  readonly by: string;
}

export interface SessionInfo {
  readonly line: string;
  readonly user: string;
  readonly since: number;
}

/** Some answers come from another thread. */
export type Later<T> = T | Promise<T>;

/** What the liveness thread knows, as one consistent picture. */
export interface HsrpView {
  /** Groups that run; a group that is configured but cannot run (its interface is shut, say) is not among them. */
  readonly groups: readonly GroupSnapshot[];
  readonly schemes: readonly SchemeSnapshot[];
  /** What the last takeover by this member took, by scheme: milliseconds from waking to the end of each step. */
  readonly takeovers?: ReadonlyMap<string, Readonly<Partial<Record<TakeoverStep, number>>>>;
}

/** In the order in which they are done. */
export type TakeoverStep = "role" | "steering" | "address" | "hello" | "announce" | "beacons" | "told";

/** One `track N …` object. */
export interface TrackSnapshot {
  readonly number: number;
  readonly track: Track;
  readonly state: TrackState;
  readonly changes: number;
  readonly sinceChangeMs: number;
  /** The HSRP groups whose priority hangs on it. */
  readonly trackedBy: readonly { readonly interface: string; readonly group: number }[];
}

/** What `debug` switches: lines at severity 7 in the log. Everything is off when the gateway starts. */
export interface Debugging {
  on(): ReadonlySet<DebugFlag>;
  set(flags: Iterable<DebugFlag>, on: boolean): void;
}

export interface GatewayPort {
  readonly version: string;
  /** Wall clock, milliseconds since 1970. */
  now(): number;
  uptimeMs(): number;
  /** Why this process was started: `power-on`, `reload`, or how its predecessor died. */
  startReason(): string;
  configFile(): string;
  config(): Config;
  lastChange(): ConfigChange | undefined;
  lastSave(): ConfigChange | undefined;
  /** Takes a candidate that has been verified and makes the host follow it; returns warnings worth showing. */
  apply(candidate: Config, by: string): readonly string[];
  /** Logs that a session left configuration mode. */
  configured(source: string, user: string): void;
  /** Throws a `SystemError`; the old file is then whole. */
  save(by: string): void;
  startupText(): string;
  interfaces(): readonly InterfaceStatus[];
  routes(): readonly RouteStatus[];
  hsrp(): Later<HsrpView>;
  tracks(): Later<readonly TrackSnapshot[]>;
  /** Hands the role of active over in an orderly way. Returns why not, when it is refused. */
  switchover(scheme: string): Later<string | undefined>;
  /** One a scheme that is at work. */
  replication(): Later<readonly ReplicationSnapshot[]>;
  /** The way to the other member. */
  association(): Later<PeerLinkView>;
  clearReplication(what: "history" | "counters"): void;
  /** SCHED_FIFO is permitted here, so that hold times below 150 ms are kept. */
  realTime(): boolean;
  readonly debugging: Debugging;
  readonly log: LogView;
  ping(request: PingRequest, signal: AbortSignal): AsyncIterable<PingReply>;
  dataPlane(): DataPlaneView;
  /** What IKE knows. */
  ike(): IkeSnapshot;
  /** The peers are told; what is needed comes up again with its next packet. */
  clearCrypto(what: ClearWhat): void;
  /** What `dataPlane` counts of SAs begins at zero again. */
  clearSaCounters(): void;
  /** Logs what becomes of packets of this SPI from now on; false when there is no data plane. */
  tracePackets(spi: number | undefined): boolean;
  /** Stops this process and starts it again, in an orderly way. */
  reload(by: string): void;
  sessions(): readonly SessionInfo[];
}
