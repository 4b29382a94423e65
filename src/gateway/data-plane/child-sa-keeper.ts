/**
 * Keeps Child SAs in the data plane: each is two SAs in the SAD and in the fast path, on the active and on the standby
 * alike, for as long as the SPD has a place for its traffic.
 *
 * It decides nothing about them: whoever does (IKE, replication, a file of keys) says which there are, which of them
 * carries what leaves, and when each goes. What the data plane reports of an SA is told of its Child SA here. The keys
 * of a Child SA are this object's from `install` on.
 */
import type { Config } from "../../core/config/config.ts";
import { type ChildSa, sameKeys } from "../../core/ipsec/child-sa.ts";
import type { AskedPart } from "../../core/ipsec/crypto-policies.ts";
import type { DataPlane, SaChange } from "../../core/ipsec/data-plane.ts";
import type { BundleId } from "../../core/ipsec/policy.ts";
import type { Sad } from "../../core/ipsec/sad.ts";
import type { SaId, SecurityAssociation } from "../../core/ipsec/security-association.ts";
import type { Spd } from "../../core/ipsec/spd.ts";
import { childPair } from "./child-pair.ts";

export interface KeeperDoors {
  readonly spd: Spd;
  readonly sad: Sad;
  readonly plane: () => DataPlane | undefined;
  readonly config: () => Config;
  readonly epochOf: (owner: string) => number;
  /** `parts` has changed: the SPD is to follow, and `settle` to be called. */
  readonly follow: () => void;
}

/** A pair in the data plane. */
export interface InstalledChild {
  readonly child: ChildSa;
  readonly bundle: BundleId;
  readonly outbound: SaId;
  readonly inbound: SaId;
  /** When another member, the active, last told that packets had come in by it: monotonic milliseconds, 0 for never. */
  readonly edgeToldMs: number;
}

export interface InstallAs {
  /** What the standby holds of the outbound numbers already; a new SA's first step by default. */
  readonly acknowledged?: number;
}

interface Kept {
  child: ChildSa;
  /** Names the traffic that it shares with those that it replaces, or that replace it. */
  readonly flow: string;
  readonly as: InstallAs;
  /** `undefined` while there is no data plane, or nothing of its traffic in the SPD. */
  places: Omit<InstalledChild, "child" | "edgeToldMs"> | undefined;
  edgeToldMs: number;
}

export class ChildSaKeeper {
  readonly #doors: KeeperDoors;
  readonly #kept = new Map<number, Kept>();
  readonly #bySa = new Map<SaId, number>();
  /** By flow: which Child SA carries what leaves. */
  readonly #carriers = new Map<string, Kept>();

  constructor(doors: KeeperDoors) {
    this.#doors = doors;
  }

  /**
   * Both SAs; the outbound one waits for `enable`. A pair that is there already changes to what is given. False while
   * the data plane has no place for it: its traffic is not in the SPD, or there is no room. It is kept all the same,
   * until `remove`.
   */
  install(child: ChildSa, as: InstallAs = {}): boolean {
    this.installAll([child], as);
    return this.find(child.spi) !== undefined;
  }

  installAll(children: readonly ChildSa[], as: InstallAs = {}): void {
    const added: Kept[] = [];
    for (const child of children) {
      const known = this.#kept.get(child.spi);
      if (known !== undefined && sameKeys(known.child, child) && known.flow === flowOf(child)) {
        this.change(child);
        continue;
      }
      if (known !== undefined) this.#forget([known]);
      const kept: Kept = { child, flow: flowOf(child), as, places: undefined, edgeToldMs: 0 };
      this.#kept.set(child.spi, kept);
      added.push(kept);
    }
    this.#place(added);
    // What has no place may have one once the SPD knows which part of a permit it is.
    if (added.some(({ places }) => places === undefined)) this.#doors.follow();
  }

  /** What leaves leaves by this one from now on. */
  enable(spi: number): void {
    const kept = this.#kept.get(spi);
    if (kept === undefined) return;
    this.#carriers.set(kept.flow, kept);
    this.#direct([kept]);
  }

  /** The same pair as it is now: its peer may have moved, its end come nearer. */
  change(child: ChildSa): void {
    const kept = this.#kept.get(child.spi);
    if (kept === undefined) return;
    const before = kept.child;
    kept.child = child;
    // A record brings copies of the keys, and whoever gave it goes on with those.
    if (before.inbound.cipherKey !== child.inbound.cipherKey) wipeKeys(before);
    const { places } = kept;
    if (places === undefined) return;
    const ids = [places.outbound, places.inbound];
    this.#doors.plane()?.update(ids.flatMap(id => changesOf(id, before, child)));
    const { remote, encapsulation } = child;
    this.#doors.sad.change(places.outbound, { remote, encapsulation, ...child.outbound });
    this.#doors.sad.change(places.inbound, { remote, encapsulation, ...child.inbound });
  }

  /** Its keys are wiped. */
  remove(spi: number): void {
    const kept = this.#kept.get(spi);
    if (kept === undefined) return;
    const part = kept.places !== undefined && this.#doors.spd.trafficOf(kept.places.bundle)?.part === true;
    this.#forget([kept]);
    if (part) this.#doors.follow();
  }

  find(spi: number): InstalledChild | undefined {
    const kept = this.#kept.get(spi);
    return kept === undefined ? undefined : installedOf(kept);
  }

  /** The active told that packets had come in by these, by their inbound SPIs. */
  edgesTold(spis: readonly number[], nowMs: number): void {
    for (const spi of spis) {
      const kept = this.#kept.get(spi);
      if (kept !== undefined) kept.edgeToldMs = nowMs;
    }
  }

