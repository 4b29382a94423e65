/**
 * What one input decides, sorted by IKE SA: the checkpoints of one are one transaction, and its order is kept. An SA
 * that changed is checkpointed once, however often it changed.
 */
import type { IkeDecision, IkeEffect } from "./ike-port.ts";

/** Decisions that concern no IKE SA. */
export const NO_SA = "-";

export class Decisions {
  readonly #lists = new Map<string, { readonly owner: string; readonly sa: string; readonly effects: IkeEffect[] }>();

  /** Where effects of this SA go. */
  of(owner: string, sa: string): IkeEffect[] {
    const key = `${sa} ${owner}`;
    const known = this.#lists.get(key);
    if (known !== undefined) return known.effects;
    const effects: IkeEffect[] = [];
    this.#lists.set(key, { owner, sa, effects });
    return effects;
  }

  /** Everything decided since the last time. */
  take(): IkeDecision[] {
    const decided = [...this.#lists.values()].filter(each => each.effects.length > 0);
    this.#lists.clear();
    return decided;
  }
}
