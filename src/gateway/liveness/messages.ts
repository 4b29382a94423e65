/** What crosses between the main thread and the liveness thread. Plain values: they are copied. */
import type {
  GroupSnapshot,
  LivenessInput,
  LivenessSettings,
  Role,
  SchemeSnapshot,
  Succession,
} from "../../core/gate/liveness-port.ts";
import type { HsrpState } from "../../core/hsrp/hsrp-message.ts";
import type { DebugFlag } from "../../core/log/debug-flags.ts";
import type { LogEvent } from "../../core/log/message.ts";
import type { SharedRoleWords } from "../../linux/role-words.ts";
import type { Diversion, SteeringTarget } from "./steering-door.ts";
import type { TakeoverTimes } from "./takeover-watch.ts";

/** What the thread is born with. */
export interface LivenessData {
  readonly doorbell: number;
  /** Two words of 64 bits, `SharedWord`. */
  readonly shared: SharedArrayBuffer;
  readonly roles: SharedRoleWords;
  /** Whoever has no group, and the line that says so. */
  readonly plain: { readonly owner: string; readonly line: number };
  /** Where the supervisor hears beats and the last will; `undefined` without a supervisor. */
  readonly supervisorFd: number | undefined;
}

/** Places in `LivenessData.shared`. */
export const SharedWord = {
  /** How many snapshots were answered. */
  answered: 0,
  /** Milliseconds of the main thread's last sign of life. */
  mainBeat: 1,
} as const;

/** Which line of role words each owner has; a line is never given to another. */
export type OwnerLines = ReadonlyMap<string, number>;

/** Told to the liveness thread, in order; only `snapshot` has an answer. */
export type Order =
  | {
      readonly kind: "configure";
      readonly serial: number;
      readonly settings: LivenessSettings;
      readonly owners: OwnerLines;
    }
  | { readonly kind: "steering"; readonly targets: readonly SteeringTarget[] }
  /** Traffic from inside is turned ahead of a role that is handed over; `diverted` answers. */
  | { readonly kind: "divert"; readonly owner: string; readonly to: Diversion }
  | { readonly kind: "input"; readonly input: Exclude<LivenessInput, { kind: "configure" | "link" }> }
  | { readonly kind: "debug"; readonly flags: readonly DebugFlag[] }
  | { readonly kind: "snapshot" };

export interface Snapshot {
  readonly groups: readonly GroupSnapshot[];
  readonly schemes: readonly SchemeSnapshot[];
}

export interface RoleNews {
  readonly role: Role;
  readonly epoch: number;
  /** Of who is active or draining: how it came to be. */
  readonly how: Succession | undefined;
}

/** Told by the liveness thread when it happens. */
export type Notice =
  | {
      readonly kind: "changed";
      readonly group: string;
      readonly from: HsrpState;
      readonly to: HsrpState;
      readonly because: string;
    }
  | { readonly kind: "report"; readonly event: LogEvent }
  | { readonly kind: "trouble"; readonly text: string }
  | { readonly kind: "persist"; readonly scheme: string; readonly epoch: number }
  | { readonly kind: "drain"; readonly scheme: string }
  | { readonly kind: "told-not-hot"; readonly scheme: string }
  /** The role word of an owner is another now. */
  | ({ readonly kind: "role"; readonly owner: string } & RoleNews)
  /** An owner has become active here; `beganMs` is when the thread woke for it, CLOCK_MONOTONIC. */
  | { readonly kind: "took"; readonly owner: string; readonly beganMs: number; readonly times: TakeoverTimes }
  | { readonly kind: "diverted"; readonly owner: string; readonly to: Diversion }
  /**
   * Interfaces that were taken away by the `configure` of this serial number or before, and still carry a group that
   * has not given everything up: they must stay up.
   */
  | { readonly kind: "holding"; readonly serial: number; readonly interfaces: readonly string[] }
  /** This link carries no address any more and is to go down. */
  | { readonly kind: "retire"; readonly link: number }
  /** Whether the hello thread runs in real time. */
  | { readonly kind: "started"; readonly realTime: boolean }
  /** Everything was given up after a `stop`; the thread has ended. */
  | { readonly kind: "stopped"; readonly because: "asked" | "main-timeout" };
