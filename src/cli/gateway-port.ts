/**
 * What a session needs of the gateway that it talks to. The gateway implements it; `cli/` only asks.
 */
import type { Config } from "../core/config/config.ts";
import type { LogEvent } from "../core/log/message.ts";
import type { InterfaceStatus, RouteStatus } from "../core/net/net-status.ts";

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
  readonly log: LogView;
  ping(request: PingRequest, signal: AbortSignal): AsyncIterable<PingReply>;
  /** Stops this process and starts it again, in an orderly way. */
  reload(by: string): void;
  sessions(): readonly SessionInfo[];
}
