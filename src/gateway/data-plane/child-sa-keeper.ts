/**
 * Child SAs in the data plane, on the active and on the standby alike: a pair becomes two SAs of the SAD, and whatever
 * the data plane says of one of those is said of its pair.
 *
 * Installed is not used: packets of a pair's traffic leave by it once it is enabled, and by what is left when it goes.
 */
import type { Config } from "../../core/config/config.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import type { ProtectedTraffic } from "../../core/ipsec/crypto-policies.ts";
import type { DataPlane } from "../../core/ipsec/data-plane.ts";
import { REPLAY_INTERVAL } from "../../core/ipsec/ipsec-model.ts";
import type { BundleId } from "../../core/ipsec/policy.ts";
import type { NewSa, Sad } from "../../core/ipsec/sad.ts";
import type { SaId, SaLimits } from "../../core/ipsec/security-association.ts";
import { newReservation, SEQUENCE_JUMP } from "../../core/ipsec/sequence-reservation.ts";
import type { Spd } from "../../core/ipsec/spd.ts";
import { reversed } from "../../core/wire/selector.ts";

export interface ChildDoors {
  readonly sad: Sad;
  readonly spd: Spd;
  readonly plane: () => DataPlane | undefined;
  readonly config: () => Config;
  /** Of the owner's role word now. */
  readonly epochOf: (owner: string) => number;
}

export interface InstalledChild {
  readonly child: ChildSa;
  readonly bundle: BundleId;
  readonly inbound: SaId;
  readonly outbound: SaId;
}

const DEFAULT_MTU = 1_500;

export class ChildSaKeeper {
  readonly #doors: ChildDoors;
  readonly #bySpi = new Map<number, InstalledChild>();
  readonly #bySa = new Map<SaId, InstalledChild>();
  /** What leaves by which pair. */
  readonly #enabled = new Map<BundleId, number>();

  constructor(doors: ChildDoors) {
    this.#doors = doors;
  }

  /** The oldest first. */
  [Symbol.iterator](): IterableIterator<InstalledChild> {
    return this.#bySpi.values();
  }

  get size(): number {
    return this.#bySpi.size;
  }

  find(spi: number): InstalledChild | undefined {
    return this.#bySpi.get(spi);
  }

  /** The pair that an SA of the data plane belongs to. */
  ofSa(id: SaId): InstalledChild | undefined {
    return this.#bySa.get(id);
  }

  isEnabled({ child, bundle }: InstalledChild): boolean {
    return this.#enabled.get(bundle) === child.spi;
  }

  /**
   * Its keys are the keeper's from now on. A pair that is there already is replaced by what is said of it now. False when
   * there is no such traffic here, or no room: the keys are wiped, and nothing was installed.
   */
  install(child: ChildSa): boolean {
    if (this.#bySpi.has(child.spi)) {
      this.change(child);
      return true;
    }
    const { sad, spd } = this.#doors;
    const found = spd.protected.find(({ traffic }) => traffic.key === child.traffic && traffic.owner === child.owner);
    const bundle = spd.bundleOf({ key: child.traffic, owner: child.owner, selector: child.selector });
    const plane = this.#doors.plane();
    const pair =
      found === undefined || bundle === undefined || plane === undefined
        ? []
        : this.#pairOf(child, found.traffic).flatMap(sa => sad.add(sa, bundle) ?? []);
    const [inbound, outbound] = pair;
    if (bundle === undefined || inbound === undefined || outbound === undefined) {
      for (const sa of pair) sad.remove(sa.id);
      wipe(child);
      return false;
    }
    plane?.install(pair);
    const installed = { child, bundle, inbound: inbound.id, outbound: outbound.id };
    this.#remember(installed);
    return true;
  }

  enable(spi: number): void {
    const installed = this.#bySpi.get(spi);
    if (installed === undefined) return;
    this.#enabled.set(installed.bundle, spi);
    this.#direct(installed.bundle);
  }

