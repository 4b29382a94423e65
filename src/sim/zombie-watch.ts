/**
 * A member that stood still for longer than its lease is not the active until it has decided so anew: until then no
 * frame of it may speak as the active, whatever was queued, due or repeated.
 */
import type { LivenessEffect } from "../core/gate/liveness-port.ts";
import type { Bed } from "./bed.ts";
import { Violation } from "./violation.ts";

export class ZombieWatch {
  readonly #bed: Bed;
  readonly #leaseMs: number;
  /** Whose role word says active, fresh or not. */
  readonly #active = new Set<string>();
  /** When each woke, while it has not decided. */
  readonly #woken = new Map<string, number>();

  constructor(bed: Bed, leaseMs: number) {
    this.#bed = bed;
    this.#leaseMs = leaseMs;
  }

  woke(member: string, since: number): void {
    if (!this.#active.has(member)) return;
    if (this.#bed.now - since > this.#leaseMs) this.#woken.set(member, this.#bed.now);
  }

  died(member: string): void {
    this.#woken.delete(member);
    this.#active.delete(member);
  }

  effect(member: string, effect: LivenessEffect): void {
    if (effect.do !== "role") return;
    if (effect.role === "active") {
      this.#active.add(member);
      return;
    }
    // It gave the role up: whatever it sends as active from now on, it has decided to.
    this.#active.delete(member);
    this.#woken.delete(member);
  }

  asActive(member: string, what: string): void {
    const woke = this.#woken.get(member);
    if (woke === undefined) return;
    throw new Violation(
      `${member} sends ${what} as active, ${(this.#bed.now - woke).toFixed(2)} ms after a standstill`,
      this.#bed.now,
    );
  }
}
