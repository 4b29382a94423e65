/** What one group's machine is told of the configuration, resolved: defaults filled in, times in milliseconds. */
import type { IpAddress } from "../wire/address.ts";

export interface HsrpGroupSettings {
  readonly interface: string;
  readonly version: 1 | 2;
  readonly group: number;
  /** The interface's own address, which decides between equal priorities and is the source of every packet. */
  readonly address: IpAddress;
  /** `undefined` learns it from the active. */
  readonly virtualAddress: IpAddress | undefined;
  readonly priority: number;
  readonly helloMs: number;
  readonly holdMs: number;
  /** Configured timers are used as they are; others may be learned from the active. */
  readonly timersConfigured: boolean;
  /** `undefined` leaves an active of lower priority alone. */
  readonly preempt: PreemptDelays | undefined;
}

/** How long to leave an active of lower priority alone. */
export interface PreemptDelays {
  /** After every start of the group. */
  readonly minimumMs: number;
  /** After the first start since the process began. */
  readonly reloadMs: number;
  /** At most this long for redundancy to say that everything is held here. */
  readonly syncMs: number;
}

/** A learned or received timer is at most so many times the group's own: one forged hello must not freeze it. */
export const LEARNED_TIMES_MAX = 10;

/** No learned or received timer goes below these. */
export const TIMER_FLOOR = { helloMs: 15, holdMs: 50 } as const;
