/**
 * The gate's table at work: its state and its own deadlines. What an action does outside is its caller's; the machine
 * returns the actions in order and keeps the time of asks, drains and offers.
 */
import { Timers } from "../wire/timers.ts";
import type { GateState } from "./beacon-codec.ts";
import { type GateAction, type GateEvent, gateRowFor } from "./gate-table.ts";

export type GateTimer =
  /** The next ask. */
  | "ask"
  /** Nobody answered any ask. */
  | "asks-end"
  /** `drained` did not come. */
  | "drain"
  /** The next repetition of the offer. */
  | "offer"
  /** The offer was not taken up. */
  | "offer-end";

export interface GateTimes {
  readonly drainMs: number;
  /** This member goes, whether or not the offer is taken up. */
  readonly leaving: boolean;
}

/** Twelve asks over 24 ms: at 30 % loss each way one in 3,000 such rows stays without an answer. */
const ASKS = 12;
const ASK_EVERY_MS = 2;
/** After a late ask the next one does not follow at once: a burst is lost as one. */
const ASK_LEAST_MS = 1;
/** An answer to the last ask has this long. All twelve are sent first, however late this thread is. */
const ANSWER_MS = 4;
const OFFER_EVERY_MS = 10;
const OFFER_LIMIT_MS = 250;

export class GateMachine {
  readonly timers = new Timers<GateTimer>();
  #state: GateState = "init";
  #asked = 0;
  #firstAskAt = 0;

  get state(): GateState {
    return this.#state;
  }

  /** What is to be done, in order; `undefined` where nothing happened. */
  handle(event: GateEvent, times: GateTimes, now: number): readonly GateAction[] | undefined {
    const row = gateRowFor(this.#state, event);
    if (row === undefined) return undefined;
    const [from, , actions, to] = row;
    this.#state = to;
    if (from !== to) this.timers.clear();
    for (const action of actions) this.#time(action, times, now);
    return actions;
  }

  /** The event whose time has come; ask again until there is none. */
  due(times: GateTimes, now: number): GateEvent | undefined {
    switch (this.timers.take(now)) {
      case undefined:
        return undefined;
      case "ask":
        return "ask-due";
      case "asks-end":
        return "unanswered";
      case "drain":
        return "drain-limit";
      case "offer":
        return "offer-due";
      case "offer-end":
        return times.leaving ? "abandoned" : "declined";
    }
  }

  #time(action: GateAction, { drainMs }: GateTimes, now: number): void {
    switch (action) {
      case "ask":
        this.#firstAskAt = now;
        this.#asked = 0;
        this.#planAsk(now);
        return;
      case "ask-again":
        this.#planAsk(now);
        return;
      case "drain":
        this.timers.set("drain", now + drainMs);
        return;
      case "offer":
        this.timers.set("offer", now + OFFER_EVERY_MS);
        this.timers.set("offer-end", now + OFFER_LIMIT_MS);
        return;
      case "offer-again":
        this.timers.set("offer", now + OFFER_EVERY_MS);
        return;
      default:
    }
  }

  /** One more was sent. */
  #planAsk(now: number): void {
    this.#asked += 1;
    const planned = this.#firstAskAt + this.#asked * ASK_EVERY_MS;
    if (this.#asked < ASKS) this.timers.set("ask", Math.max(planned, now + ASK_LEAST_MS));
    else this.timers.set("asks-end", now + ANSWER_MS);
  }
}
