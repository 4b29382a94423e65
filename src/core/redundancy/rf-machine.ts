/** The table of the redundancy facility at work: its state, and what `show redundancy history` remembers of it. */
import type { HistoryEntry, SwitchoverEntry } from "./replication-port.ts";
import { type RfEvent, type RfState, rfRowFor } from "./rf-table.ts";

const HISTORY_LIMIT = 100;
const SWITCHOVERS_LIMIT = 50;

export class RfMachine {
  #state: RfState = "INITIALIZATION";
  #since: number | undefined;
  #hadActive = false;
  /** The other member's epoch is still to be heard, for the last switchover. */
  #unheard = false;
  readonly #history: HistoryEntry[] = [];
  readonly #switchovers: SwitchoverEntry[] = [];

  get state(): RfState {
    return this.#state;
  }

  /** When it came into its state; `undefined` before the first change. */
  get since(): number | undefined {
    return this.#since;
  }

  /** In this life somebody was the active already, so that whoever becomes it takes over. */
  get hadActive(): boolean {
    return this.#hadActive;
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
    this.#since = now;
    if (to === "STANDBY COLD" || to === "ACTIVE") this.#hadActive = true;
    const entry = { at: now, from, to, because };
    remember(this.#history, entry, HISTORY_LIMIT);
    return entry;
  }

  switchedOver(entry: SwitchoverEntry): void {
    remember(this.#switchovers, entry, SWITCHOVERS_LIMIT);
  }

  /**
   * This member is not the active any more, since that had epoch `gaveUp`; what is known by now of the other's is
   * `epoch`. Mostly that is the same one: with which epoch the other is active is heard of it afterwards.
   */
  stoodDown(gaveUp: number, epoch: number, now: number): void {
    this.switchedOver({ at: now, epoch, how: "switchover", stateful: true, active: "peer" });
    this.#unheard = epoch === gaveUp;
  }

  /** The other member has this epoch. */
  hears(epoch: number): void {
    const last = this.#switchovers.at(-1);
    if (!this.#unheard || last?.active !== "peer" || epoch <= last.epoch) return;
    this.#unheard = false;
    this.#switchovers[this.#switchovers.length - 1] = { ...last, epoch };
  }

  forget(): void {
    this.#history.length = 0;
  }
}

function remember<T>(list: T[], entry: T, limit: number): void {
  list.push(entry);
  if (list.length > limit) list.shift();
}
