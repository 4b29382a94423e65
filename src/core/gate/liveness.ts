/**
 * The liveness core: every HSRP group of this member, and what decides for each. This file deals inputs out and
 * collects the effects; the roster knows which groups there are, groups, rules and gates do the rest.
 *
 * Whatever comes in, the first question is whether this member has just woken from standing still: a lease that
 * ran out is noticed before any packet, deadline or order is looked at, so that nothing leaves as active from
 * before.
 */
import { WireError } from "../errors.ts";
import { sameOctets } from "../hsrp/hsrp-auth.ts";
import { groupNumberOf } from "../hsrp/hsrp-packet.ts";
import type { HsrpDatagram } from "../hsrp/hsrp-receive.ts";
import { familyOf } from "../wire/address.ts";
import { readBeacon } from "./beacon-seal.ts";
import { Gate } from "./gate.ts";
import type { GroupAtWork } from "./group-at-work.ts";
import type {
  LivenessEffect,
  LivenessInput,
  LivenessPrimitives,
  LivenessSettings,
  LivenessSnapshot,
} from "./liveness-port.ts";
import { Roster } from "./roster.ts";

const NOTHING: LivenessSettings = { groups: [], up: [], schemes: [] };

export class Liveness {
  readonly #roster: Roster;
  #effects: LivenessEffect[] = [];
  /** When the shell was to come at the latest. */
  #dueAt = Number.POSITIVE_INFINITY;

  /** `bootId` is eight octets that no other life of this member, nor its peer, has. */
  constructor(primitives: LivenessPrimitives, bootId: Uint8Array) {
    this.#roster = new Roster({ primitives, boot: bootId, emit: effect => this.#effects.push(effect) });
  }

  /** The nearest deadline in milliseconds; `undefined` when nothing is waited for. */
  get next(): number | undefined {
    const next = this.#roster.next;
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }

  handle(input: LivenessInput, now: number): LivenessEffect[] {
    this.#wake(now);
    this.#deal(input, now);
    this.#roster.settle(now);
    return this.#collected();
  }

  /** Safe to call at any time; does nothing when nothing is due. */
  handleTimeouts(now: number): LivenessEffect[] {
    this.#wake(now);
    for (const group of this.#roster.groups) group.handleTimeouts(now);
    for (const rule of this.#roster.rules) rule.handleTimeouts(now);
    this.#roster.settle(now);
    return this.#collected();
  }

  /** By scheme, when its gate last heard the true peer; one that never did is not here. */
  heard(): [scheme: string, at: number][] {
    return [...this.#roster.rules].flatMap((rule): [string, number][] =>
      rule instanceof Gate && rule.heardAt > Number.NEGATIVE_INFINITY ? [[rule.owner, rule.heardAt]] : [],
    );
  }

  snapshot(now: number): LivenessSnapshot {
    return this.#roster.snapshot(now);
  }

  #wake(now: number): void {
    for (const rule of this.#roster.rules) rule.wake(now);
    const lateMs = now - this.#dueAt;
    for (const group of this.#roster.groups) if (lateMs > group.holdMs / 2) group.forgiveGap(now);
  }

  #deal(input: LivenessInput, now: number): void {
    switch (input.kind) {
      case "configure":
        this.#roster.configure(input.settings, now);
        return;
      case "link":
        this.#roster.link(input.interface, input.up);
        return;
      case "hsrp":
        this.#hsrp(input.interface, input.datagram, now);
        return;
      case "beacon":
        this.#beacon(input, now);
        return;
      case "claimed":
        this.#roster.group(input.group)?.claimed(input.mac, now);
        return;
      case "stop":
        this.#roster.configure(NOTHING, now);
        return;
      case "switchover":
        this.#roster.ruleOf(input.scheme)?.switchover(now);
        return;
      case "persisted":
        this.#roster.gate(input.scheme)?.persisted(input.epoch, now);
        return;
      case "synced":
        this.#roster.sync(input.scheme, input, now);
        return;
      case "not-hot":
        this.#roster.gate(input.scheme)?.notHot(now);
        return;
      case "drained":
        this.#roster.gate(input.scheme)?.drained(now);
        return;
    }
    input satisfies never;
  }

  #hsrp(name: string, datagram: HsrpDatagram, now: number): void {
    const group = this.#groupOf(name, datagram);
    const received = group?.receive(datagram, now);
    if (group === undefined || received === undefined) return;
    if (received.kind === "refused") {
      this.#refused(name, received.because, received.detail);
      return;
    }
    const rule = this.#roster.rule(group.leader ?? group);
    if (rule instanceof Gate) rule.hello(datagram.source, group, now);
  }

  /** The group that it is about; what is about none is looked at by one alone, so that a flood costs one look each. */
  #groupOf(name: string, { source, octets }: HsrpDatagram): GroupAtWork | undefined {
    let any: GroupAtWork | undefined;
    for (const group of this.#roster.groups) {
      const { settings } = group.group;
      if (settings.interface !== name || !group.ready || familyOf(settings.address) !== familyOf(source)) continue;
      if (groupNumberOf(octets, settings.version) === settings.group) return group;
      any ??= group;
    }
    return any;
  }

  #beacon(input: Extract<LivenessInput, { kind: "beacon" }>, now: number): void {
    const { octets, source } = input;
    const name = input.interface ?? "";
    const said = readBeacon(octets);
    if (said instanceof WireError) {
      this.#refused(name, "beacon-malformed", said.message);
      return;
    }
    for (const rule of this.#roster.rules) {
      if (!(rule instanceof Gate) || !sameOctets(rule.tag, said.scheme)) continue;
      const because = rule.receive(said, octets, { source, interface: input.interface }, now);
      if (because !== undefined) this.#refused(name, `beacon-${because}`, source);
      return;
    }
    this.#refused(name, "beacon-scheme", source);
  }

  #refused(name: string, because: string, detail: string): void {
    this.#effects.push({ do: "refused", interface: name, because, detail });
  }

  #collected(): LivenessEffect[] {
    this.#dueAt = this.#roster.next;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
