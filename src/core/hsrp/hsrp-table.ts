/**
 * The behaviour of one HSRP group, RFC 2281 sections 5.5 to 5.7, as a table. A pair of state and event without a row
 * has no effect.
 *
 * The letters behind the rows are the events of the RFC's own table. `gate-take` and `gate-yield` are orders of the
 * gate, which decides instead of the protocol where a peer's fresh word can be had.
 */
import type { HsrpState } from "./hsrp-message.ts";

export type HsrpEvent =
  /** Configured on an interface that is up; with a virtual address, or to learn one. */
  | "start"
  | "start-unaddressed"
  /** Switched off, or the interface went down. */
  | "stop"
  | "active-timeout"
  | "standby-timeout"
  | "hello-timeout"
  | "speak-hello-higher"
  | "active-hello-higher"
  | "active-hello-lower"
  /** The same, and this member may overthrow it. */
  | "active-hello-overthrown"
  | "active-resigns"
  | "coup-higher"
  | "standby-hello-higher"
  | "standby-hello-lower"
  | "gate-take"
  | "gate-yield"
  /** This member stood still for so long that others may have taken over: it goes back into the election, silently. */
  | "lapsed";

export type HsrpAction =
  /** (A) The active is alive for another hold time. */
  | "await-active"
  /** (B) */
  | "await-standby"
  /** (C) */
  | "forget-active"
  /** (D) */
  | "forget-standby"
  /** (E) Take the virtual address and the timers from the active, where none are configured. */
  | "learn"
  /** (F) */
  | "send-hello"
  /** (G) */
  | "send-coup"
  /** (H) */
  | "send-resign"
  /** (I) Gratuitous ARP, so that switches and hosts find the virtual MAC address here. */
  | "announce"
  /** The active has been silent for longer than we have been speaking: do not wait for it again. */
  | "resume-active-wait";

export type HsrpRow = readonly [HsrpState, HsrpEvent, readonly HsrpAction[], HsrpState];

export const hsrpTable: readonly HsrpRow[] = [
  // in        on                         do                                                        then
  ["initial", "start", ["await-active", "await-standby"], "listen"], // a
  ["initial", "start-unaddressed", ["await-active", "await-standby"], "learn"], // a

  ["learn", "stop", ["forget-active", "forget-standby"], "initial"], // b
  ["listen", "stop", ["forget-active", "forget-standby"], "initial"],
  ["speak", "stop", ["forget-active", "forget-standby"], "initial"],
  ["standby", "stop", ["forget-active", "forget-standby"], "initial"],
  ["active", "stop", ["forget-active", "forget-standby", "send-resign"], "initial"],

  ["listen", "active-timeout", ["await-active", "await-standby"], "speak"], // c
  ["standby", "active-timeout", ["forget-active", "forget-standby", "send-hello", "announce"], "active"],

  ["listen", "standby-timeout", ["await-standby"], "speak"], // d
  ["speak", "standby-timeout", ["forget-standby", "resume-active-wait"], "standby"],

  ["speak", "hello-timeout", ["send-hello"], "speak"], // e
  ["standby", "hello-timeout", ["send-hello"], "standby"],
  ["active", "hello-timeout", ["send-hello"], "active"],

  ["speak", "speak-hello-higher", ["await-standby"], "listen"], // f
  ["standby", "speak-hello-higher", ["await-standby"], "listen"],

  ["learn", "active-hello-higher", ["learn", "await-active", "await-standby"], "listen"], // g
  ["listen", "active-hello-higher", ["learn", "await-active"], "listen"],
  ["speak", "active-hello-higher", ["learn", "await-active"], "speak"],
  ["standby", "active-hello-higher", ["learn", "await-active"], "standby"],
  ["active", "active-hello-higher", ["await-active", "await-standby"], "speak"],

  ["learn", "active-hello-lower", ["learn", "await-active", "await-standby"], "listen"], // h
  ["listen", "active-hello-lower", ["await-active"], "listen"],
  ["speak", "active-hello-lower", ["await-active"], "speak"],
  ["standby", "active-hello-lower", ["await-active"], "standby"],
  ["active", "active-hello-lower", ["send-coup"], "active"],
  ["listen", "active-hello-overthrown", ["await-standby", "send-coup", "send-hello", "announce"], "active"],
  ["speak", "active-hello-overthrown", ["await-standby", "send-coup", "send-hello", "announce"], "active"],
  ["standby", "active-hello-overthrown", ["await-standby", "send-coup", "send-hello", "announce"], "active"],

  ["listen", "active-resigns", ["await-active", "await-standby"], "speak"], // i
  ["speak", "active-resigns", ["await-active"], "speak"],
  ["standby", "active-resigns", ["forget-active", "send-hello", "announce"], "active"],

  ["active", "coup-higher", ["await-active", "await-standby", "send-resign"], "speak"], // j

  ["listen", "standby-hello-higher", ["await-standby"], "listen"], // k
  ["speak", "standby-hello-higher", ["await-standby"], "listen"],
  ["standby", "standby-hello-higher", ["await-standby"], "listen"],
  ["active", "standby-hello-higher", ["await-standby"], "active"],

  ["listen", "standby-hello-lower", ["await-standby"], "speak"], // l
  ["speak", "standby-hello-lower", ["forget-standby", "resume-active-wait"], "standby"],
  ["active", "standby-hello-lower", ["await-standby"], "active"],

  ["listen", "gate-take", ["forget-active", "await-standby", "send-hello", "announce"], "active"],
  ["speak", "gate-take", ["forget-active", "await-standby", "send-hello", "announce"], "active"],
  ["standby", "gate-take", ["forget-active", "forget-standby", "send-hello", "announce"], "active"],
  // Who yields by order yields to one that is active already: a resign would only confuse those who know that one.
  ["active", "gate-yield", ["await-active", "await-standby"], "speak"],

  ["active", "lapsed", ["await-active", "await-standby"], "speak"],
];

/** `undefined` when the pair has no row. */
export function rowFor(state: HsrpState, event: HsrpEvent): HsrpRow | undefined {
  return hsrpTable.find(([from, on]) => from === state && on === event);
}
