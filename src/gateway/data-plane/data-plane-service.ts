/**
 * IPsec's data plane as the rest of the gateway knows it: it follows the crypto maps, opens the fast path when the
 * first is applied, and keeps the kernel's steering to it.
 *
 * While there is no fast path (nothing to load it from, no right to open it) what the maps protect stays unreachable:
 * the steering stands all the same.
 */
import { type Config, emptyConfig } from "../../core/config/config.ts";
import { type WantedProtection, wantedProtection } from "../../core/config/wanted-protection.ts";
import { SystemError } from "../../core/errors.ts";
import type { DataPlane, DataPlaneEvent } from "../../core/ipsec/data-plane.ts";
import type { BundleId } from "../../core/ipsec/policy.ts";
import { Sad } from "../../core/ipsec/sad.ts";
import type { SecurityAssociation } from "../../core/ipsec/security-association.ts";
import { Spd } from "../../core/ipsec/spd.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import type { KernelView } from "../../core/net/kernel-view.ts";
import type { RoleWords } from "../../linux/role-words.ts";
import type { SteeringTarget } from "../liveness/steering-door.ts";
import { ChildSaKeeper } from "./child-sa-keeper.ts";
import { eventOf } from "./data-plane-log.ts";
import { memberOf, type OpenedPlane, type PlaneOpener } from "./fast-path-door.ts";
import { type ManualTunnel, manualTunnelFor, misfit } from "./manual-keys.ts";
import { manualPair } from "./manual-pair.ts";
import { type SteeringDevices, type SteeringHost, SteeringKeeper } from "./steering-keeper.ts";

export interface DataPlaneDoors {
  readonly open: PlaneOpener;
  readonly steering: SteeringHost;
  readonly roles: RoleWords;
  readonly lineOf: (owner: string) => number;
  readonly steer: (targets: readonly SteeringTarget[]) => void;
  readonly report: (event: LogEvent) => void;
  readonly manual: readonly ManualTunnel[];
}

/** Who is told of what the data plane says, and when there is another one. */
export interface DataPlaneListener {
  opened(plane: DataPlane): void;
  event(event: DataPlaneEvent): void;
}

export class DataPlaneService {
  readonly spd = new Spd();
  readonly sad = new Sad();
  readonly children: ChildSaKeeper;
  readonly #doors: DataPlaneDoors;
  readonly #keeper: SteeringKeeper;
  #wanted: WantedProtection | undefined;
  #opened: OpenedPlane | undefined;
  /** Why there is none, once it was tried. */
  #failed: string | undefined;
  #view: KernelView | undefined;
  #told = "";
  #leaving = false;
  #listener: DataPlaneListener | undefined;
  #config: Config = emptyConfig();

  constructor(doors: DataPlaneDoors) {
    this.#doors = doors;
    this.children = new ChildSaKeeper({
      sad: this.sad,
      spd: this.spd,
      plane: () => this.plane,
      config: () => this.#config,
      epochOf: owner => this.epochOf(owner),
    });
    this.#keeper = new SteeringKeeper(doors.steering, doors.report, owner => this.isActive(owner));
  }

  /** The only one; told of the plane that is open already. */
  listen(listener: DataPlaneListener): void {
    this.#listener = listener;
    if (this.plane !== undefined) listener.opened(this.plane);
  }

  get plane(): DataPlane | undefined {
    return this.#opened?.plane;
  }

  get failed(): string | undefined {
    return this.#failed;
  }

  get wanted(): WantedProtection | undefined {
    return this.#wanted;
  }

