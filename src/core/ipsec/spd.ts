/**
 * The SPD: the policies that the data plane has, with the numbers that they have there, and what of it changes when the
 * crypto maps do.
 *
 * A policy keeps its number while it stands, and what is protected keeps its bundle, so that a change of one entry
 * touches neither the others nor their SAs.
 */
import { type Selector, sameSelector } from "../wire/selector.ts";
import type { PolicyLine, ProtectedTraffic } from "./crypto-policies.ts";
import type { BundleId, Policy } from "./policy.ts";

export interface SpdChange {
  readonly remove: readonly number[];
  readonly add: readonly Policy[];
  /** Bundles whose traffic is protected no more: their SAs are to go. */
  readonly ended: readonly BundleId[];
}

export class Spd {
  #policies = new Map<string, Policy>();
  #bundles = new Map<string, { readonly bundle: BundleId; traffic: ProtectedTraffic }>();
  readonly #traffic = new Map<BundleId, ProtectedTraffic>();
  readonly #freePolicies = new Numbers();
  readonly #freeBundles = new Numbers();

  get policies(): readonly Policy[] {
    return [...this.#policies.values()].sort((a, b) => a.order - b.order);
  }

  /** What is protected, each with its bundle, in the order of the maps. */
  get protected(): readonly { readonly bundle: BundleId; readonly traffic: ProtectedTraffic }[] {
    return [...this.#bundles.values()];
  }

  trafficOf(bundle: BundleId): ProtectedTraffic | undefined {
    return this.#traffic.get(bundle);
  }

  /** The bundle of a permit, or of a part of it. */
  bundleOf(traffic: Pick<ProtectedTraffic, "key" | "owner" | "selector">): BundleId | undefined {
    const { key, owner, selector } = traffic;
    const found = this.#bundles.get(bundleKey(traffic));
    if (found !== undefined) return found.bundle;
    // The same set of packets may be written in another way, if rarely.
    return this.protected.find(
      each => each.traffic.key === key && each.traffic.owner === owner && sameSelector(each.traffic.selector, selector),
    )?.bundle;
  }

  /** From now on these policies hold; says what the data plane must be told. */
  change(lines: readonly PolicyLine[]): SpdChange {
    const before = this.#policies;
    const ended = this.#changeBundles(lines);
    const after = new Map<string, Policy>();
    const add: Policy[] = [];
    for (const [order, line] of lines.entries()) {
      const key = keyOf(line, after);
      const known = before.get(key);
      const policy = known?.order === order ? known : this.#policy(line, order, known?.id);
      after.set(key, policy);
      if (policy !== known) add.push(policy);
    }
    const remove = [...before].filter(([key]) => !after.has(key)).map(([, { id }]) => id);
    for (const id of remove) this.#freePolicies.give(id);
    for (const bundle of ended) this.#freeBundles.give(bundle);
    this.#policies = after;
    return { remove, add, ended };
  }

  #changeBundles(lines: readonly PolicyLine[]): BundleId[] {
    const before = this.#bundles;
    const after: typeof before = new Map();
    for (const line of lines) {
      if (line.action !== "protect") continue;
      const { traffic } = line;
      const key = bundleKey(traffic);
      const bundle = before.get(key)?.bundle ?? after.get(key)?.bundle ?? this.#freeBundles.take();
      after.set(key, { bundle, traffic });
    }
    this.#bundles = after;
    this.#traffic.clear();
    for (const { bundle, traffic } of after.values()) this.#traffic.set(bundle, traffic);
    return [...before].filter(([key]) => !after.has(key)).map(([, { bundle }]) => bundle);
  }

  #policy(line: PolicyLine, order: number, id = this.#freePolicies.take()): Policy {
    const { selector } = line;
    if (line.action === "bypass") return { id, order, selector, owner: line.owner, action: { kind: "bypass" } };
    const { traffic } = line;
    const bundle = this.#bundles.get(bundleKey(traffic))?.bundle ?? 0;
    return { id, order, selector, owner: traffic.owner, action: { kind: "protect", bundle } };
  }
}

/** The lowest that are free, so that tables stay short. */
export class Numbers {
  readonly #free: number[] = [];
  #next = 0;

  take(): number {
    return this.#free.pop() ?? this.#next++;
  }

  give(number: number): void {
    this.#free.push(number);
  }
}

/** Two lines may mean the same; each has a key of its own. */
function keyOf(line: PolicyLine, taken: ReadonlyMap<string, Policy>): string {
  const traffic = line.action === "protect" ? line.traffic : undefined;
  const of = traffic === undefined ? line.action : bundleKey(traffic);
  const owner = line.action === "bypass" ? line.owner : "";
  const key = `${of} ${owner} ${words(line.selector)}`;
  let count = 1;
  while (taken.has(`${key} ${count}`)) count++;
  return `${key} ${count}`;
}

function bundleKey({ key, owner, selector }: Pick<ProtectedTraffic, "key" | "owner" | "selector">): string {
  return `${key} ${owner} ${words(selector)}`;
}

function words({ protocol, source, destination }: Selector): string {
  return JSON.stringify([protocol, source, destination]);
}
