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

/** Where its two SAs are. */
export interface Places {
  readonly bundle: BundleId;
  readonly outbound: SaId;
  readonly inbound: SaId;
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
  places: Places | undefined;
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

  /** Both SAs of each; the outbound one waits for `enable`. One that is there already changes to what is given. */
  install(children: readonly ChildSa[], as: InstallAs = {}): void {
    const added: Kept[] = [];
    for (const child of children) {
      const known = this.#kept.get(child.spi);
      if (known !== undefined && sameKeys(known.child, child)) {
        this.change(child);
        continue;
      }
      if (known !== undefined) this.#forget([known]);
      const kept: Kept = { child, flow: flowOf(child), as, places: undefined };
      this.#kept.set(child.spi, kept);
      added.push(kept);
    }
    this.#place(added);
    // What has no place may have one once the SPD knows which part of a permit it is.
    if (added.some(({ places }) => places === undefined)) this.#doors.follow();
  }

  /** What leaves leaves by these from now on. */
  enable(spis: readonly number[]): void {
    const chosen = spis.flatMap(spi => this.#kept.get(spi) ?? []);
    for (const kept of chosen) this.#carriers.set(kept.flow, kept);
    this.#direct(chosen);
  }

  /** The same pair as IKE has it now: its peer may have moved, its end come nearer. */
  change(child: ChildSa): void {
    const kept = this.#kept.get(child.spi);
    if (kept === undefined) return;
    const before = kept.child;
    kept.child = child;
    const { places } = kept;
    if (places === undefined) return;
    const changes = [places.outbound, places.inbound].flatMap(id => changesOf(id, before, child));
    this.#doors.plane()?.update(changes);
    for (const id of [places.outbound, places.inbound]) this.#doors.sad.change(id, endsOf(child));
  }

  /** Their keys are wiped. */
  remove(spis: readonly number[]): void {
    const gone = spis.flatMap(spi => this.#kept.get(spi) ?? []);
    const parts = gone.some(kept => this.#isPart(kept));
    this.#forget(gone);
    if (parts) this.#doors.follow();
  }

  find(spi: number): ChildSa | undefined {
    return this.#kept.get(spi)?.child;
  }

  /** Of which Child SA an SA is one direction. */
  childOf(id: SaId): ChildSa | undefined {
    return this.find(this.#bySa.get(id) ?? -1);
  }

  places(spi: number): Places | undefined {
    return this.#kept.get(spi)?.places;
  }

  [Symbol.iterator](): IterableIterator<ChildSa> {
    return [...this.#kept.values()].map(({ child }) => child).values();
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
      for (const { cipherKey, integrityKey } of [child.inbound, child.outbound]) {
        cipherKey.wipe();
        integrityKey.wipe();
      }
    }
  }

  #carries(kept: Kept): boolean {
    return this.#carriers.get(kept.flow) === kept;
  }

  #isPart({ places }: Kept): boolean {
    return places !== undefined && this.#doors.spd.trafficOf(places.bundle)?.part === true;
  }
}

function flowOf({ traffic, owner, selector: { protocol, source, destination } }: ChildSa): string {
  return JSON.stringify([traffic, owner, protocol, source, destination]);
}

function endsOf({ remote, encapsulation }: ChildSa): Pick<SecurityAssociation, "remote" | "encapsulation"> {
  return { remote, encapsulation };
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
