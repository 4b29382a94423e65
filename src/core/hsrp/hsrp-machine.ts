/**
 * One group of HSRP: which member answers for the virtual address. Feed it what happens and do what it says; it
 * never waits.
 *
 * The table decides the next state; this file turns packets into the table's events, keeps the deadlines, and asks
 * the gate where there is one. Under a gate nothing enters or leaves Active but by the gate's order (except that
 * an interface that is down leaves it at once): what the table would do is proposed, and the machine stays where
 * it is.
 */
import { compareIp, type IpAddress } from "../wire/address.ts";
import { Timers } from "../wire/timers.ts";
import type { HsrpMessage, HsrpOpcode, HsrpState } from "./hsrp-message.ts";
import { type HsrpGroupSettings, LEARNED_TIMES_MAX, TIMER_FLOOR } from "./hsrp-settings.ts";
import { type HsrpAction, type HsrpEvent, type HsrpRow, rowFor } from "./hsrp-table.ts";

/** What the shell knows at the moment of an input. */
export interface HsrpFacts {
  /** A scheme names this group: entering and leaving Active are proposals to the gate. */
  readonly gated: boolean;
  /** Redundancy holds everything that the active holds; true where there is no redundancy. */
  readonly synced: boolean;
  /** What tracked objects take from the priority. */
  readonly decrement: number;
  /** 0 to 1, anew for each input: hellos must not march in step. */
  readonly jitter: number;
}

export type HsrpInput =
  | { readonly kind: "start"; readonly firstSinceBoot: boolean }
  | { readonly kind: "stop"; readonly because: string }
  | { readonly kind: "packet"; readonly message: HsrpMessage; readonly source: IpAddress }
  | { readonly kind: "order"; readonly order: "take" | "yield"; readonly because: string }
  /** This member's lease as the active ran out before it was renewed. */
  | { readonly kind: "lapsed" };

export type HsrpEffect =
  | { readonly do: "transmit"; readonly message: HsrpMessage; readonly fromVirtualMac: boolean }
  /** Answer for the virtual address from now on; stop to. */
  | { readonly do: "take-address" }
  | { readonly do: "release-address" }
  | { readonly do: "announce" }
  | {
      readonly do: "propose";
      readonly proposal: "take" | "yield";
      readonly because: HsrpEvent;
      /** Whose packet led to it; `undefined` where silence did. */
      readonly source: IpAddress | undefined;
    }
  | { readonly do: "changed"; readonly from: HsrpState; readonly to: HsrpState; readonly because: string };

/** A member as its hellos show it. */
export interface SeenRouter {
  readonly address: IpAddress;
  readonly priority: number;
}

export type HsrpTimer =
  /** Runs while an active was heard; its end means that the active is gone. */
  | "active"
  /** The same of the standby. */
  | "standby"
  /** When the next hello is due. */
  | "hello";

interface Packet {
  readonly message: HsrpMessage;
  readonly source: IpAddress;
}

export class HsrpMachine {
  readonly timers = new Timers<HsrpTimer>();
  #settings: HsrpGroupSettings;
  #state: HsrpState = "initial";
  #learned: { readonly virtualAddress?: IpAddress; readonly helloMs?: number; readonly holdMs?: number } = {};
  #activeRouter: SeenRouter | undefined;
  #standbyRouter: SeenRouter | undefined;
  #overthrowFrom = 0;
  #syncDeadline = 0;

  constructor(settings: HsrpGroupSettings) {
    this.#settings = settings;
  }

  get settings(): HsrpGroupSettings {
    return this.#settings;
  }

  /** Priority, timers and preemption may change while it works; what names the group may not. */
  set settings(settings: HsrpGroupSettings) {
    this.#settings = settings;
  }

  get state(): HsrpState {
    return this.#state;
  }

  /** `undefined` while this member is the active, or none is known. */
  get activeRouter(): SeenRouter | undefined {
    return this.#state === "active" ? undefined : this.#activeRouter;
  }

  get standbyRouter(): SeenRouter | undefined {
    return this.#state === "standby" ? undefined : this.#standbyRouter;
  }

  get virtualAddress(): IpAddress | undefined {
    return this.settings.virtualAddress ?? this.#learned.virtualAddress;
  }

