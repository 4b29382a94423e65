/**
 * Who owns what, seen from outside: of every member and group the HSRP state that it says it is in, the address that it
 * answers for, and its role. Each step is checked against the one before.
 */
import type { LivenessEffect } from "../core/gate/liveness-port.ts";
import type { HsrpState } from "../core/hsrp/hsrp-message.ts";
import { Violation } from "./violation.ts";

interface Owned {
  state: HsrpState;
  holds: boolean;
}

export class Ownership {
  /** How often a member became the active of the leading group. */
  takeovers = 0;
  /** Changes of state of any group. */
  transitions = 0;
  readonly #now: () => number;
  readonly #leading: string;
  readonly #owned = new Map<string, Owned>();

  constructor(now: () => number, leading: string) {
    this.#now = now;
    this.#leading = leading;
  }

  stateOf(member: string, group: string): HsrpState {
    return this.#owned.get(`${member} ${group}`)?.state ?? "initial";
  }

  effect(member: string, effect: LivenessEffect): void {
    if (effect.do === "take-address") this.#of(member, effect.group).holds = true;
    if (effect.do === "announce") this.#announced(member, effect.group);
    if (effect.do === "release-address") this.#released(member, effect.group);
    if (effect.do === "changed") this.#changed(member, effect.group, effect.from, effect.to);
  }

  died(member: string): void {
    for (const key of this.#owned.keys()) if (key.startsWith(`${member} `)) this.#owned.delete(key);
  }

  /** Between two inputs of a member, whoever holds an address is its active, and the active holds its address. */
  check(): void {
    for (const [key, { state, holds }] of this.#owned) {
      if (holds === (state === "active")) continue;
      this.#broken(`${key} is ${state} and ${holds ? "holds" : "does not hold"} its address`);
    }
  }

  #announced(member: string, group: string): void {
    if (!this.#of(member, group).holds) this.#broken(`${member} announces the address of ${group} without holding it`);
  }

  #released(member: string, group: string): void {
    const owned = this.#of(member, group);
    if (!owned.holds) this.#broken(`${member} releases the address of ${group} twice`);
    owned.holds = false;
  }

  #changed(member: string, group: string, from: HsrpState, to: HsrpState): void {
    const owned = this.#of(member, group);
    if (owned.state !== from) this.#broken(`${member} ${group} changes from ${from}, but it was ${owned.state}`);
    owned.state = to;
    this.transitions += 1;
    if (to === "active" && group === this.#leading) this.takeovers += 1;
  }

  #of(member: string, group: string): Owned {
    const key = `${member} ${group}`;
    const known = this.#owned.get(key);
    if (known !== undefined) return known;
    const fresh: Owned = { state: "initial", holds: false };
    this.#owned.set(key, fresh);
    return fresh;
  }

  #broken(what: string): never {
    throw new Violation(what, this.#now());
  }
}
