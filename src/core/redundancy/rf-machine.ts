/** The table of the redundancy facility at work: its state, and what `show redundancy history` remembers of it. */
import type { HistoryEntry, SwitchoverEntry } from "./replication-port.ts";
import { type RfEvent, type RfState, rfRowFor } from "./rf-table.ts";

const HISTORY_LIMIT = 100;
const SWITCHOVERS_LIMIT = 50;

export class RfMachine {
  #state: RfState = "INITIALIZATION";
  readonly #history: HistoryEntry[] = [];
  readonly #switchovers: SwitchoverEntry[] = [];

  get state(): RfState {
    return this.#state;
  }

  get history(): readonly HistoryEntry[] {
    return this.#history;
  }

  get switchovers(): readonly SwitchoverEntry[] {
    return this.#switchovers;
  }

  /** The change, if there is one. */
  handle(event: RfEvent, because: string, now: number): HistoryEntry | undefined {
    const row = rfRowFor(this.#state, event);
    if (row === undefined) return undefined;
    const [from, , to] = row;
    this.#state = to;
    const entry = { at: now, from, to, because };
    remember(this.#history, entry, HISTORY_LIMIT);
    return entry;
  }

  switchedOver(entry: SwitchoverEntry): void {
    remember(this.#switchovers, entry, SWITCHOVERS_LIMIT);
  }

  forget(): void {
    this.#history.length = 0;
  }
}

function remember<T>(list: T[], entry: T, limit: number): void {
  list.push(entry);
  if (list.length > limit) list.shift();
}
