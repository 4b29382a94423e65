/**
 * One HSRP group as this member runs it: its machine, its start delay, its standing hello, its counters, and the
 * groups that follow it.
 *
 * A follower has no election of its own: it takes its leader's role, so that inside and outside move together, and
 * says what its leader says on its own segment, so that switches there learn the virtual MAC address too. Who
 * decides over Active is the rule's: plain HSRP, or the gate.
 */
import { couldBeVirtual, groupKey, type HsrpGroup } from "../hsrp/hsrp-group.ts";
import { type HsrpEffect, type HsrpFacts, type HsrpInput, HsrpMachine, speaks } from "../hsrp/hsrp-machine.ts";
import type { HsrpMessage, HsrpState } from "../hsrp/hsrp-message.ts";
import { type HsrpDatagram, type HsrpRefusal, type Received, receiveHsrp } from "../hsrp/hsrp-receive.ts";
import type { IpAddress } from "../wire/address.ts";
import { GroupAlarms } from "./group-alarms.ts";
import type { GroupRule } from "./group-rule.ts";
import type { GroupSnapshot, InitReason, LivenessPrimitives } from "./liveness-port.ts";
import { Neighbours } from "./neighbours.ts";
import type { Emit } from "./role-lease.ts";

export interface Tools {
  readonly primitives: LivenessPrimitives;
  readonly emit: Emit;
}

export class GroupAtWork {
  readonly key: string;
  readonly machine: HsrpMachine;
  readonly followers: GroupAtWork[] = [];
  readonly #tools: Tools;
  readonly #alarms: GroupAlarms;
  readonly #neighbours = new Neighbours();
  readonly #refused: Partial<Record<HsrpRefusal, number>> = {};
  #group: HsrpGroup;
  #rule: GroupRule | undefined;
  #leader: GroupAtWork | undefined;
  #idle: InitReason | undefined = "interface-down";
  #owns = false;
  #changes = 0;
  #changedAt: number;
  #startAt: number | undefined;
  #firstStart = true;
  #hushed = false;
  #graceMs = 0;
  #releasedAt = 0;

  constructor(group: HsrpGroup, tools: Tools, now: number) {
    this.key = groupKey(group);
    this.machine = new HsrpMachine(group.settings);
    this.#group = group;
    this.#tools = tools;
    this.#alarms = new GroupAlarms(tools.emit);
    this.#changedAt = now;
  }

  get group(): HsrpGroup {
    return this.#group;
  }

