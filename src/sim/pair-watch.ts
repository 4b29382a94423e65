/**
 * What the gate promises, checked at every event: one owner while the members can hear each other, groups that move
 * together, epochs that rise and are on disk before they count.
 */
import type { LivenessEffect, Role } from "../core/gate/liveness-port.ts";
import type { Bed } from "./bed.ts";
import type { Member } from "./member.ts";
import { followingKey, INSIDE, leadingKey, type PairSetting, SCHEME, wiresOf } from "./pair-setting.ts";
import { Watch } from "./watch.ts";

/** Beacons go out every tenth of the hold time, but at least so far apart, milliseconds. */
const BEACONS_APART_MS = 5;
/** A beacon, a question that proves who sent it, an answer. */
const MESSAGES_TO_BELIEVE = 3;
/** How often a transition bound may be missed by bad luck alone. */
const BAD_LUCK = 1e-10;
/** Samples of what a member says of itself are this many events apart. */
const SAMPLE_EVENTS = 40;
/** What is on its way between members, and from a main thread to its gate, which may only just have begun. */
const UNDER_WAY_MS = 500;

export class PairWatch extends Watch {
  /** Fast-path packets since the start, and the longest time without one while somebody was asked to look. */
  packets = 0;
  lastPacketAt = 0;
  longestGapMs = 0;
  readonly #setting: PairSetting;
  readonly #leading: string;
  readonly #following: string;
  /** Where the two can speak to each other: the association's wires and the segments of all groups. */
  readonly #ways: readonly string[];
  readonly #roles = new Map<string, Role>();
  readonly #taken = new Map<string, { readonly inThisLife: number; readonly onDisk: number }>();
  #hearingSince: number | undefined;
  #doubleSince: number | undefined;

  constructor(bed: Bed, setting: PairSetting) {
    super(bed, leadingKey(bed), setting.holdMs);
    this.#setting = setting;
    this.#leading = leadingKey(bed);
    this.#following = followingKey(bed);
    this.#ways = wiresOf(setting);
  }

