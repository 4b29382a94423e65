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
import type { DataPlane, DataPlaneEvent, SaCounters } from "../../core/ipsec/data-plane.ts";
import { Sad } from "../../core/ipsec/sad.ts";
import type { SecurityAssociation } from "../../core/ipsec/security-association.ts";
import { Spd } from "../../core/ipsec/spd.ts";
import { log } from "../../core/log/catalogue.ts";
import type { LogEvent } from "../../core/log/message.ts";
import type { KernelView } from "../../core/net/kernel-view.ts";
import { monotonicMs } from "../../linux/clock.ts";
import type { RoleWords } from "../../linux/role-words.ts";
import type { SteeringTarget } from "../liveness/steering-door.ts";
import type { Outlet } from "../outlet.ts";
import { ChildSaKeeper } from "./child-sa-keeper.ts";
import { eventOf } from "./data-plane-log.ts";
import type { OpenedPlane, PlaneOpener } from "./fast-path-door.ts";
import { keyManually } from "./manual-keying.ts";
import { type ManualTunnel, manualTunnelFor } from "./manual-keys.ts";
import { type SteeringDevices, type SteeringHost, SteeringKeeper } from "./steering-keeper.ts";

export interface DataPlaneDoors {
  readonly open: PlaneOpener;
  readonly steering: SteeringHost;
  readonly roles: RoleWords;
  readonly lineOf: (owner: string) => number;
  readonly steer: (targets: readonly SteeringTarget[]) => void;
  readonly report: (event: LogEvent) => void;
  readonly manual: readonly ManualTunnel[];
  /** Whose Child SAs the active alone makes, because the standby is told of them. */
  readonly replicates: (owner: string) => boolean;
  /** Whether this member has agreed with the other one on a key, so that a scheme rules without a configured one. */
  readonly keyAgreed: () => boolean;
  readonly outlet: Outlet;
}

/** Who hears what the data plane reports, beside the log. */
export interface DataPlaneListener {
  /** There is one, perhaps not the first. */
  opened(plane: DataPlane): void;
  event(event: DataPlaneEvent): void;
}

export class DataPlaneService {
  readonly spd = new Spd();
  readonly sad = new Sad();
  readonly children: ChildSaKeeper;
  readonly #doors: DataPlaneDoors;
  readonly #keeper: SteeringKeeper;
  #config: Config = emptyConfig();
  #wanted: WantedProtection | undefined;
  #opened: OpenedPlane | undefined;
  /** Why there is none, once it was tried. */
  #failed: string | undefined;
  #view: KernelView | undefined;
  #told = "";
  /** By place and SPI, as it was when counters were cleared. */
  #counted = new Map<string, SaCounters>();
  #leaving = false;
  readonly #listeners: DataPlaneListener[] = [];

  constructor(doors: DataPlaneDoors) {
    this.#doors = doors;
    this.children = new ChildSaKeeper({
      spd: this.spd,
      sad: this.sad,
      plane: () => this.plane,
      config: () => this.#config,
      epochOf: owner => this.epochOf(owner),
      follow: () => this.#followParts(),
    });
    this.#keeper = new SteeringKeeper(doors.steering, doors.report, owner => this.isActive(owner));
  }

