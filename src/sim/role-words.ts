/** The words that a member's threads share: of each owner (a scheme, or a group without one) its role and its lease. */
import type { Role } from "../core/gate/liveness-port.ts";

export interface RoleWord {
  readonly role: Role;
  readonly epoch: number;
  readonly freshUntil: number;
}

export class RoleWords {
  readonly #words = new Map<string, RoleWord>();

  write(owner: string, word: RoleWord): void {
    this.#words.set(owner, word);
  }

  of(owner: string): RoleWord | undefined {
    return this.#words.get(owner);
  }

  /** What names no owner needs no lease. */
  fresh(owner: string | undefined, now: number): boolean {
    if (owner === undefined) return true;
    return now < (this.#words.get(owner)?.freshUntil ?? 0);
  }
}
