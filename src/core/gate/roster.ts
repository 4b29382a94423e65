/**
 * Which groups there are, who leads whom, and which rule decides for each: what a configuration and the links make
 * of it.
 *
 * What may change while a group works is changed in place. What ends, ends in order: under a gate it is handed
 * over first, followers wait for their leaders, and `released` says when the interface below may go.
 */
import { groupKey, type HsrpGroup } from "../hsrp/hsrp-group.ts";
import { log } from "../log/catalogue.ts";
import { Gate } from "./gate.ts";
import type { Synced } from "./gate-standing.ts";
import type { Speaker } from "./gate-voice.ts";
import { GroupAtWork } from "./group-at-work.ts";
import type {
  InitReason,
  LivenessSettings,
  LivenessSnapshot,
  SchemeSettings,
  SchemeSnapshot,
} from "./liveness-port.ts";
import { PlainRule } from "./plain-rule.ts";

type Rule = PlainRule | Gate;

export class Roster {
  readonly #speaker: Speaker;
  readonly #groups = new Map<string, GroupAtWork>();
  readonly #rules = new Map<GroupAtWork, Rule>();
  readonly #up = new Set<string>();
  /** What redundancy said, for gates that are not there yet too. */
  readonly #synced = new Map<string, Synced>();
  readonly #channelsTold = new Map<string, string>();
  /** What is being given up, with why; gone from here when it is. */
  readonly #leaving = new Map<GroupAtWork, InitReason>();
  #settings: LivenessSettings = { groups: [], up: [], schemes: [] };
  #unsettled = false;

  constructor(speaker: Speaker) {
    this.#speaker = speaker;
  }

  get groups(): Iterable<GroupAtWork> {
    return this.#groups.values();
  }

  get rules(): Iterable<Rule> {
    return this.#rules.values();
  }

