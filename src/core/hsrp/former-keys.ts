/**
 * Keys that were replaced a moment ago and are still accepted: after `authentication md5 key-string NEW timeout
 * 30` the key before it counts for 30 seconds more, so that the members can be changed one after the other.
 *
 * It is told every configuration that takes effect. Signing is always with the new key.
 */
import { utf8 } from "../wire/utf8.ts";
import type { HsrpKey } from "./hsrp-auth.ts";
import type { HsrpInterfaceModel } from "./hsrp-model.ts";

interface FormerKey {
  readonly key: HsrpKey;
  readonly untilMs: number;
}

export class FormerKeys {
  /** The key string of each group, by `where`. */
  #current = new Map<string, string>();
  #former = new Map<string, FormerKey[]>();

  /** This configuration takes effect now. What is accepted no longer is forgotten. */
  see(hsrp: ReadonlyMap<string, HsrpInterfaceModel>, nowMs: number): void {
    const current = new Map<string, string>();
    const former = new Map<string, FormerKey[]>();
    for (const [name, { groups }] of hsrp) {
      for (const { number, authentication } of groups.values()) {
        if (authentication?.kind !== "md5-string") continue;
        const at = where(name, number);
        const { key, timeoutSeconds = 0 } = authentication;
        current.set(at, key);
        const before = this.#current.get(at);
        const replaced = before !== undefined && before !== key && timeoutSeconds > 0;
        const kept = (this.#former.get(at) ?? []).filter(each => each.untilMs > nowMs);
        if (replaced) kept.push({ key: { id: 0, octets: utf8(before) }, untilMs: nowMs + timeoutSeconds * 1000 });
        if (kept.length > 0) former.set(at, kept);
      }
    }
    this.#current = current;
    this.#former = former;
  }

  /** What a group accepts beside its own key. */
  of(interfaceName: string, group: number, nowMs: number): readonly HsrpKey[] {
    const found = this.#former.get(where(interfaceName, group)) ?? [];
    return found.filter(each => each.untilMs > nowMs).map(each => each.key);
  }

  /** When a key ceases to count, and the groups must be configured anew; `undefined` when none does. */
  nextMs(nowMs: number): number | undefined {
    const ends = [...this.#former.values()].flat().map(each => each.untilMs);
    return ends.filter(each => each > nowMs).sort((a, b) => a - b)[0];
  }
}

function where(interfaceName: string, group: number): string {
  return `${interfaceName} ${group}`;
}
