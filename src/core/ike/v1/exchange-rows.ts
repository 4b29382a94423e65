/**
 * What a table of an exchange is, and how one is read.
 *
 * A row says what happens in a state on an event: actions in order, then the next state. An action answers whether it
 * went well; the first that did not ends the row, the state stays, and so does everything that was remembered: a
 * message that proves wrong might be an attacker's, and the true one may still come. A pair that has no row has no
 * effect. The table alone decides the next state.
 */

import type { Selector } from "../../wire/selector.ts";

/** `[in, on, do, then]`. */
export type Row<State, Event, Action> = readonly [State, Event, readonly Action[], State];

/** Why an action did not go well, as a phrase for the log; `quiet` is counted only. */
export interface Refused {
  readonly refused: string;
  readonly quiet?: boolean;
  /** What an authenticated peer is told. */
  readonly notify?: number;
  /** The traffic that it asked for, where that is what was refused. */
  readonly asked?: Selector;
}

export function rowFor<State, Event, Action>(
  rows: readonly Row<State, Event, Action>[],
  state: State,
  event: Event,
): Row<State, Event, Action> | undefined {
  return rows.find(([from, on]) => from === state && on === event);
}

export type Ran<State> = { readonly next: State } | Refused | "no row";

/** Runs a row's actions. Nothing may be remembered before the last check of a message: actions are ordered so. */
export function runRow<State, Event, Action>(
  rows: readonly Row<State, Event, Action>[],
  state: State,
  event: Event,
  act: (action: Action) => Refused | undefined,
): Ran<State> {
  const row = rowFor(rows, state, event);
  if (row === undefined) return "no row";
  for (const action of row[2]) {
    const refused = act(action);
    if (refused !== undefined) return refused;
  }
  return { next: row[3] };
}
