/**
 * Output commit: nothing leaves this member that reveals a state which a hot standby does not have yet.
 *
 * All checkpoints of one list of effects are one transaction with a position in the log of their scheme; what reveals
 * them waits until the standby has acknowledged that position, which means applied and installed there. A wait belongs
 * to one IKE SA of one scheme: what one SA decides leaves in the order in which it was decided, and waits for nothing
 * of another scheme. A standby that keeps us waiting for too long is declared not hot, and service goes on.
 *
 * It knows neither what a checkpoint says nor what an effect does. The log carries the transactions and hears the
 * acknowledgements; the shell performs what comes out.
 */
import { invariant } from "../errors.ts";
import { Timers } from "../wire/timers.ts";
import { SchemeLog } from "./scheme-log.ts";

/** No output waits longer than this for a standby, milliseconds. */
export const COMMIT_WAIT_MS = 250;

/** The position in a scheme's log that must be acknowledged first; `none` reveals nothing that the log holds. */
export type After = number | "none";

/** One effect of a core. Effects that must wait say so; the others wait only behind earlier ones of the same SA. */
export type Decided<C, E> =
  | { readonly do: "checkpoint"; readonly checkpoint: C }
  | { readonly do: "perform"; readonly effect: E; readonly reveals: boolean };

export type CommitInput<C, E> =
  /** What one IKE SA decided at once. `sa` tells SAs apart, in all schemes. */
  | {
      readonly kind: "decided";
      readonly scheme: string;
      readonly sa: string;
      readonly effects: readonly Decided<C, E>[];
    }
  /** The standby has applied and installed everything up to this position. */
  | { readonly kind: "acknowledged"; readonly scheme: string; readonly position: number }
  /** A standby of this session has had its bulk sync: it holds everything up to what it acknowledges. */
  | { readonly kind: "synced"; readonly scheme: string }
  /** There is no such standby any more. */
  | { readonly kind: "lost"; readonly scheme: string };

export type CommitEffect<C, E> =
  /** One transaction for the log. */
  | { readonly do: "append"; readonly scheme: string; readonly position: number; readonly checkpoints: readonly C[] }
  | { readonly do: "perform"; readonly scheme: string; readonly effect: E; readonly after: After }
  | { readonly do: "hot"; readonly scheme: string }
  /** Tell the standby, before anything that follows is performed. */
  | { readonly do: "not-hot"; readonly scheme: string; readonly because: "late" | "lost" };

export class Commit<C, E> {
  /** By scheme: when the output that waits longest has waited enough. */
  readonly timers = new Timers<string>();
  readonly #schemes = new Map<string, SchemeLog<E>>();
  readonly #from: number;

  /** A log that goes on behind another's: positions begin above `from`. */
  constructor(from = 0) {
    this.#from = from;
  }

  /** True while output waits for the standby's acknowledgement. */
  hot(scheme: string): boolean {
    return this.#schemes.get(scheme)?.standby.is === "hot";
  }

  /** The position of the last transaction; `from` before the first. */
  position(scheme: string): number {
    return this.#schemes.get(scheme)?.position ?? this.#from;
  }

  /**
   * The role is another's. Of what waits, that which reveals nothing, for it is to be done all the same: whoever knows
   * the table knows of these SAs, and nobody would say so again.
   */
  ended(scheme: string): E[] {
    const log = this.#schemes.get(scheme);
    this.timers.clear(scheme);
    return (log?.release(Number.POSITIVE_INFINITY) ?? []).flatMap(each => (each.after === "none" ? [each.effect] : []));
  }

  handle(input: CommitInput<C, E>, now: number): CommitEffect<C, E>[] {
    const log = this.#log(input.scheme);
    const effects = this.#handle(input, log, now);
    this.#rearm(input.scheme, log);
    return effects;
  }

