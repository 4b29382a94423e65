/**
 * Carries out what the liveness core says: packets, addresses, role words, beacons, the last will. Decides nothing.
 *
 * A refusal of the system concerns one effect alone: it is told, and the others go on.
 */
import type { LivenessEffect, LivenessSettings } from "../../core/gate/liveness-port.ts";
import { groupKey, type HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import { monotonicMs } from "../../linux/clock.ts";
import type { HelloThread } from "../../linux/hello-thread.ts";
import type { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import type { RoleWords } from "../../linux/role-words.ts";
import type { AddressKeeper } from "./address-keeper.ts";
import type { BeaconDoor } from "./beacon-door.ts";
import { GroupDoor } from "./group-door.ts";
import type { LinkState } from "./link-state.ts";
import type { Notice, OwnerLines } from "./messages.ts";
import { ownersOf } from "./owners.ts";
import type { Diversion, SteeringDoor, SteeringTarget } from "./steering-door.ts";
import { TakeoverWatch } from "./takeover-watch.ts";
import type { Trouble } from "./trouble.ts";
import type { WillPost } from "./will-post.ts";

export interface HostDoors {
  readonly rtnetlink: Rtnetlink;
  readonly links: LinkState;
  readonly hellos: HelloThread;
  readonly keeper: AddressKeeper;
  readonly beacons: BeaconDoor;
  readonly roles: RoleWords;
  readonly steering: SteeringDoor;
  readonly will: WillPost;
  readonly trouble: Trouble;
  readonly notify: (notice: Notice) => void;
}

/** Its role is never written: what would be sent under it is held back. */
export const NO_OWNER = 0;

type EffectOf<D extends LivenessEffect["do"]> = Extract<LivenessEffect, { do: D }>;

export class LivenessHost {
  readonly doors = new Map<string, GroupDoor>();
  readonly #host: HostDoors;
  readonly #slots = new Map<string, number>();
  /** Wanted groups, by key. */
  #groups = new Map<string, HsrpGroup>();
  #settings: LivenessSettings = { groups: [], up: [], schemes: [] };
  #lines: OwnerLines = new Map();
  #rings = new Map<string, number>();
  /** What was told of each owner's role. */
  readonly #told = new Map<string, string>();
  readonly #takeover = new TakeoverWatch(monotonicMs);

  constructor(host: HostDoors) {
    this.#host = host;
  }

  /** Before the core is told, so that a door is there for everything that it may say. */
  configure(settings: LivenessSettings, lines: OwnerLines): void {
    this.#settings = settings;
    this.#lines = lines;
    this.#groups = new Map(settings.groups.map(group => [groupKey(group), group]));
    for (const [key, group] of this.#groups) {
      const door = this.doors.get(key);
      if (door !== undefined) door.group = group;
    }
    this.reconcile();
  }

  /** Makes the doors that are missing and replaces or closes those that no longer fit and hold nothing. */
  reconcile(): void {
    for (const [key, door] of this.doors) {
      const group = this.#groups.get(key);
      const parent = this.#host.links.parentOf(door.group.device);
      const gone = parent?.index !== door.parent.index;
      const idle = door.address.addresses.length === 0;
      if (!gone && (!idle || (group !== undefined && !door.differsFor(group)))) continue;
      this.#host.will.set(key, undefined);
      this.#host.trouble.guard(() => door.close());
      this.doors.delete(key);
    }
    for (const [key, group] of this.#groups)
      if (!this.doors.has(key)) this.#host.trouble.guard(() => this.#open(key, group));
  }

  /** Where traffic from inside goes, by owner. */
  steer(targets: readonly SteeringTarget[]): void {
    this.#host.trouble.guard(() => this.#host.steering.configure(targets));
  }

  /** Answered even where the system refuses, so that nobody waits for ever. */
  divert(owner: string, to: Diversion): void {
    this.#host.trouble.guard(() => this.#host.steering.divert(owner, to));
    this.#host.notify({ kind: "diverted", owner, to });
  }

  /** For whoever asks how long the peer has been silent. */
  heard(times: readonly (readonly [scheme: string, at: number])[]): void {
    for (const [scheme, at] of times) {
      const line = this.#lines.get(scheme);
      if (line !== undefined) this.#host.roles.hear(line, at);
    }
  }

  /** What others did to the links that carry addresses is undone: the order to take one down may have come too late. */
  raiseLinks(): void {
    for (const { address } of this.doors.values()) {
      const { virtualLink } = address;
      if (virtualLink !== undefined && this.#host.links.isDown(virtualLink))
        this.#host.trouble.guard(() => address.raiseLink());
    }
  }

  get next(): number | undefined {
    const times = [...this.doors.values()].flatMap(door => door.address.next ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  handleTimeouts(now: number): void {
    for (const door of this.doors.values()) this.#host.trouble.guard(() => door.address.handleTimeouts(now));
  }

  /** `now` is what the core was told: a lease counts from there, however long it took to get here. */
  perform(effects: readonly LivenessEffect[], now: number): void {
    this.#takeover.begin(now);
    for (const effect of effects) {
      this.#host.trouble.guard(() => this.#do(effect, now));
      this.#takeover.did(effect);
    }
    const took = this.#takeover.end();
    if (took !== undefined) this.#host.notify({ kind: "took", ...took });
  }

  close(): void {
    for (const door of this.doors.values()) this.#host.trouble.guard(() => door.close());
    this.doors.clear();
  }

  #do(effect: LivenessEffect, now: number): void {
    switch (effect.do) {
      case "hsrp":
        this.doors.get(effect.group)?.transmit(effect, this.#line(effect.lease), now);
        return;
      case "quiet":
        this.doors.get(effect.group)?.quiet();
        return;
      case "take-address":
        this.doors.get(effect.group)?.address.take(effect.addresses, now);
        return;
      case "release-address":
        this.doors.get(effect.group)?.address.release(effect.graceMs, now);
        return;
      case "announce":
        this.doors.get(effect.group)?.address.announce(now);
        return;
      case "role":
        this.#role(effect, now);
        return;
      case "beacon":
        this.#host.beacons.send(effect.to, effect.octets);
        return;
      case "beacons":
        this.#ring(effect, now);
        return;
      case "will":
        this.#will(effect);
        return;
      case "persist":
        this.#host.notify({ kind: "persist", scheme: effect.scheme, epoch: effect.epoch });
        return;
      case "drain":
        this.#host.notify({ kind: "drain", scheme: effect.scheme });
        return;
      case "told-not-hot":
        this.#host.notify({ kind: "told-not-hot", scheme: effect.scheme });
        return;
      case "changed":
        this.#host.notify({ kind: "changed", ...effect });
        return;
      case "report":
        this.#host.notify({ kind: "report", event: effect.event });
        return;
      case "refused":
      case "released":
        return;
    }
    effect satisfies never;
  }

  #role({ owner, role, epoch, leaseMs, how }: EffectOf<"role">, now: number): void {
    const line = this.#lines.get(owner);
    if (line !== undefined) this.#host.roles.write(line, { role, epoch, leaseUntilMs: now + leaseMs });
    const told = `${role} ${epoch}`;
    if (role === "active" && this.#told.get(owner) !== told) this.#takeover.took(owner);
    this.#host.trouble.guard(() => this.#host.steering.moved(owner, role));
    this.#takeover.mark("steering");
    if (this.#told.get(owner) === told) return;
    this.#told.set(owner, told);
    this.#host.notify({ kind: "role", owner, role, epoch, how });
  }

  #ring({ scheme, to, everyMs, octets, lease }: EffectOf<"beacons">, now: number): void {
    const ring = this.#rings.get(scheme) ?? this.#rings.size;
    this.#rings.set(scheme, ring);
    const targets = to.flatMap(each => this.#host.beacons.target(each) ?? []);
    this.#host.hellos.ring(ring, { datagrams: octets, targets, lease: this.#line(lease), firstMs: now, everyMs });
  }

  #will({ group, will }: EffectOf<"will">): void {
    const door = this.doors.get(group);
    this.#host.will.set(group, will && door && { door, will, linkOf: name => this.#linkOf(name) });
  }

  #linkOf(name: string): number | undefined {
    const group = this.#settings.groups.find(each => each.settings.interface === name);
    return group && this.#host.links.parentOf(group.device)?.index;
  }

  #open(key: string, group: HsrpGroup): void {
    const parent = this.#host.links.parentOf(group.device);
    if (parent === undefined) return;
    const slot = this.#slots.get(key) ?? this.#slots.size;
    this.#slots.set(key, slot);
    const { rtnetlink, hellos, keeper, notify } = this.#host;
    const lease = (): number => this.#leaseOf(key);
    const retireLink = (index: number): void => notify({ kind: "retire", link: index });
    this.doors.set(key, new GroupDoor(group, parent, { rtnetlink, hellos, keeper, slot, lease, retireLink }));
  }

  #line(owner: string | undefined): number | undefined {
    return owner === undefined ? undefined : (this.#lines.get(owner) ?? NO_OWNER);
  }

  /** The line under which the group is active now; one that is not, where it is not. */
  #leaseOf(key: string): number {
    const group = this.#groups.get(key) ?? this.doors.get(key)?.group;
    const lines =
      group === undefined ? [] : ownersOf(group, this.#settings).flatMap(each => this.#lines.get(each) ?? []);
    const active = (line: number): boolean => this.#host.roles.read(line).leaseUntilMs > 0;
    return lines.find(active) ?? lines[0] ?? NO_OWNER;
  }
}