  /** Of which pair an SA of the data plane is one direction. */
  ofSa(id: SaId): InstalledChild | undefined {
    return this.find(this.#bySa.get(id) ?? -1);
  }

  /** Packets of its traffic leave by it. */
  isEnabled(spi: number): boolean {
    const kept = this.#kept.get(spi);
    return kept !== undefined && this.#carries(kept);
  }

  /** Some pair carries what leaves by this bundle. */
  carries(bundle: BundleId): boolean {
    for (const { places } of this.#carriers.values()) if (places?.bundle === bundle) return true;
    return false;
  }

  /** Every pair that is kept, the oldest first. */
  get children(): ChildSa[] {
    return [...this.#kept.values()].map(({ child }) => child);
  }

  /** How many they are. */
  get size(): number {
    return this.#kept.size;
  }

  /** Those in the data plane, the oldest first. */
  *[Symbol.iterator](): IterableIterator<InstalledChild> {
    for (const kept of this.#kept.values()) {
      const installed = installedOf(kept);
      if (installed !== undefined) yield installed;
    }
  }

  /** Which traffic the SPD must have lines for, beside what the crypto maps say. */
  get parts(): AskedPart[] {
    return [...this.#kept.values()].map(({ child: { traffic, selector } }) => ({ key: traffic, selector }));
  }

  /** The SPD has changed, or the data plane has: bundles that ended let go of their SAs, the rest finds its place. */
  settle(ended: readonly BundleId[]): void {
    const gone = new Set(ended);
    const homeless = [...this.#kept.values()].filter(({ places }) => places !== undefined && gone.has(places.bundle));
    this.#displace(homeless);
    this.#place([...this.#kept.values()].filter(({ places }) => places === undefined));
  }

  /** The data plane is gone, and every SA with it. */
  wipe(): void {
    this.#forget([...this.#kept.values()]);
  }

  #place(chosen: readonly Kept[]): void {
    const plane = this.#doors.plane();
    if (plane === undefined) return;
    const installed: SecurityAssociation[] = [];
    for (const kept of chosen) installed.push(...this.#pair(kept));
    plane.install(installed);
    this.#direct(chosen.filter(kept => this.#carries(kept)));
  }

  #pair(kept: Kept): SecurityAssociation[] {
    const { child, as } = kept;
    const { spd, sad } = this.#doors;
    const bundle = spd.bundleOf({ key: child.traffic, owner: child.owner, selector: child.selector });
    const traffic = bundle === undefined ? undefined : spd.trafficOf(bundle);
    if (bundle === undefined || traffic === undefined) return [];
    const epoch = this.#doors.epochOf(child.owner);
    const pair = childPair({ child, traffic, config: this.#doors.config(), epoch, acknowledged: as.acknowledged });
    const outbound = sad.add(pair.outbound, bundle);
    const inbound = sad.add(pair.inbound, bundle);
    if (outbound === undefined || inbound === undefined) {
      if (outbound !== undefined) sad.remove(outbound.id);
      return [];
    }
    kept.places = { bundle, outbound: outbound.id, inbound: inbound.id };
    for (const { id } of [outbound, inbound]) this.#bySa.set(id, child.spi);
    return [outbound, inbound];
  }

  #direct(chosen: readonly Kept[]): void {
    const bundles = chosen.flatMap(({ places }) =>
      places === undefined ? [] : [{ bundle: places.bundle, outbound: places.outbound }],
    );
    this.#doors.plane()?.direct(bundles);
  }

  /** Out of the data plane, keys and all else kept. */
  #displace(chosen: readonly Kept[]): void {
    const plane = this.#doors.plane();
    const placed = chosen.flatMap(({ places }) => places ?? []);
    const carried = chosen.filter(kept => this.#carries(kept)).flatMap(({ places }) => places?.bundle ?? []);
    plane?.direct(carried.map(bundle => ({ bundle, outbound: undefined })));
    const ids = placed.flatMap(({ outbound, inbound }) => [outbound, inbound]);
    plane?.remove(ids);
    for (const id of ids) {
      this.#doors.sad.remove(id);
      this.#bySa.delete(id);
    }
    for (const kept of chosen) kept.places = undefined;
  }

  #forget(chosen: readonly Kept[]): void {
    this.#displace(chosen);
    for (const kept of chosen) {
      const { child } = kept;
      this.#kept.delete(child.spi);
      if (this.#carries(kept)) this.#carriers.delete(kept.flow);
      wipeKeys(child);
    }
  }

  #carries(kept: Kept): boolean {
    return this.#carriers.get(kept.flow) === kept;
  }
}

function flowOf({ traffic, owner, selector: { protocol, source, destination } }: ChildSa): string {
  return JSON.stringify([traffic, owner, protocol, source, destination]);
}

function installedOf({ child, places, edgeToldMs }: Kept): InstalledChild | undefined {
  return places === undefined ? undefined : { child, edgeToldMs, ...places };
}

function wipeKeys({ inbound, outbound }: ChildSa): void {
  for (const { cipherKey, integrityKey } of [inbound, outbound]) {
    cipherKey.wipe();
    integrityKey.wipe();
  }
}

function changesOf(id: SaId, before: ChildSa, after: ChildSa): SaChange[] {
  const changes: SaChange[] = [];
  const remotePort = after.encapsulation?.remotePort;
  if (before.remote !== after.remote || before.encapsulation?.remotePort !== remotePort)
    changes.push({ id, change: "peer", remote: after.remote, remotePort });
  const { hardAtMs } = after.lifetime;
  if (hardAtMs !== undefined && hardAtMs !== before.lifetime.hardAtMs)
    changes.push({ id, change: "hard-at", hardAtMs });
  if (after.pathMtu !== undefined && after.pathMtu !== before.pathMtu)
    changes.push({ id, change: "path-mtu", pathMtu: after.pathMtu });
  return changes;
}
