/**
 * How long a member that is not the active any more still leads traffic to itself: until the new active's routes have
 * reached every router inside. What arrives meanwhile is handed to the active. Routers that were told by somebody else
 * than us take no second news of a route within a second of the first (OSPF's MinLSArrival).
 *
 * The heir of a role leads traffic to itself before it has the role. Until its own route stands, its main table has the
 * one that a routing daemon learned from the old active, and would send back whatever that one hands on.
 */

export const LINGER_MS = 1_200;

export class RouteLinger {
  readonly #activeAtMs = new Map<string, number>();
  #active = new Set<string>();

  /** Owners whose routes belong here now: those that this member is active for, and those that it just was. */
  ledHere(owners: Iterable<string>, isActive: (owner: string) => boolean, nowMs: number): ReadonlySet<string> {
    const now = new Set([...owners].filter(isActive));
    for (const owner of new Set([...now, ...this.#active])) this.#activeAtMs.set(owner, nowMs);
    this.#active = now;
    for (const [owner, atMs] of this.#activeAtMs) if (nowMs - atMs >= LINGER_MS) this.#activeAtMs.delete(owner);
    return new Set(this.#activeAtMs.keys());
  }

  /** This member is about to be the active; should it not become it, its routes go as those of one that was. */
  expect(owner: string, nowMs: number): void {
    this.#activeAtMs.set(owner, nowMs);
  }

  /** When to look again: at the end of the first that lingers; `undefined` while none does. */
  get nextMs(): number | undefined {
    const lingering = [...this.#activeAtMs].filter(([owner]) => !this.#active.has(owner));
    if (lingering.length === 0) return undefined;
    return Math.min(...lingering.map(([, atMs]) => atMs + LINGER_MS));
  }
}