  get state(): HsrpState {
    if (this.#leader === undefined) return this.machine.state;
    return this.#idle === undefined ? this.#leader.state : "initial";
  }

  get leader(): GroupAtWork | undefined {
    return this.#leader;
  }

  get holdMs(): number {
    return this.#elector.machine.holdMs;
  }

  get priority(): number {
    return this.machine.priority(this.#facts());
  }

  /** It can carry the address: its interface is up, nothing shuts it down, and it is past its start delay. */
  get ready(): boolean {
    return this.#idle === undefined;
  }

  /** Why it is in Init; `undefined` while it is ready. */
  get idle(): InitReason | undefined {
    return this.#idle;
  }

  /** When the grace of the last release is over. */
  get releasedAt(): number {
    return this.#releasedAt;
  }

  get next(): number | undefined {
    const timer = this.#leader === undefined ? this.machine.timers.next : undefined;
    if (this.#startAt === undefined || timer === undefined) return this.#startAt ?? timer;
    return Math.min(timer, this.#startAt);
  }

  set rule(rule: GroupRule) {
    this.#rule = rule;
  }

  /** What may change while it works: priority, timers, preemption, authentication, tracking, secondary addresses. */
  configure(group: HsrpGroup): void {
    const moved = group.secondaries.join() !== this.#group.secondaries.join();
    this.#group = group;
    this.machine.settings = group.settings;
    if (moved && this.#owns) this.#take();
  }

  /** From now on this group has the role of `leader`, whatever its own machine would think. */
  follow(leader: GroupAtWork | undefined): void {
    if (leader === this.#leader) return;
    this.#leader?.followers.splice(this.#leader.followers.indexOf(this), 1);
    this.#leader = leader;
    leader?.followers.push(this);
  }

  /** Begins, after the start delay, if it has not begun. */
  enable(now: number): void {
    if (this.#idle === undefined || this.#startAt !== undefined) return;
    const { minimum, reload } = this.#group.startDelayMs;
    this.#idle = "start-delay";
    this.#startAt = now + (this.#firstStart ? Math.max(minimum, reload) : minimum);
    if (this.#startAt <= now) this.handleTimeouts(now);
  }

  /** Ends at once: what it held is released, with a resign where it was the active. */
  disable(because: InitReason, now: number): void {
    const before = this.state;
    this.#hushed = false;
    this.#startAt = undefined;
    const began = this.#idle === undefined;
    this.#idle = because;
    if (!began) return;
    if (this.#leader === undefined) {
      this.#input({ kind: "stop", because }, now);
      this.#rule?.stopped(now);
    } else {
      this.#release(now, 0);
      this.#quiet();
      this.#changed(before, "initial", because, now);
    }
  }

  /** Resigns, and takes part in the election anew. */
  restart(now: number): void {
    this.#input({ kind: "stop", because: "switchover" }, now);
    this.#input({ kind: "start", firstSinceBoot: false }, now);
  }

  take(because: string, now: number): void {
    this.#input({ kind: "order", order: "take", because }, now);
  }

  /** Goes on receiving on the virtual MAC address for `graceMs`. */
  yield(because: string, graceMs: number, now: number): void {
    this.#hushed = false;
    this.#graceMs = graceMs;
    this.#input({ kind: "order", order: "yield", because }, now);
    this.#graceMs = 0;
  }

  /** Its lease as the active ran out. */
  lapse(now: number): void {
    this.#input({ kind: "lapsed" }, now);
  }

  /** Says again, to everybody, that it is here: the host may have dropped the address meanwhile. */
  retake(now: number): void {
    this.#hushed = false;
    for (const each of this.#all) each.#take();
    this.machine.timers.set("hello", now);
    this.handleTimeouts(now);
    for (const each of this.#all) each.#announce();
  }

  /** Sends nothing more as active, followers neither, until it retakes or yields. */
  hush(): void {
    this.#hushed = true;
    for (const each of this.#all) each.#quiet();
  }

  /** `undefined` when the packet is another group's. */
  receive(datagram: HsrpDatagram, now: number): Exclude<Received, { kind: "ignored" }> | undefined {
    const { own, auth, settings } = this.#group;
    const { hash } = this.#tools.primitives;
    const context = { version: settings.version, group: settings.group, address: settings.address, auth, hash, own };
    const received = receiveHsrp(datagram, context);
    if (received.kind === "ignored") return undefined;
    if (received.kind === "refused") {
      this.#refused[received.because] = (this.#refused[received.because] ?? 0) + 1;
      this.#alarms.refused(this.#group, received, datagram.source, now);
      return received;
    }
    const { message } = received;
    if (message.state === "active") this.#alarms.addressOfActive(this.#group, message.virtualAddress, now);
    if (this.#leader !== undefined) this.#neighbours.hear(message, datagram.source, now);
    else this.#input({ kind: "packet", message: this.#learnable(message), source: datagram.source }, now);
    return received;
  }

  /** Somebody else answers for the virtual address. */
  claimed(by: string, now: number): void {
    if (this.#owns && this.#alarms.claimed(this.#group, by, now)) this.#announce();
  }

  forgiveGap(now: number): void {
    this.machine.forgiveGap(now);
  }

  handleTimeouts(now: number): void {
    if (this.#startAt !== undefined && this.#startAt <= now) this.#start(now);
    if (this.#leader === undefined && (this.machine.timers.next ?? now + 1) <= now)
      this.#perform(this.machine.handleTimeouts(this.#facts(), now), now);
  }

  /** What the supervisor is to send if this process dies now. */
  leaveWill(): void {
    if (!this.#owns) return;
    const resign: HsrpMessage = { ...this.#message("resign"), state: "active" };
    const tokens = this.#leader === undefined ? (this.#rule?.tokens() ?? []) : [];
    this.#tools.emit({ do: "will", group: this.key, will: { resign, tokens } });
  }

  snapshot(now: number): GroupSnapshot {
    const { machine } = this.#elector;
    const seen = this.#leader === undefined ? undefined : this.#neighbours.snapshot(this.state, machine.holdMs, now);
    const after = (at: number | undefined): number | undefined => at && Math.max(0, at - now);
    return {
      group: this.#group,
      leader: this.#leader?.group.name,
      state: this.state,
      initBecause: this.state === "initial" ? this.#idle : undefined,
      changes: this.#changes,
      sinceChangeMs: now - this.#changedAt,
      virtualAddress: this.machine.virtualAddress,
      helloMs: machine.helloMs,
      holdMs: machine.holdMs,
      nextHelloMs: after(machine.timers.at("hello")),
      priority: this.priority,
      active: machine.activeRouter,
      activeExpiresMs: after(machine.timers.at("active")),
      standby: machine.standbyRouter,
      standbyExpiresMs: after(machine.timers.at("standby")),
      ...seen,
      refused: { ...this.#refused },
    };
  }

  /** An address is learned only if a group here could have it. */
  #learnable(message: HsrpMessage): HsrpMessage {
    const { settings, own } = this.#group;
    const { virtualAddress } = message;
    if (settings.virtualAddress !== undefined || virtualAddress === undefined) return message;
    return couldBeVirtual(virtualAddress, own) ? message : { ...message, virtualAddress: undefined };
  }

  get #elector(): GroupAtWork {
    return this.#leader ?? this;
  }

  get #all(): readonly GroupAtWork[] {
    return [this, ...this.followers];
  }

  #start(now: number): void {
    this.#startAt = undefined;
    this.#idle = undefined;
    if (this.#leader !== undefined) {
      this.#changed("initial", this.#leader.state, "start", now);
      if (this.#leader.state !== "active") return;
      this.#take();
      this.#echo({ ...this.#message("hello"), state: "active" }, true);
      this.#announce();
      return;
    }
    this.#rule?.started(now);
    this.#input({ kind: "start", firstSinceBoot: this.#firstStart }, now);
    this.#firstStart = false;
  }

  #facts(): HsrpFacts {
    const { gated = false, synced = true } = this.#rule ?? {};
    return { gated, synced, decrement: this.#group.decrement ?? 0, jitter: this.#tools.primitives.jitter() };
  }

  #input(input: HsrpInput, now: number): void {
    this.#perform(this.machine.handle(input, this.#facts(), now), now);
  }

  #perform(effects: readonly HsrpEffect[], now: number): void {
    const says = effects.some(effect => effect.do === "transmit" && effect.message.opcode === "hello");
    const change = effects.find(effect => effect.do === "changed");
    if (change?.do === "changed" && speaks(change.from) && !says) for (const each of this.#all) each.#quiet();
    for (const effect of effects) this.#do(effect, now);
  }

  #do(effect: HsrpEffect, now: number): void {
    switch (effect.do) {
      case "transmit":
        this.#transmit(effect.message, effect.fromVirtualMac);
        for (const follower of this.followers) follower.#echo(effect.message, effect.fromVirtualMac);
        return;
      case "take-address":
        this.#rule?.taking(now);
        for (const each of this.#all) each.#take();
        return;
      case "release-address":
        this.#rule?.released(now);
        for (const each of this.#all) each.#release(now, this.#graceMs);
        return;
      case "announce":
        for (const each of this.#all) each.#announce();
        return;
      case "changed":
        this.#changed(effect.from, effect.to, effect.because, now);
        for (const each of this.followers) if (each.ready) each.#changed(effect.from, effect.to, effect.because, now);
        return;
      case "propose":
        this.#rule?.proposed(effect, now);
        return;
    }
    effect satisfies never;
  }

  #take(): void {
    const { virtualAddress } = this.machine;
    if (virtualAddress === undefined || this.#idle !== undefined) return;
    const addresses: IpAddress[] = [virtualAddress, ...this.#group.secondaries];
    this.#owns = true;
    this.#tools.emit({ do: "take-address", group: this.key, addresses });
    this.leaveWill();
  }

  #release(now: number, graceMs: number): void {
    if (!this.#owns) return;
    this.#owns = false;
    this.#releasedAt = now + graceMs;
    this.#tools.emit({ do: "will", group: this.key, will: undefined });
    this.#tools.emit({ do: "release-address", group: this.key, graceMs });
  }

  #announce(): void {
    if (this.#owns && !this.#elector.#hushed) this.#tools.emit({ do: "announce", group: this.key });
  }

  #quiet(): void {
    this.#tools.emit({ do: "quiet", group: this.key });
  }

  #changed(from: HsrpState, to: HsrpState, because: string, now: number): void {
    if (from === to) return;
    this.#changes += 1;
    this.#changedAt = now;
    this.#tools.emit({ do: "changed", group: this.key, from, to, because });
  }

  #echo(message: HsrpMessage, fromVirtualMac: boolean): void {
    if (this.ready) this.#transmit({ ...this.#message(message.opcode), state: message.state }, fromVirtualMac);
  }

  #transmit(message: HsrpMessage, fromVirtualMac: boolean): void {
    if (this.#elector.#hushed) return;
    const lease = fromVirtualMac ? this.#elector.#rule?.owner : undefined;
    const sent = { do: "hsrp", group: this.key, message, fromVirtualMac, lease } as const;
    this.#tools.emit(message.opcode === "hello" ? { ...sent, repeatMs: message.helloMs } : sent);
  }

  #message(opcode: HsrpMessage["opcode"]): HsrpMessage {
    const { machine } = this.#elector;
    return {
      opcode,
      state: this.state,
      group: this.#group.settings.group,
      priority: this.priority,
      helloMs: machine.helloMs,
      holdMs: machine.holdMs,
      virtualAddress: this.machine.virtualAddress,
    };
  }
}