  /** What may change of a pair: where its peer is, and what only `show` and replication read. */
  change(child: ChildSa): void {
    const installed = this.#bySpi.get(child.spi);
    if (installed === undefined) return;
    const { remote, encapsulation } = child;
    const before = installed.child;
    const moved = before.remote !== remote || before.encapsulation?.remotePort !== encapsulation?.remotePort;
    // The keys stay those that were installed; a record brings copies of them.
    const kept = { ...child, inbound: before.inbound, outbound: before.outbound };
    if (child.inbound !== before.inbound) wipe(child);
    this.#remember({ ...installed, child: kept });
    if (!moved) return;
    const change = { change: "peer", remote, remotePort: encapsulation?.remotePort } as const;
    this.#doors.plane()?.update([installed.inbound, installed.outbound].map(id => ({ id, ...change })));
  }

  remove(spi: number): void {
    const installed = this.#bySpi.get(spi);
    if (installed === undefined) return;
    const { inbound, outbound, bundle, child } = installed;
    this.#bySpi.delete(spi);
    if (this.#enabled.get(bundle) === spi) {
      this.#enabled.delete(bundle);
      this.#direct(bundle);
    }
    this.#doors.plane()?.remove([inbound, outbound]);
    for (const id of [inbound, outbound]) {
      this.#bySa.delete(id);
      this.#doors.sad.remove(id);
    }
    wipe(child);
  }

  /** The data plane is another, or the bundles are: whatever was there is gone. */
  forgetAll(): void {
    for (const spi of [...this.#bySpi.keys()]) this.remove(spi);
  }

  #remember(installed: InstalledChild): void {
    this.#bySpi.set(installed.child.spi, installed);
    this.#bySa.set(installed.inbound, installed);
    this.#bySa.set(installed.outbound, installed);
  }

  #direct(bundle: BundleId): void {
    const spi = this.#enabled.get(bundle);
    const outbound = spi === undefined ? undefined : this.#bySpi.get(spi)?.outbound;
    this.#doors.plane()?.direct([{ bundle, outbound }]);
  }

  /** Inbound, then outbound. */
  #pairOf(child: ChildSa, traffic: ProtectedTraffic): NewSa[] {
    const config = this.#doors.config();
    const { owner, mode, suite, local, remote, encapsulation, esn, lifetime } = child;
    const common = { owner, mode, suite, local, remote, encapsulation, esn, limits: limitsOf(lifetime) };
    const { acknowledged, step } = newReservation(esn);
    const link = config.net.interfaces.get(traffic.interface);
    const interval = config.ipsec.maps.get(traffic.map)?.replayInterval ?? REPLAY_INTERVAL;
    return [
      {
        ...common,
        direction: "inbound",
        ...child.inbound,
        selectors: [reversed(child.selector)],
        replayWindow: child.replayWindow,
        replayEdge: 0,
        edgePackets: interval.inbound,
        peerMayMove: child.peerMayMove,
      },
      {
        ...common,
        direction: "outbound",
        ...child.outbound,
        selectors: [child.selector],
        reservation: { acknowledged, step, jump: SEQUENCE_JUMP },
        nextSequence: 1,
        epoch: this.#doors.epochOf(owner),
        df: config.ipsec.dfBit,
        pathMtu: child.pathMtu ?? link?.mtu ?? DEFAULT_MTU,
        fragmentation: config.ipsec.fragmentation,
        mss: link?.adjustMss,
      },
    ];
  }
}

/** Soft limits in time are IKE's to watch; packets are counted by the sequence numbers. */
function limitsOf({ hardAtMs, softOctets, hardOctets }: ChildSa["lifetime"]): SaLimits {
  return { softOctets, hardOctets, softPackets: undefined, hardPackets: undefined, hardAtMs };
}

function wipe({ inbound, outbound }: ChildSa): void {
  for (const keys of [inbound, outbound]) {
    keys.cipherKey.wipe();
    keys.integrityKey.wipe();
  }
}
