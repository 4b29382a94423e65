/**
 * Carries out what the liveness core says: packets, addresses, role words, beacons, the last will. Decides nothing.
 *
 * A refusal of the system concerns one effect alone: it is told, and the others go on.
 */
import { SystemError } from "../../core/errors.ts";
import type { LivenessEffect, LivenessSettings } from "../../core/gate/liveness-port.ts";
import { groupKey, type HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import type { HelloThread } from "../../linux/hello-thread.ts";
import type { Rtnetlink } from "../../linux/netlink/rtnetlink.ts";
import type { RoleWords } from "../../linux/role-words.ts";
import type { BeaconDoor } from "./beacon-door.ts";
import { GroupDoor } from "./group-door.ts";
import type { LinkState } from "./link-state.ts";
import type { Notice, OwnerLines } from "./messages.ts";
import { ownerOf } from "./owners.ts";
import type { WillPost } from "./will-post.ts";

export interface HostDoors {
  readonly rtnetlink: Rtnetlink;
  readonly links: LinkState;
  readonly hellos: HelloThread;
  readonly beacons: BeaconDoor;
  readonly roles: RoleWords;
  readonly will: WillPost;
  readonly notify: (notice: Notice) => void;
}

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
      this.#guarded(() => door.close());
      this.doors.delete(key);
    }
    for (const [key, group] of this.#groups) if (!this.doors.has(key)) this.#guarded(() => this.#open(key, group));
  }

  get next(): number | undefined {
    const times = [...this.doors.values()].flatMap(door => door.address.next ?? []);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  handleTimeouts(now: number): void {
    for (const door of this.doors.values()) this.#guarded(() => door.address.handleTimeouts(now));
  }

  /** `now` is what the core was told: a lease counts from there, however long it took to get here. */
  perform(effects: readonly LivenessEffect[], now: number): void {
    for (const effect of effects) this.#guarded(() => this.#do(effect, now));
  }

  close(): void {
    for (const door of this.doors.values()) this.#guarded(() => door.close());
    this.doors.clear();
  }

  #do(effect: LivenessEffect, now: number): void {
    switch (effect.do) {
      case "hsrp":
        return this.doors.get(effect.group)?.transmit(effect, now);
      case "quiet":
        return this.doors.get(effect.group)?.quiet();
      case "take-address":
        return this.doors.get(effect.group)?.address.take(effect.addresses, now);
      case "release-address":
        return this.doors.get(effect.group)?.address.release(effect.graceMs, now);
      case "announce":
        return this.doors.get(effect.group)?.address.announce(now);
      case "role":
        return this.#role(effect, now);
      case "beacon":
        return this.#host.beacons.send(effect.to, effect.octets);
      case "beacons":
        return this.#ring(effect, now);
      case "will":
        return this.#will(effect);
      case "refused":
        return this.#host.notify({
          kind: "debug",
          what: "errors",
          text: `${effect.interface} refused (${effect.because}): ${effect.detail}`,
        });
      case "persist":
        return this.#host.notify({ kind: "persist", scheme: effect.scheme, epoch: effect.epoch });
      case "drain":
        return this.#host.notify({ kind: "drain", scheme: effect.scheme });
      case "changed":
        return this.#host.notify({ kind: "changed", ...effect });
      case "report":
        return this.#host.notify({ kind: "report", event: effect.event });
      case "released":
        return;
    }
    effect satisfies never;
  }

  #role({ owner, role, epoch, leaseMs }: EffectOf<"role">, now: number): void {
    const line = this.#lines.get(owner);
    if (line !== undefined) this.#host.roles.write(line, { role, epoch, leaseUntilMs: now + leaseMs });
  }

  #ring({ scheme, to, everyMs, octets, lease }: EffectOf<"beacons">, now: number): void {
    const ring = this.#rings.get(scheme) ?? this.#rings.size;
    this.#rings.set(scheme, ring);
    const targets = to.flatMap(each => this.#host.beacons.target(each) ?? []);
    const line = lease === undefined ? undefined : this.#lines.get(lease);
    this.#host.hellos.ring(ring, { datagrams: octets, targets, lease: line, firstMs: now, everyMs });
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
    const lease = this.#lines.get(ownerOf(group, this.#settings));
    if (parent === undefined || lease === undefined) return;
    const slot = this.#slots.get(key) ?? this.#slots.size;
    this.#slots.set(key, slot);
    const { rtnetlink, hellos } = this.#host;
    this.doors.set(key, new GroupDoor(group, parent, { rtnetlink, hellos, slot, lease }));
  }

  #guarded(body: () => void): void {
    try {
      body();
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#host.notify({ kind: "trouble", text: error.message });
    }
  }
}