  /** Before the interfaces follow a configuration: what it protects is protected. Returns refusals as sentences. */
  prepare(config: Config): string[] {
    this.#config = config;
    this.#wanted = wantedProtection(config);
    if (this.#wanted.applied.length > 0) this.#open(config);
    const change = this.spd.change(this.#wanted.policies);
    this.plane?.changePolicies(change);
    this.#endBundles(change.ended);
    const problems = this.#keyManually(config);
    return [...problems, ...this.#keeper.prepare(this.#wanted, this.#devices())];
  }

  /** After the interfaces followed. */
  settle(): string[] {
    const refusals = this.#keeper.settle();
    this.#tellTargets();
    return refusals;
  }

  /** Links came or went: nexthops went with them, macvlans want a guard. */
  hostChanged(view: KernelView): void {
    this.#view = view;
    if (this.#leaving || this.#wanted === undefined || this.#wanted.applied.length === 0) return;
    this.#keeper.repair(this.#wanted, this.#devices());
    this.#tellTargets();
  }

  /** From now on the host is followed no more: who hears of roles is about to be gone. */
  leave(): void {
    this.#leaving = true;
  }

  /** After the interfaces are as they were before us. */
  stop(): void {
    this.#keeper.remove();
    this.close();
  }

  /** Ends the threads and wipes the keys; what stands in the kernel stays, and lets nothing through. */
  close(): void {
    this.#opened?.plane.close();
    this.#opened = undefined;
    for (const { sa } of this.sad) wipe(sa);
  }

  #open(config: Config): void {
    if (this.#opened !== undefined) return;
    try {
      this.#opened = this.#doors.open(config);
      this.#failed = undefined;
      this.#opened.plane.onEvent(event => this.#event(event));
      // The new plane knows nothing of what was before it.
      this.#opened.plane.changePolicies({ remove: [], add: this.spd.policies });
      this.#listener?.opened(this.#opened.plane);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (this.#failed !== error.message) this.#doors.report(log.dataPlane.unavailable({ reason: error.message }));
      this.#failed = error.message;
    }
  }

  #endBundles(bundles: readonly BundleId[]): void {
    this.plane?.direct(bundles.map(bundle => ({ bundle, outbound: undefined })));
    for (const { child, bundle } of [...this.children]) if (bundles.includes(bundle)) this.children.remove(child.spi);
    const ended = bundles.flatMap(bundle => this.sad.of(bundle));
    this.plane?.remove(ended.map(({ id }) => id));
    for (const { id } of ended) {
      const sa = this.sad.remove(id);
      if (sa !== undefined) wipe(sa);
    }
  }

  /** What has keys of its own in the file and no SAs yet. */
  #keyManually(config: Config): string[] {
    const { plane } = this;
    if (plane === undefined) return [];
    return this.spd.protected.flatMap(({ bundle, traffic }) => {
      const tunnel = manualTunnelFor(this.#doors.manual, traffic);
      if (tunnel === undefined || this.sad.of(bundle).length > 0) return [];
      const problem = misfit(tunnel, traffic, config.ipsec);
      if (problem !== undefined) return [problem];
      const local = this.#wanted?.applied.find(
        ({ interface: name, map }) => name === traffic.interface && map === traffic.map,
      )?.localAddress;
      if (local === undefined) return [`manual keys of ${traffic.map}: its interface has no address`];
      const epoch = this.epochOf(traffic.owner);
      const pair = manualPair({ tunnel, traffic, config, local, epoch, member: memberOf(config) });
      const placed = pair.flatMap(sa => this.sad.add(sa, bundle) ?? []);
      plane.install(placed);
      plane.direct([{ bundle, outbound: this.sad.outboundOf(bundle)?.id }]);
      return [];
    });
  }

  #devices(): SteeringDevices {
    const device = (index: number | undefined) =>
      index === undefined ? undefined : { linkIndex: index, via: undefined };
    return {
      outbound: device(this.#opened?.outboundIndex),
      guard: device(this.#opened?.guardIndex),
      peer: this.#peer(),
    };
  }

  #peer(): SteeringDevices["peer"] {
    const peer = this.#wanted?.peer;
    const link = this.#view?.links.find(each => each.device === peer?.device && each.up && each.carrier);
    return peer === undefined || link === undefined ? undefined : { linkIndex: link.index, via: peer.address };
  }

  /** Whether this member carries the traffic of an owner now. */
  isActive(owner: string): boolean {
    return this.#doors.roles.read(this.#doors.lineOf(owner)).role === "active";
  }

  epochOf(owner: string): number {
    return this.#doors.roles.read(this.#doors.lineOf(owner)).epoch;
  }

  #tellTargets(): void {
    const targets = this.#keeper.targets(this.#devices());
    const told = JSON.stringify(targets);
    if (told === this.#told) return;
    this.#told = told;
    this.#doors.steer(targets);
  }

  #event(event: DataPlaneEvent): void {
    const line = eventOf(event, id => this.sad.find(id)?.sa);
    if (line !== undefined) this.#doors.report(line);
    if (event.kind === "reservation-low") this.#reserve(event.id, event.sequence);
    this.#listener?.event(event);
  }

  /** Without a standby there is nobody to ask: what is used is held. */
  #reserve(id: number, sequence: number): void {
    const sa = this.sad.find(id)?.sa;
    if (sa?.direction !== "outbound") return;
    const epoch = this.epochOf(sa.owner);
    this.plane?.update([{ id, change: "acknowledged", acknowledged: sequence + sa.reservation.step, epoch }]);
  }
}

function wipe({ cipherKey, integrityKey }: SecurityAssociation): void {
  cipherKey.wipe();
  integrityKey.wipe();
}
