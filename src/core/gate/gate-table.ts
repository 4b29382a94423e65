/**
 * Who may be active, as a table: the gate of one scheme, between two members. A pair of state and event without a
 * row has no effect.
 *
 * Nobody takes over on silence alone: it asks first, and any authenticated word of an owner cancels. Whoever was
 * active and stood still asks before it goes on, and so does an active that HSRP alone would have yield: epochs
 * come before priorities. An owner leaves in steps: it drains, offers, and keeps the address until it hears its
 * heir, so that there is no moment without an owner. Among owners the higher epoch wins (`seniority.ts`).
 */
import type { GateState } from "./beacon-codec.ts";
import type { Role } from "./liveness-port.ts";

export type GateEvent =
  /** The leading group entered the election; it was active before the gate was there. */
  | "start"
  | "adopt"
  /** The leading group must end and there is nobody to hand over to; there is. */
  | "leave-alone"
  | "leave"
  /** Nothing shows that an owner lives: silence, an election without an answer, a resign that nobody signed. */
  | "suspect"
  /** Time for the next ask; the asks are over and nobody answered. */
  | "ask-due"
  | "unanswered"
  /** While asking: the peer owns, or asks as well and goes first. */
  | "stand-back"
  /** While asking: the peer answered, and neither owns nor goes first. */
  | "way-free"
  /** The owner gave up: its will, its word, its next life. */
  | "peer-gone"
  /** The owner hands over to this member. */
  | "offered"
  /** Both own. */
  | "owner-above"
  | "owner-below"
  /** HSRP would leave Active, and the true peer cannot be heard. */
  | "outranked"
  /** HSRP would overthrow the peer, and this member may; the peer would overthrow this one, and may. */
  | "overthrow"
  | "overthrown"
  /** The peer, which does not own, knows of a higher epoch: somebody may have been active in it unnoticed. */
  | "outrun"
  | "switchover"
  | "drained"
  | "drain-limit"
  | "offer-due"
  /** The offer was not taken up in time, or the heir is gone; the same when this member must leave anyway. */
  | "declined"
  | "abandoned"
  /** The lease ran out before it was renewed. */
  | "lapsed";

export type GateAction =
  /** The role of one who waits. */
  | "wait"
  /** A new nonce, the first ask, the row of asks begins. */
  | "ask"
  | "ask-again"
  /** The next epoch, role, address, announcement. */
  | "take"
  /** The next epoch and the role of an address that is held already. */
  | "own"
  /** Goes on as the active in an epoch above all that are known. */
  | "raise"
  /** Goes on after doubt, with the same epoch unless it had offered. */
  | "resume"
  /** Role and address are given up; after a handover what still arrives is received for a grace. */
  | "yield"
  | "yield-gracefully"
  /** The role is given up; the group, which is told to end, gives up the address. */
  | "stop"
  /** Nothing that stands is repeated any more; nothing is given up. */
  | "hush"
  /** Stop encrypting, flush. */
  | "drain"
  | "offer"
  | "offer-again"
  /** Back to active: the handover did not happen. */
  | "keep"
  | "request-preemption"
  /** Say at once who is active. */
  | "assert";

export type GateRow = readonly [GateState, GateEvent, readonly GateAction[], GateState];

export const gateTable: readonly GateRow[] = [
  // in       on              do                       then
  ["init", "start", ["wait"], "standby"],
  ["init", "adopt", ["own"], "active"],

  ["standby", "suspect", ["ask"], "asking"],
  ["standby", "peer-gone", ["take"], "active"],
  ["standby", "offered", ["take"], "active"],
  ["standby", "overthrow", ["request-preemption"], "standby"],
  ["standby", "leave-alone", ["stop"], "init"],

  ["asking", "ask-due", ["ask-again"], "asking"],
  ["asking", "unanswered", ["take"], "active"],
  ["asking", "stand-back", [], "standby"],
  ["asking", "way-free", ["take"], "active"],
  ["asking", "peer-gone", ["take"], "active"],
  ["asking", "offered", ["take"], "active"],
  ["asking", "leave-alone", ["stop"], "init"],

  ["active", "owner-above", ["yield"], "standby"],
  ["active", "owner-below", ["assert"], "active"],
  ["active", "outranked", ["ask"], "contested"],
  ["active", "switchover", ["drain"], "draining"],
  ["active", "overthrown", ["drain"], "draining"],
  ["active", "outrun", ["raise"], "active"],
  ["active", "leave", ["drain"], "draining"],
  ["active", "leave-alone", ["stop"], "init"],
  ["active", "lapsed", ["hush", "ask"], "doubting"],

  ["contested", "ask-due", ["ask-again"], "contested"],
  ["contested", "unanswered", ["yield"], "standby"],
  ["contested", "owner-above", ["yield"], "standby"],
  ["contested", "owner-below", ["assert"], "active"],
  ["contested", "way-free", [], "active"],
  ["contested", "leave", ["drain"], "draining"],
  ["contested", "leave-alone", ["stop"], "init"],
  ["contested", "lapsed", ["hush", "ask"], "doubting"],

  ["draining", "drained", ["offer"], "handing"],
  ["draining", "drain-limit", ["offer"], "handing"],
  ["draining", "owner-above", ["yield"], "standby"],
  ["draining", "declined", ["keep"], "active"],
  ["draining", "abandoned", ["stop"], "init"],
  ["draining", "leave-alone", ["stop"], "init"],
  ["draining", "lapsed", ["hush", "ask"], "doubting"],

  ["handing", "offer-due", ["offer-again"], "handing"],
  ["handing", "owner-above", ["yield-gracefully"], "standby"],
  ["handing", "declined", ["keep"], "active"],
  ["handing", "abandoned", ["stop"], "init"],
  ["handing", "leave-alone", ["stop"], "init"],
  ["handing", "lapsed", ["hush", "ask"], "doubting"],

  ["doubting", "ask-due", ["ask-again"], "doubting"],
  ["doubting", "owner-above", ["yield"], "standby"],
  ["doubting", "owner-below", ["resume"], "active"],
  ["doubting", "way-free", ["resume"], "active"],
  ["doubting", "unanswered", ["resume"], "active"],
  ["doubting", "leave-alone", ["yield", "stop"], "init"],
];

/** `undefined` when the pair has no row. */
export function gateRowFor(state: GateState, event: GateEvent): GateRow | undefined {
  return gateTable.find(([from, on]) => from === state && on === event);
}

/** It answers for the address, or did until it began to doubt. */
export function ownsIn(state: GateState): boolean {
  return state !== "init" && state !== "standby" && state !== "asking";
}

/** What the fast path and the operator know of it. */
export function roleIn(state: GateState): Role {
  switch (state) {
    case "init":
      return "init";
    case "standby":
    case "asking":
      return "standby";
    case "active":
    case "contested":
    case "doubting":
      return "active";
    case "draining":
    case "handing":
      return "draining";
  }
}