  get helloMs(): number {
    return (this.settings.timersConfigured ? undefined : this.#learned.helloMs) ?? this.settings.helloMs;
  }

  get holdMs(): number {
    return (this.settings.timersConfigured ? undefined : this.#learned.holdMs) ?? this.settings.holdMs;
  }

  /** What this member would put into a hello: never below 0 or above 255. */
  priority(facts: HsrpFacts): number {
    return Math.min(255, Math.max(0, this.settings.priority - facts.decrement));
  }

  handle(input: HsrpInput, facts: HsrpFacts, now: number): HsrpEffect[] {
    switch (input.kind) {
      case "start":
        return this.#start(input.firstSinceBoot, facts, now);
      case "stop":
        return this.#event("stop", input.because, facts, now);
      case "order":
        return this.#event(input.order === "take" ? "gate-take" : "gate-yield", input.because, facts, now);
      case "lapsed":
        return this.#event("lapsed", "lapsed", facts, now);
      case "packet":
        return this.#packet(input.message, input.source, facts, now);
    }
    return input satisfies never;
  }

  /** Safe to call at any time; does nothing when nothing is due. */
  handleTimeouts(facts: HsrpFacts, now: number): HsrpEffect[] {
    const effects: HsrpEffect[] = [];
    // One by one: what one timeout does may put the next one off.
    for (let timer = this.timers.take(now); timer !== undefined; timer = this.timers.take(now)) {
      if (timer === "active") this.#activeRouter = undefined;
      if (timer === "standby") this.#standbyRouter = undefined;
      const event: HsrpEvent = `${timer}-timeout`;
      effects.push(...this.#event(event, event, facts, now));
    }
    return effects;
  }

  /**
   * Silence while this member was not listening is no silence: who was not heard in a gap gets its whole time
   * again.
   */
  forgiveGap(now: number): void {
    for (const timer of ["active", "standby"] as const) {
      const at = this.timers.at(timer);
      if (at !== undefined && at <= now) this.timers.set(timer, now + this.holdMs);
    }
  }

  #start(firstSinceBoot: boolean, facts: HsrpFacts, now: number): HsrpEffect[] {
    const { preempt } = this.settings;
    const delay = firstSinceBoot ? Math.max(preempt?.reloadMs ?? 0, preempt?.minimumMs ?? 0) : preempt?.minimumMs;
    this.#overthrowFrom = now + (delay ?? 0);
    this.#syncDeadline = now + (preempt?.syncMs ?? 0);
    return this.#event(this.virtualAddress === undefined ? "start-unaddressed" : "start", "start", facts, now);
  }

  #packet(message: HsrpMessage, source: IpAddress, facts: HsrpFacts, now: number): HsrpEffect[] {
    const event = this.#eventOf(message, source, facts, now);
    if (event === undefined) return [];
    const seen = { address: source, priority: message.priority };
    if (message.opcode === "hello" && message.state === "active") this.#activeRouter = seen;
    if (message.opcode === "hello" && message.state === "standby") this.#standbyRouter = seen;
    const effects = this.#event(event, event, facts, now, { message, source });
    if (message.opcode === "resign" && !proposes(effects)) this.#activeRouter = undefined;
    return effects;
  }

  #eventOf(message: HsrpMessage, source: IpAddress, facts: HsrpFacts, now: number): HsrpEvent | undefined {
    const higher = message.priority - this.priority(facts) || compareIp(source, this.settings.address);
    if (message.opcode === "coup") return higher > 0 ? "coup-higher" : undefined;
    // Row i of the RFC: from the active alone. What nobody believed to be active cannot resign.
    if (message.opcode === "resign") return this.#activeRouter?.address === source ? "active-resigns" : undefined;
    switch (message.state) {
      case "active":
        // Who has no address yet waits for one; a hello without one ends nothing.
        if (this.#state === "learn" && message.virtualAddress === undefined) return undefined;
        if (higher > 0) return "active-hello-higher";
        return this.#mayOverthrow(facts, now) ? "active-hello-overthrown" : "active-hello-lower";
      case "standby":
        return higher > 0 ? "standby-hello-higher" : "standby-hello-lower";
      case "speak":
        return higher > 0 ? "speak-hello-higher" : undefined;
      default:
        return undefined;
    }
  }

  #mayOverthrow(facts: HsrpFacts, now: number): boolean {
    if (this.settings.preempt === undefined || this.#state === "active") return false;
    return now >= this.#overthrowFrom && (facts.synced || now >= this.#syncDeadline);
  }

  #event(event: HsrpEvent, because: string, facts: HsrpFacts, now: number, packet?: Packet): HsrpEffect[] {
    const row = rowFor(this.#state, event);
    if (row === undefined) return [];
    const message = packet?.message;
    const proposal = facts.gated ? proposalOf(row) : undefined;
    if (proposal !== undefined) return this.#propose(proposal, event, packet, now);
    const [from, , actions, to] = row;
    this.#state = to;
    this.#startHellos(from, to, actions, now);
    const effects = actions.flatMap(action => this.#act(action, from, facts, now, message));
    const moved = from === to ? [] : addressEffects(from, to);
    const changed: HsrpEffect[] = from === to ? [] : [{ do: "changed", from, to, because }];
    // The address is there before the hello that says so, and gone before the resign that says so.
    return [...moved, ...effects, ...changed];
  }

  /** The gate is asked; the deadlines run on, so that it is asked again. */
  #propose(proposal: "take" | "yield", because: HsrpEvent, packet: Packet | undefined, now: number): HsrpEffect[] {
    if (proposal === "take") this.timers.set("active", now + this.#heldFor(packet?.message));
    return [{ do: "propose", proposal, because, source: packet?.source }];
  }

  /** Hellos are sent in Speak, Standby and Active: entering these starts them, leaving these ends them. */
  #startHellos(from: HsrpState, to: HsrpState, actions: readonly HsrpAction[], now: number): void {
    if (!speaks(to)) this.timers.clear("hello");
    else if (!speaks(from) && !actions.includes("send-hello")) this.timers.set("hello", now);
  }

  #act(action: HsrpAction, from: HsrpState, facts: HsrpFacts, now: number, message?: HsrpMessage): HsrpEffect[] {
    switch (action) {
      case "await-active":
        this.timers.set("active", now + this.#heldFor(message));
        return [];
      case "await-standby":
        this.timers.set("standby", now + this.#heldFor(message));
        return [];
      case "forget-active":
        this.timers.clear("active");
        return [];
      case "forget-standby":
        this.timers.clear("standby");
        return [];
      case "resume-active-wait":
        if (this.timers.at("active") === undefined) this.timers.set("active", now);
        return [];
      case "learn":
        this.#learn(message);
        return [];
      case "send-hello":
        this.timers.set("hello", now + this.helloMs * (1 - facts.jitter / 10));
        return [this.#transmit("hello", this.#state, facts)];
      case "send-coup":
        return [this.#transmit("coup", this.#state, facts)];
      case "send-resign":
        return [this.#transmit("resign", from, facts)];
      case "announce":
        return [{ do: "announce" }];
    }
    return action satisfies never;
  }

  /** The hold time in a received hello counts, unless ours are configured: version 1 cannot say milliseconds. */
  #heldFor(message: HsrpMessage | undefined): number {
    if (message?.opcode !== "hello" || this.settings.timersConfigured) return this.holdMs;
    return this.#bounded(message.holdMs, "holdMs");
  }

  #learn(message: HsrpMessage | undefined): void {
    if (message === undefined) return;
    const { virtualAddress } = message;
    this.#learned = {
      ...(virtualAddress !== undefined && { virtualAddress }),
      helloMs: this.#bounded(message.helloMs, "helloMs"),
      holdMs: this.#bounded(Math.max(message.holdMs, message.helloMs + 1), "holdMs"),
    };
  }

  /** A received time neither makes the group flap nor freezes it. */
  #bounded(ms: number, which: "helloMs" | "holdMs"): number {
    return Math.min(Math.max(ms, TIMER_FLOOR[which]), this.settings[which] * LEARNED_TIMES_MAX);
  }

  #transmit(opcode: HsrpOpcode, state: HsrpState, facts: HsrpFacts): HsrpEffect {
    const message: HsrpMessage = {
      opcode,
      state,
      group: this.settings.group,
      priority: this.priority(facts),
      helloMs: this.helloMs,
      holdMs: this.holdMs,
      virtualAddress: this.virtualAddress,
    };
    return { do: "transmit", message, fromVirtualMac: this.#state === "active" };
  }
}

function proposes(effects: readonly HsrpEffect[]): boolean {
  return effects.some(effect => effect.do === "propose");
}

/** The states in which a member sends hellos. */
export function speaks(state: HsrpState): boolean {
  return state === "speak" || state === "standby" || state === "active";
}

function addressEffects(from: HsrpState, to: HsrpState): HsrpEffect[] {
  if (to === "active") return [{ do: "take-address" }];
  return from === "active" ? [{ do: "release-address" }] : [];
}

/** What a row asks of the gate; its own orders, a stop and a lapse ask nothing. */
function proposalOf([from, event, , to]: HsrpRow): "take" | "yield" | undefined {
  if (event === "gate-take" || event === "gate-yield" || event === "stop" || event === "lapsed") return undefined;
  if (to === "active" && from !== "active") return "take";
  return from === "active" && to !== "active" ? "yield" : undefined;
}
