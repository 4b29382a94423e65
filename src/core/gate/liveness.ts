/**
 * The liveness core: every HSRP group of this member, and what decides for each. This file deals inputs out and collects
 * the effects; groups, rules and gates do the rest.
 *
 * Whatever comes in, the first question is whether this member has just woken from standing still: a lease that ran out
 * is noticed before any packet, deadline or order is looked at, so that nothing leaves as active from before.
 */
import { groupKey, type HsrpGroup } from "../hsrp/hsrp-group.ts";
import type { HsrpDatagram } from "../hsrp/hsrp-receive.ts";
import { GroupAtWork, type Tools } from "./group-at-work.ts";
import type {
  InitReason,
  LivenessEffect,
  LivenessInput,
  LivenessPrimitives,
  LivenessSettings,
  LivenessSnapshot,
} from "./liveness-port.ts";
import { PlainRule } from "./plain-rule.ts";

export class Liveness {
  readonly #tools: Tools;
  readonly #groups = new Map<string, GroupAtWork>();
  readonly #rules = new Map<GroupAtWork, PlainRule>();
  readonly #up = new Set<string>();
  /** What is being given up, with why; gone from here when it is. */
  readonly #leaving = new Map<GroupAtWork, InitReason>();
  #settings: LivenessSettings = { groups: [], up: [], schemes: [] };
  #unsettled = false;
  #effects: LivenessEffect[] = [];
  #calledAt = Number.NEGATIVE_INFINITY;

  /** `bootId` is eight octets that no other life of this member, nor its peer, has. */
  constructor(primitives: LivenessPrimitives, bootId: Uint8Array) {
    this.#tools = { primitives, emit: effect => this.#effects.push(effect) };
    void bootId;
  }

  /** The nearest deadline in milliseconds; `undefined` when nothing is waited for. */
  get next(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const group of this.#groups.values()) next = Math.min(next, group.next ?? next);
    for (const rule of this.#rules.values()) next = Math.min(next, rule.next ?? next);
    for (const group of this.#leaving.keys()) if (!group.ready) next = Math.min(next, group.releasedAt);
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  handle(input: LivenessInput, now: number): LivenessEffect[] {
    this.#wake(now);
    this.#deal(input, now);
    this.#settle(now);
    return this.#collected();
  }

  /** Safe to call at any time; does nothing when nothing is due. */
  handleTimeouts(now: number): LivenessEffect[] {
    this.#wake(now);
    for (const group of this.#groups.values()) group.handleTimeouts(now);
    for (const rule of this.#rules.values()) rule.handleTimeouts(now);
    this.#settle(now);
    return this.#collected();
  }

  snapshot(now: number): LivenessSnapshot {
    return {
      groups: [...this.#groups.values()].map(group => group.snapshot(now)),
      schemes: this.#settings.schemes.map(({ name }) => ({
        name,
        plainBecause: "no gate",
        role: "init",
        epoch: 0,
        hot: false,
        peer: undefined,
        channels: 0,
        counters: {},
      })),
    };
  }

  #wake(now: number): void {
    for (const rule of this.#rules.values()) rule.wake(now);
    for (const group of this.#groups.values()) if (now - this.#calledAt > group.holdMs) group.forgiveGap(now);
    this.#calledAt = now;
  }

  #deal(input: LivenessInput, now: number): void {
    switch (input.kind) {
      case "configure":
        this.#configure(input.settings, now);
        return;
      case "link":
        this.#link(input.interface, input.up);
        return;
      case "hsrp":
        this.#receive(input.interface, input.datagram, now);
        return;
      case "claimed":
        this.#groups.get(input.group)?.claimed(input.mac, now);
        return;
      case "stop":
        this.#configure({ groups: [], up: [], schemes: [] }, now);
        return;
      case "beacon":
      case "persisted":
      case "synced":
      case "not-hot":
      case "switchover":
      case "drained":
        return;
    }
    input satisfies never;
  }

  #configure(settings: LivenessSettings, now: number): void {
    this.#settings = settings;
    this.#up.clear();
    for (const name of settings.up) this.#up.add(name);
    const wanted = new Map(settings.groups.map(group => [groupKey(group), group]));
    for (const [key, group] of wanted) this.#place(key, group, now);
    this.#bind(now);
    this.#unsettled = true;
  }

  /** What may not change while it works is another group by the same name: the old one ends first. */
  #place(key: string, wanted: HsrpGroup, now: number): void {
    const old = this.#groups.get(key);
    if (old !== undefined && sameGroup(old.group, wanted)) {
      old.configure(wanted);
      return;
    }
    if (old !== undefined) this.#remove(old, now);
    this.#groups.set(key, new GroupAtWork(wanted, this.#tools, now));
  }

  /** Ties followers to their leaders, and gives every other group its rule. */
  #bind(now: number): void {
    const groups = [...this.#groups.values()];
    const byName = new Map(groups.flatMap(each => (each.group.name ? [[each.group.name, each] as const] : [])));
    for (const group of groups) {
      const named = group.group.follow === undefined ? undefined : byName.get(group.group.follow);
      group.follow(named?.group.follow === undefined && named !== group ? named : undefined);
    }
    for (const group of groups) {
      const rule = this.#rules.get(group);
      if (group.group.follow !== undefined) {
        rule?.close(now);
        this.#rules.delete(group);
      } else if (rule === undefined) {
        const made = new PlainRule(group.key, group, this.#tools.emit);
        group.rule = made;
        made.adopt(now);
        this.#rules.set(group, made);
      }
    }
  }

  #link(name: string, up: boolean): void {
    if (up) this.#up.add(name);
    else this.#up.delete(name);
    this.#unsettled = true;
  }

  /** Every group of the interface looks at it; what all of them refuse is refused once. */
  #receive(name: string, datagram: HsrpDatagram, now: number): void {
    const received = [];
    for (const group of this.#groups.values()) {
      if (group.group.settings.interface !== name || !group.ready) continue;
      received.push(group.receive(datagram, now));
    }
    const refusal = received.find(each => each?.kind === "refused");
    if (refusal?.kind !== "refused" || received.some(each => each?.kind === "accepted")) return;
    const { because, detail } = refusal;
    this.#effects.push({ do: "refused", interface: name, because, detail });
  }

  /** Begins what can begin, ends what must end, and says what has ended. */
  #settle(now: number): void {
    if (this.#unsettled) this.#sort(now);
    for (const [group, because] of this.#leaving) {
      if (group.leader?.ready && this.#leaving.has(group.leader)) continue;
      group.disable(because, now);
      if (now < group.releasedAt) continue;
      this.#leaving.delete(group);
      this.#effects.push({ do: "released", group: group.key });
      if (because === "removed") this.#remove(group, now);
    }
  }

  #sort(now: number): void {
    this.#unsettled = false;
    const wanted = new Set(this.#settings.groups.map(groupKey));
    for (const group of this.#groups.values()) {
      const idle = wanted.has(group.key) ? this.#idleBecause(group) : "removed";
      if (idle === undefined) {
        this.#leaving.delete(group);
        group.enable(now);
      } else if (group.idle !== idle) this.#leaving.set(group, idle);
    }
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
    this.#rules.get(group)?.close(now);
    this.#rules.delete(group);
    this.#leaving.delete(group);
    this.#groups.delete(group.key);
    this.#unsettled = true;
  }

  #collected(): LivenessEffect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
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
