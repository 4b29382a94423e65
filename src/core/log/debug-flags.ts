/**
 * What `debug` can switch on, and how often it may speak. A flag is what one line is about; a command may switch
 * several (`debug standby terse` is everything but the hellos).
 *
 * Lines are made only while their flag is on, and only so many a second: a storm of packets must not become a storm of
 * lines. What was left out is counted and told with the next line.
 */
import { log } from "./catalogue.ts";
import type { LogEvent } from "./message.ts";

export const DEBUG_FLAGS = [
  /** Packets that were refused, and why. */
  "hsrp-errors",
  /** Changes of state, addresses taken and given up, roles, the gate. */
  "hsrp-events",
  /** Coups and resigns, in and out. */
  "hsrp-packets",
  /** Hellos, in and out. */
  "hsrp-hellos",
  /** What redundancy decides: states, bulk syncs, who is hot, takeovers. */
  "redundancy",
  /** What IKE sends, receives and decides. */
  "isakmp",
  /** SAs that come and go, and what asks for them. */
  "ipsec",
] as const;

export type DebugFlag = (typeof DEBUG_FLAGS)[number];

/** One line, before it is known whether anybody wants it. */
export interface DebugLine {
  readonly flag: DebugFlag;
  readonly text: string;
}

const LINES_PER_SECOND = 50;

export class DebugSwitches {
  readonly #on = new Set<DebugFlag>();
  #secondFrom = Number.NEGATIVE_INFINITY;
  #said = 0;
  #leftOut = 0;

  on(): ReadonlySet<DebugFlag> {
    return this.#on;
  }

  set(flags: Iterable<DebugFlag>, on: boolean): void {
    for (const flag of flags) {
      if (on) this.#on.add(flag);
      else this.#on.delete(flag);
    }
  }

  /** `lines` is asked only while something is on. */
  events(lines: () => readonly DebugLine[], nowMs: number): LogEvent[] {
    if (this.#on.size === 0) return [];
    const wanted = lines().filter(each => this.#on.has(each.flag));
    return wanted.flatMap(line => this.#admit(line, nowMs));
  }

  #admit({ flag, text }: DebugLine, nowMs: number): LogEvent[] {
    const say = sayOf(flag);
    if (nowMs - this.#secondFrom >= 1000) {
      this.#secondFrom = nowMs;
      this.#said = 0;
    }
    if (this.#said >= LINES_PER_SECOND) {
      this.#leftOut += 1;
      return [];
    }
    this.#said += 1;
    const before = this.#leftOut === 0 ? [] : [say({ text: `${this.#leftOut} debug lines left out` })];
    this.#leftOut = 0;
    return [...before, say({ text })];
  }
}

function sayOf(flag: DebugFlag): (fields: { text: string }) => LogEvent {
  switch (flag) {
    case "redundancy":
      return log.debug.redundancy;
    case "isakmp":
    case "ipsec":
      return log.debug.ike;
    default:
      return log.debug.hsrp;
  }
}
