/**
 * The redundancy facility of one scheme, as a table: the states that operators know, in their numbers, and what moves
 * from one to the next. A pair of state and event without a row has no effect.
 *
 * A standby climbs: an active is known, configurations agree, everything is copied, HOT. The active climbs in one go,
 * because nothing may wait for it. A standby whose peer falls silent altogether stays HOT, for that is what it is
 * there for. Nothing ever restarts: from every state there is a way back up.
 */

/** By number, as `show redundancy states` prints them; at 6 there is nothing to copy here, and it is passed at once. */
export const RF_STATES = {
  DISABLED: 1,
  INITIALIZATION: 2,
  NEGOTIATION: 3,
  "STANDBY COLD": 4,
  "STANDBY COLD-CONFIG": 5,
  "STANDBY COLD-FILESYS": 6,
  "STANDBY COLD-BULK": 7,
  "STANDBY HOT": 8,
  "ACTIVE-FAST": 9,
  "ACTIVE-DRAIN": 10,
  "ACTIVE-PRECONFIG": 11,
  "ACTIVE-POSTCONFIG": 12,
  ACTIVE: 13,
} as const;

export type RfState = keyof typeof RF_STATES;

export type RfEvent =
  /** The scheme's role is known; it does not own the role. */
  | "waits"
  /** It owns the role: active. */
  | "owns"
  /** It owned the role and does not any more. */
  | "yields"
  /** An orderly handover begins. */
  | "drain"
  /** The next step of the active, at once. */
  | "proceed"
  /** On the stream, a peer with which this release can work owns the role. */
  | "peer-owns"
  /** It does not any more, or cannot be worked with. */
  | "peer-idle"
  /** Configurations are compared; they agree; they differ. */
  | "compare"
  | "agree"
  | "differ"
  /** Everything is asked for anew. */
  | "join"
  /** Everything is held, and the active waits for this member. */
  | "hot"
  /** The active does not wait for this member any more. */
  | "not-hot"
  | "link-lost"
  /** The peer is heard, and the association is not. */
  | "separated";

export type RfRow = readonly [RfState, RfEvent, RfState];

export const rfTable: readonly RfRow[] = [
  // in                   on           then
  ["INITIALIZATION", "waits", "NEGOTIATION"],
  ["INITIALIZATION", "owns", "ACTIVE-FAST"],

  ["NEGOTIATION", "owns", "ACTIVE-FAST"],
  ["NEGOTIATION", "peer-owns", "STANDBY COLD"],

  ["STANDBY COLD", "owns", "ACTIVE-FAST"],
  ["STANDBY COLD", "peer-idle", "NEGOTIATION"],
  ["STANDBY COLD", "compare", "STANDBY COLD-CONFIG"],

  ["STANDBY COLD-CONFIG", "owns", "ACTIVE-FAST"],
  ["STANDBY COLD-CONFIG", "peer-idle", "NEGOTIATION"],
  ["STANDBY COLD-CONFIG", "link-lost", "STANDBY COLD"],
  ["STANDBY COLD-CONFIG", "agree", "STANDBY COLD-FILESYS"],

  ["STANDBY COLD-FILESYS", "join", "STANDBY COLD-BULK"],

  ["STANDBY COLD-BULK", "owns", "ACTIVE-FAST"],
  ["STANDBY COLD-BULK", "peer-idle", "NEGOTIATION"],
  ["STANDBY COLD-BULK", "link-lost", "STANDBY COLD"],
  ["STANDBY COLD-BULK", "differ", "STANDBY COLD-CONFIG"],
  ["STANDBY COLD-BULK", "hot", "STANDBY HOT"],

  ["STANDBY HOT", "owns", "ACTIVE-FAST"],
  ["STANDBY HOT", "differ", "STANDBY COLD-CONFIG"],
  ["STANDBY HOT", "not-hot", "STANDBY COLD-BULK"],
  ["STANDBY HOT", "join", "STANDBY COLD-BULK"],
  ["STANDBY HOT", "separated", "STANDBY COLD"],

  ["ACTIVE-FAST", "proceed", "ACTIVE-PRECONFIG"],
  ["ACTIVE-PRECONFIG", "proceed", "ACTIVE-POSTCONFIG"],
  ["ACTIVE-POSTCONFIG", "proceed", "ACTIVE"],

  ["ACTIVE", "drain", "ACTIVE-DRAIN"],
  ["ACTIVE", "yields", "NEGOTIATION"],
  ["ACTIVE-DRAIN", "owns", "ACTIVE"],
  ["ACTIVE-DRAIN", "yields", "NEGOTIATION"],
];

/** `undefined` when the pair has no row. */
export function rfRowFor(state: RfState, event: RfEvent): RfRow | undefined {
  return rfTable.find(([from, on]) => from === state && on === event);
}

export function rfStateOf(number: number): RfState | undefined {
  return (Object.keys(RF_STATES) as RfState[]).find(state => RF_STATES[state] === number);
}