  owners(): Member[] {
    return this.bed.members.filter(member => this.#owns(member));
  }

  /** Names only, for expectations. */
  active(): string {
    return this.owners()
      .map(({ name }) => name)
      .join(" and ");
  }

  /**
   * How long two may own although they can hear each other: until the one has heard the other, as often as the network
   * loses what is said.
   */
  get transitionMs(): number {
    let loss = 0;
    let delay = 0;
    for (const { conditions } of this.bed.wires.values()) {
      loss = Math.max(loss, conditions.loss);
      delay = Math.max(delay, conditions.maxDelayMs);
    }
    const tries = loss === 0 ? 2 : Math.ceil(Math.log(BAD_LUCK) / Math.log(loss));
    const apart = Math.max(BEACONS_APART_MS, this.#setting.holdMs / 10);
    return MESSAGES_TO_BELIEVE * (tries * apart + delay);
  }

  override effect(member: string, effect: LivenessEffect): void {
    if (effect.do === "role" && effect.owner === SCHEME) this.#role(member, effect.role, effect.epoch);
    super.effect(member, effect);
  }

  override packet(member: string, owner: string, epoch: number): void {
    super.packet(member, owner, epoch);
    this.longestGapMs = Math.max(this.longestGapMs, this.bed.now - this.lastPacketAt);
    this.lastPacketAt = this.bed.now;
    this.packets += 1;
  }

  override died(member: string): void {
    super.died(member);
    this.#roles.delete(member);
    this.#taken.set(member, { inThisLife: 0, onDisk: this.#taken.get(member)?.onDisk ?? 0 });
  }

  /** Of both, and their disks lost what they had said was written: epochs begin anew, and so do keys. */
  powerWasLost(): void {
    this.#taken.clear();
    this.account.powerWasLost();
  }

  check(): void {
    this.ownership.check();
    this.#checkOwners();
    if (this.#following !== "") this.#checkFollowers();
    if (this.bed.clock.events % SAMPLE_EVENTS === 0) for (const member of this.bed.members) this.#sample(member);
  }

  /** In the end the standby is hot and holds what the active holds, neither less nor what was deleted (V6, V12). */
  checkReplicas(): void {
    const [active] = this.owners();
    const own = active?.replica;
    const standby = this.bed.peerOf(active?.name ?? "");
    const peer = standby?.replica;
    if (own === undefined || peer === undefined) return;
    if (!peer.synced) this.broken(`${active?.name} is active, and its standby is not hot`);
    const differs = (): string | undefined =>
      [...new Set([...own.records.keys(), ...peer.records.keys()])].find(
        name => own.records.get(name) !== peer.records.get(name),
      );
    const isHot = (): boolean => standby?.core?.snapshot(this.bed.now).schemes[0]?.hot === true;
    // What is under way arrives meanwhile.
    for (let n = 0; n < UNDER_WAY_MS && (differs() !== undefined || !isHot()); n++)
      this.bed.clock.runUntil(this.bed.now + 1, () => {});
    if (!isHot()) this.broken(`${standby?.name} is hot, and its gate does not know`);
    const name = differs();
    if (name === undefined) return;
    this.broken(`${name}: ${own.records.get(name) ?? "gone"} on the active, ${peer.records.get(name) ?? "gone"} there`);
  }

  #checkOwners(): void {
    const { bed } = this;
    const [first, second] = bed.members;
    if (first === undefined || second === undefined) return;
    if (!bed.canHear(first, second, this.#ways)) this.#hearingSince = undefined;
    else this.#hearingSince ??= bed.now;
    const double = this.#hearingSince !== undefined && this.#owns(first) && this.#owns(second);
    if (!double) this.#doubleSince = undefined;
    else this.#doubleSince ??= bed.now;
    if (this.#doubleSince === undefined || bed.now - this.#doubleSince <= this.transitionMs) return;
    this.broken(`both answer for the address and can hear each other, for ${this.transitionMs.toFixed(0)} ms`);
  }

  /** A group that follows is active where its leader is, unless its interface is seen to be down. */
  #checkFollowers(): void {
    for (const member of this.bed.members) {
      if (member.ports.get(INSIDE)?.carrier === false || !member.running) continue;
      const [leads, follows] = [this.#leading, this.#following].map(key => member.answersFor(key, SCHEME));
      if (leads && !follows) this.broken(`${member.name} owns outside but not inside`);
      if (follows && !leads) this.broken(`${member.name} owns inside but not outside`);
    }
  }

  #role(member: string, role: Role, epoch: number): void {
    const before = this.#roles.get(member) ?? "init";
    this.#roles.set(member, role);
    // Who goes on after an offer that nobody took up does so above the epoch that it offered.
    const raised = epoch > (this.#taken.get(member)?.inThisLife ?? 0);
    if (role === "active" && (raised || (before !== "active" && before !== "draining"))) this.#took(member, epoch);
    if (role === "standby" && before === "active") this.#yielded(member);
  }

  /** Every takeover raises the epoch: above what this member took before, and above that of an active that it hears. */
  #took(member: string, epoch: number): void {
    const stored = this.bed.member(member).disk.epochOf(SCHEME);
    const before = this.#taken.get(member) ?? { inThisLife: 0, onDisk: 0 };
    if (epoch <= before.inThisLife || epoch <= before.onDisk) {
      this.broken(`${member} takes over with epoch ${epoch} after ${Math.max(before.inThisLife, before.onDisk)}`);
    }
    this.#taken.set(member, { inThisLife: epoch, onDisk: epoch <= stored ? epoch : before.onDisk });
    const peer = this.bed.peerOf(member)?.name ?? "";
    const known = this.#hearingSince !== undefined && this.bed.now - this.#hearingSince > this.transitionMs;
    const peers = this.#taken.get(peer)?.inThisLife ?? 0;
    if (known && this.#roles.get(peer) === "active" && epoch <= peers) {
      this.broken(`${member} takes over with epoch ${epoch}, but ${peer} is active with ${peers}`);
    }
  }

  /** Of two that own and hear each other, the one with the lower epoch goes, whatever the priorities. */
  #yielded(member: string): void {
    const peer = this.bed.peerOf(member)?.name ?? "";
    const [own, peers] = [member, peer].map(name => this.#taken.get(name)?.inThisLife ?? 0);
    if (this.#hearingSince === undefined || this.#roles.get(peer) !== "active" || own === undefined) return;
    if (own > (peers ?? 0)) this.broken(`${member} yields with epoch ${own} to ${peer}, which has ${peers}`);
  }

  #sample(member: Member): void {
    const scheme = member.core?.snapshot(this.bed.now).schemes[0];
    if (scheme === undefined || !scheme.hot || scheme.role !== "standby") return;
    const next = (scheme.peer?.epoch ?? 0) + 1;
    const stored = member.disk.epochOf(SCHEME);
    if (stored < next) this.broken(`${member.name} is hot, but has ${stored} on disk, not ${next}`);
  }

  #owns(member: Member): boolean {
    return member.answersFor(this.#leading, SCHEME) || member.encryptsFor(SCHEME);
  }
}