  /** Safe to call at any time; does nothing when nothing is due. */
  handleTimeouts(now: number): CommitEffect<C, E>[] {
    return this.timers.due(now).flatMap(scheme => {
      const log = this.#log(scheme);
      const wasHot = log.standby.is === "hot";
      log.standby = { is: "behind", mark: log.position, since: now };
      const effects = this.#released(scheme, log, Number.POSITIVE_INFINITY);
      return wasHot ? [{ do: "not-hot", scheme, because: "late" } as const, ...effects] : effects;
    });
  }

  #handle(input: CommitInput<C, E>, log: SchemeLog<E>, now: number): CommitEffect<C, E>[] {
    const { scheme } = input;
    switch (input.kind) {
      case "decided":
        return this.#decided(input, log, now);
      case "acknowledged":
        log.acknowledge(input.position);
        return [...this.#released(scheme, log, log.acknowledged), ...this.#caughtUp(scheme, log, now)];
      case "synced":
        if (log.standby.is !== "none") return [];
        log.standby = { is: "behind", mark: log.position, since: now };
        return this.#caughtUp(scheme, log, now);
      case "lost": {
        const wasHot = log.standby.is === "hot";
        log.standby = { is: "none" };
        const effects = this.#released(scheme, log, Number.POSITIVE_INFINITY);
        return wasHot ? [{ do: "not-hot", scheme, because: "lost" }, ...effects] : effects;
      }
    }
    return input satisfies never;
  }

  #decided(
    { scheme, sa, effects }: Extract<CommitInput<C, E>, { kind: "decided" }>,
    log: SchemeLog<E>,
    now: number,
  ): CommitEffect<C, E>[] {
    const out: CommitEffect<C, E>[] = [];
    const checkpoints = effects.flatMap(each => (each.do === "checkpoint" ? [each.checkpoint] : []));
    const position = checkpoints.length > 0 ? log.append(sa) : log.lastOf(sa);
    if (position !== "none" && checkpoints.length > 0) out.push({ do: "append", scheme, position, checkpoints });
    for (const each of effects) {
      if (each.do === "checkpoint") continue;
      const after: After = each.reveals ? position : "none";
      if (log.mustWait(sa, after)) log.hold({ sa, after, effect: each.effect, since: now });
      else out.push({ do: "perform", scheme, effect: each.effect, after });
    }
    return out;
  }

  #released(scheme: string, log: SchemeLog<E>, upTo: number): CommitEffect<C, E>[] {
    return log.release(upTo).map(({ effect, after }) => ({ do: "perform", scheme, effect, after }));
  }

  /** A standby that was late is hot again when it has all that was revealed meanwhile. */
  #caughtUp(scheme: string, log: SchemeLog<E>, now: number): CommitEffect<C, E>[] {
    const { standby } = log;
    if (standby.is === "behind" && log.acknowledged >= standby.mark) {
      // A log that answers quickly again is worth waiting for, though it may never be empty under load: from here on
      // nothing more is revealed before it is acknowledged.
      const quick = now - standby.since <= COMMIT_WAIT_MS / 2 || log.acknowledged === log.position;
      log.standby = quick
        ? { is: "returning", revealed: log.position }
        : { is: "behind", mark: log.position, since: now };
    }
    if (log.standby.is !== "returning" || log.acknowledged < log.standby.revealed) return [];
    log.standby = { is: "hot" };
    return [{ do: "hot", scheme }];
  }

  #rearm(scheme: string, log: SchemeLog<E>): void {
    const { waitingSince } = log;
    if (waitingSince === undefined) this.timers.clear(scheme);
    else this.timers.set(scheme, waitingSince + COMMIT_WAIT_MS);
  }

  #log(scheme: string): SchemeLog<E> {
    const known = this.#schemes.get(scheme);
    if (known !== undefined) return known;
    const log = new SchemeLog<E>(this.#from);
    this.#schemes.set(scheme, log);
    invariant(this.#schemes.size <= 4096, "more schemes than there are HSRP groups");
    return log;
  }
}
