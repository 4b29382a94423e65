/**
 * What `debug` can switch on. A flag is what one line is about; a command may switch several (`debug standby terse` is
 * everything but the hellos).
 */

export type DebugFlag =
  /** Packets that were refused, and why. */
  | "hsrp-errors"
  /** Changes of state, addresses taken and given up, roles, proposals. */
  | "hsrp-events"
  /** Coups and resigns, in and out. */
  | "hsrp-packets"
  /** Hellos, in and out. */
  | "hsrp-hellos";