  listen(listener: DataPlaneListener): void {
    this.#listeners.push(listener);
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
    const wanted = this.#changePolicies();
    const problems = this.plane === undefined ? [] : this.#keyManually(wanted);
    return [...problems, ...this.#keeper.prepare(wanted, this.#devices())];
  }

  /** This member is active for an owner, and keys what nobody has keyed. Returns refusals as sentences. */
  becameActive(): string[] {
    return this.#wanted === undefined || this.plane === undefined ? [] : this.#keyManually(this.#wanted);
  }

  /** After the interfaces followed. */
  settle(): string[] {
    const refusals = this.#keeper.settle();
    this.#tellTargets();
    return refusals;
  }

  /** What was counted until now, `show` leaves out. */
  clearCounters(): void {
    const ids = [...this.sad].map(({ sa }) => sa.id);
    const counted = this.plane?.counters(ids) ?? [];
    this.#counted = new Map(counted.map(each => [`${each.id} ${this.sad.find(each.id)?.sa.spi}`, each]));
  }

  /** In the order asked for: what was counted since `clearCounters`. */
  counters(sas: readonly SecurityAssociation[]): SaCounters[] {
    const counters = this.plane?.counters(sas.map(({ id }) => id)) ?? [];
    return counters.map((each, at) => since(each, this.#counted.get(`${each.id} ${sas[at]?.spi}`)));
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
    this.children.wipe();
  }

  #open(config: Config): void {
    if (this.#opened !== undefined) return;
    try {
      this.#opened = this.#doors.open(config);
      this.#failed = undefined;
      this.#opened.plane.onEvent(event => this.#event(event));
      // The new plane knows nothing of what was before it.
      this.#opened.plane.changePolicies({ remove: [], add: this.spd.policies });
      for (const listener of this.#listeners) listener.opened(this.#opened.plane);
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      if (this.#failed !== error.message) this.#doors.report(log.dataPlane.unavailable({ reason: error.message }));
      this.#failed = error.message;
    }
  }

  /** What the crypto maps and the Child SAs ask for is what the data plane has from now on. */
  #changePolicies(): WantedProtection {
    const wanted = wantedProtection(this.#config, this.children.parts, this.#doors.keyAgreed());
    this.#wanted = wanted;
    if (wanted.applied.length > 0) this.#open(this.#config);
    const change = this.spd.change(wanted.policies);
    this.plane?.changePolicies(change);
    this.children.settle(change.ended);
    return wanted;
  }

  /** A peer asked for a part of what a permit says, or none does any more. */
  #followParts(): void {
    const wanted = this.#changePolicies();
    if (this.#leaving || wanted.applied.length === 0) return;
    this.#keeper.repair(wanted, this.#devices());
    this.#tellTargets();
  }

  #keyManually(wanted: WantedProtection): string[] {
    const traffic = this.spd.protected.map(each => each.traffic);
    const { manual: tunnels, replicates, outlet } = this.#doors;
    const waits = (owner: string): boolean => replicates(owner) && !this.isActive(owner);
    const replicated = (owner: string): boolean => replicates(owner);
    const spent = (owner: string): boolean =>
      replicates(owner) && this.#doors.roles.read(this.#doors.lineOf(owner)).epoch > 1;
    return keyManually({
      ...{ tunnels, traffic, wanted, config: this.#config, children: this.children },
      ...{ waits, spent, replicated, outlet, now: monotonicMs },
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

  /** Whether the SAs of this traffic, by its key, are those of a file. */
  isKeyedByHand(key: string): boolean {
    const { manual } = this.#doors;
    return this.spd.protected.some(
      ({ traffic }) => traffic.key === key && manualTunnelFor(manual, traffic) !== undefined,
    );
  }

  /** Whether this member carries the traffic of an owner now. */
  isActive(owner: string): boolean {
    return this.#doors.roles.read(this.#doors.lineOf(owner)).role === "active";
  }

  /** Of its role word. */
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
    for (const listener of this.#listeners) listener.event(event);
  }

  /** Where nothing is replicated there is nobody to ask: what is used is held. */
  #reserve(id: number, sequence: number): void {
    const sa = this.sad.find(id)?.sa;
    if (sa?.direction !== "outbound" || this.#doors.replicates(sa.owner)) return;
    const { epoch } = this.#doors.roles.read(this.#doors.lineOf(sa.owner));
    this.plane?.update([{ id, change: "acknowledged", acknowledged: sequence + sa.reservation.step, epoch }]);
  }
}

function since(now: SaCounters, then: SaCounters | undefined): SaCounters {
  if (then === undefined) return now;
  const errors = Object.entries(now.errors).map(([name, count]) => [name, count - (then.errors[name] ?? 0)] as const);
  return {
    ...now,
    packets: now.packets - then.packets,
    errors: Object.fromEntries(errors.filter(([, count]) => count > 0)),
  };
}
