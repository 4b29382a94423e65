/**
 * A member that stood still for longer than its lease is not the active until it has decided so anew: it asked, and
 * was answered or heard nothing for as long as asking takes. Until then no frame of it may speak as the active,
 * whatever was queued, due or repeated.
 */
import type { LivenessEffect } from "../core/gate/liveness-port.ts";
import type { Bed } from "./bed.ts";
import { Violation } from "./violation.ts";

/** Asking takes so long, milliseconds. */
const ASKING_MS = 24;

interface Woken {
  readonly at: number;
  /** When it first asked; when it first heard something after that. */
  askedAt?: number;
  heard?: boolean;
}

export class ZombieWatch {
  readonly #bed: Bed;
  readonly #leaseMs: number;
  /** Whose role word says active, fresh or not. */
  readonly #active = new Set<string>();
  /** Those that woke as active and have not decided. */
  readonly #woken = new Map<string, Woken>();

  constructor(bed: Bed, leaseMs: number) {
    this.#bed = bed;
    this.#leaseMs = leaseMs;
  }

  woke(member: string, since: number): void {
    if (!this.#active.has(member) || this.#bed.now - since <= this.#leaseMs) return;
    this.#woken.set(member, { at: this.#bed.now });
  }

  died(member: string): void {
    this.#woken.delete(member);
    this.#active.delete(member);
  }

  heard(member: string): void {
    const woken = this.#woken.get(member);
    if (woken?.askedAt !== undefined) woken.heard = true;
  }

  effect(member: string, effect: LivenessEffect): void {
    const woken = this.#woken.get(member);
    if (effect.do === "beacon" && woken !== undefined) woken.askedAt ??= this.#bed.now;
    if (effect.do !== "role") return;
    if (effect.role === "active") {
      this.#active.add(member);
      if (woken !== undefined && this.#hasDecided(woken)) this.#woken.delete(member);
      return;
    }
    // It gave the role up: whatever it sends as active from now on, it has decided to.
    this.#active.delete(member);
    this.#woken.delete(member);
  }

  asActive(member: string, what: string): void {
    const woken = this.#woken.get(member);
    if (woken === undefined) return;
    const sinceMs = this.#bed.now - woken.at;
    throw new Violation(
      `${member} sends ${what} as active, ${sinceMs.toFixed(2)} ms after a standstill`,
      this.#bed.now,
    );
  }

  #hasDecided({ askedAt, heard }: Woken): boolean {
    return askedAt !== undefined && (heard === true || this.#bed.now - askedAt >= ASKING_MS);
  }
}