  /** Infinity when nothing is waited for. */
  get next(): number {
    let next = Number.POSITIVE_INFINITY;
    for (const group of this.#groups.values()) next = Math.min(next, group.next ?? next);
    for (const rule of this.#rules.values()) next = Math.min(next, rule.next ?? next);
    for (const group of this.#leaving.keys()) if (!group.ready) next = Math.min(next, group.releasedAt);
    return next;
  }

  group(key: string): GroupAtWork | undefined {
    return this.#groups.get(key);
  }

  rule(group: GroupAtWork): Rule | undefined {
    return this.#rules.get(group);
  }

  /** Of the group that has the scheme's name, gated or not. */
  ruleOf(scheme: string): Rule | undefined {
    for (const [group, rule] of this.#rules) if (group.group.name === scheme) return rule;
    return undefined;
  }

  gate(scheme: string): Gate | undefined {
    const rule = this.ruleOf(scheme);
    return rule instanceof Gate ? rule : undefined;
  }

  sync(scheme: string, synced: Synced, now: number): void {
    this.#synced.set(scheme, synced);
    this.gate(scheme)?.sync(synced, now);
  }

  configure(settings: LivenessSettings, now: number): void {
    this.#settings = settings;
    this.#up.clear();
    for (const name of settings.up) this.#up.add(name);
    for (const group of settings.groups) this.#place(group, now);
    this.#unsettled = true;
    this.#bind(now);
    // Leases follow the hold time, and beacons what they say, at once.
    for (const rule of this.#rules.values()) rule.handleTimeouts(now);
  }

  link(name: string, up: boolean): void {
    if (up) this.#up.add(name);
    else this.#up.delete(name);
    this.#unsettled = true;
  }

  /** Begins what can begin, ends what must end, and says what has ended. */
  settle(now: number): void {
    if (this.#unsettled) this.#sort(now);
    for (const [group, because] of this.#leaving) {
      if (group.leader?.ready && this.#leaving.has(group.leader)) continue;
      const rule = this.#rules.get(group);
      if (rule instanceof Gate && group.ready && !rule.leave(now)) continue;
      group.disable(because, now);
      if (now < group.releasedAt) continue;
      this.#leaving.delete(group);
      this.#speaker.emit({ do: "released", group: group.key });
      if (because === "removed") this.#remove(group, now);
    }
  }

  snapshot(now: number): LivenessSnapshot {
    return {
      groups: [...this.#groups.values()].map(group => group.snapshot(now)),
      schemes: this.#settings.schemes.map(scheme => this.gate(scheme.name)?.snapshot(now) ?? this.#plain(scheme)),
    };
  }

  /** What may not change while it works is another group by the same name: the old one ends first. */
  #place(wanted: HsrpGroup, now: number): void {
    const key = groupKey(wanted);
    const old = this.#groups.get(key);
    if (old !== undefined && sameGroup(old.group, wanted)) {
      old.configure(wanted);
      return;
    }
    if (old !== undefined) this.#remove(old, now);
    this.#groups.set(key, new GroupAtWork(wanted, this.#speaker, now));
  }

  /** Ties followers to their leaders, and gives every other group its rule. What ends keeps both until it has ended. */
  #bind(now: number): void {
    const groups = this.#settings.groups.flatMap(each => this.#groups.get(groupKey(each)) ?? []);
    const byName = new Map(groups.flatMap(each => (each.group.name ? [[each.group.name, each] as const] : [])));
    for (const group of groups) {
      const named = group.group.follow === undefined ? undefined : byName.get(group.group.follow);
      group.follow(named?.group.follow === undefined && named !== group ? named : undefined);
    }
    for (const group of groups) {
      const scheme = this.#settings.schemes.find(each => each.name === group.group.name);
      const gated = scheme !== undefined && this.#plainBecause(scheme) === undefined ? scheme : undefined;
      if (group.group.follow !== undefined) this.#drop(group, now);
      else this.#give(group, gated, now);
    }
  }

  #give(group: GroupAtWork, scheme: SchemeSettings | undefined, now: number): void {
    const old = this.#rules.get(group);
    if (scheme !== undefined && old instanceof Gate && old.owner === scheme.name) {
      old.configure(scheme);
    } else if (scheme !== undefined || old === undefined || old instanceof Gate) {
      this.#drop(group, now);
      const { emit } = this.#speaker;
      const rule = scheme === undefined ? new PlainRule(group.key, group, emit) : this.#gateFor(scheme, group, now);
      group.rule = rule;
      this.#rules.set(group, rule);
      rule.adopt(now);
    }
    if (scheme !== undefined) this.#tellChannels(scheme, group);
  }

  #gateFor(scheme: SchemeSettings, group: GroupAtWork, now: number): Gate {
    const gate = new Gate(scheme, group, this.#speaker);
    gate.configure(scheme);
    gate.sync(this.#synced.get(scheme.name) ?? { synced: false }, now);
    return gate;
  }

  /** Hellos and beacons that share one interface are one channel: the operator should know. */
  #tellChannels(scheme: SchemeSettings, group: GroupAtWork): void {
    const hellos = [group, ...group.followers].map(each => each.group.settings.interface);
    const all = new Set([...hellos, ...scheme.paths.flatMap(path => path.interface ?? [])]);
    const [only = ""] = all.size === 1 ? all : [];
    if (only !== "" && this.#channelsTold.get(scheme.name) !== only)
      this.#speaker.emit({
        do: "report",
        event: log.redundancy.oneChannel({ scheme: scheme.name, interface: only }),
      });
    this.#channelsTold.set(scheme.name, only);
  }

  #drop(group: GroupAtWork, now: number): void {
    this.#rules.get(group)?.close(now);
    this.#rules.delete(group);
  }

  #sort(now: number): void {
    this.#unsettled = false;
    const wanted = new Set(this.#settings.groups.map(groupKey));
    for (const group of this.#groups.values()) {
      const idle = wanted.has(group.key) ? this.#idleBecause(group) : "removed";
      if (idle === undefined) {
        if (this.#leaving.delete(group)) this.#stay(group, now);
        group.enable(now);
      } else if (group.idle !== idle) this.#leaving.set(group, idle);
    }
  }

  #stay(group: GroupAtWork, now: number): void {
    const rule = this.#rules.get(group);
    if (!(rule instanceof Gate)) return;
    // Its gate has given everything up already: the group ends too, and begins anew.
    if (rule.state === "init") group.disable("interface-down", now);
    rule.stay();
  }

  #idleBecause({ group, leader }: GroupAtWork): InitReason | undefined {
    if (!this.#up.has(group.settings.interface)) return "interface-down";
    if (group.decrement === undefined) return "tracked-shutdown";
    return group.follow !== undefined && leader === undefined ? "no-leader" : undefined;
  }

  #remove(group: GroupAtWork, now: number): void {
    group.disable("removed", now);
    for (const follower of [...group.followers]) follower.follow(undefined);
    group.follow(undefined);
    this.#drop(group, now);
    this.#leaving.delete(group);
    this.#groups.delete(group.key);
    this.#unsettled = true;
  }

  #plainBecause(scheme: SchemeSettings): string | undefined {
    if (scheme.key === undefined) return "no key";
    if (scheme.paths.length === 0) return "no path to the peer";
    const leads = [...this.#groups.values()].some(
      ({ group }) => group.name === scheme.name && group.follow === undefined,
    );
    return leads ? undefined : "no group of this name";
  }

  #plain(scheme: SchemeSettings): SchemeSnapshot {
    const rule = this.ruleOf(scheme.name);
    return {
      name: scheme.name,
      plainBecause: this.#plainBecause(scheme) ?? "not yet",
      role: rule instanceof PlainRule ? rule.role : "init",
      epoch: 0,
      hot: false,
      peer: undefined,
      channels: 0,
      counters: {},
    };
  }
}

/** The same but for what may change while the group works. */
function sameGroup(a: HsrpGroup, b: HsrpGroup): boolean {
  return (
    a.settings.version === b.settings.version &&
    a.settings.address === b.settings.address &&
    a.settings.virtualAddress === b.settings.virtualAddress &&
    a.virtualMac === b.virtualMac &&
    a.device === b.device &&
    (a.follow === undefined) === (b.follow === undefined)
  );
}
