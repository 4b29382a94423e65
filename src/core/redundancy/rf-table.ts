/**
 * The redundancy facility of one scheme, as a table: the states that operators know, in their numbers, and what moves
 * from one to the next. A pair of state and event without a row has no effect.
 *
 * A standby climbs: the roles are settled, configurations agree, everything is copied, HOT. The active climbs in one
 * go, because nothing may wait for it. Nothing ever restarts: from every state there is a way back up.
 */

/** By number, as `show redundancy states` prints them; 6 has nothing to copy here and is passed at once. */
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
