/** One group at work: its machine, its virtual address, and the counters of both. A follower has no machine of its own. */
import { createHash } from "node:crypto";
import type { Hash } from "../../core/hsrp/hsrp-auth.ts";
import { hsrpFrame } from "../../core/hsrp/hsrp-frame.ts";
import type { HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import { type HsrpEffect, type HsrpFacts, type HsrpInput, HsrpMachine } from "../../core/hsrp/hsrp-machine.ts";
import type { HsrpMessage, HsrpState } from "../../core/hsrp/hsrp-message.ts";
import { encodeHsrp } from "../../core/hsrp/hsrp-packet.ts";
import { type HsrpDatagram, type HsrpRefusal, receiveHsrp } from "../../core/hsrp/hsrp-receive.ts";
import type { Ipv4 } from "../../core/wire/address.ts";
import type { GroupSnapshot, Notice, WillOfGroup } from "./messages.ts";
import { type VirtualAddress, virtualIpv4 } from "./virtual-address.ts";

const hash: Hash = (algorithm, octets) => createHash(algorithm).update(octets).digest();

export class GroupRunner {
  readonly machine: HsrpMachine;
  readonly address: VirtualAddress;
  readonly followers: GroupRunner[] = [];
  readonly #notify: (notice: Notice) => void;
  readonly #refused: Partial<Record<HsrpRefusal, number>> = {};
  #group: HsrpGroup;
  #leader: GroupRunner | undefined;
  #changes = 0;
  #changedAt: number;
  #startAt: number | undefined;
  #firstStart = true;

  constructor(group: HsrpGroup, address: VirtualAddress, now: number, notify: (notice: Notice) => void) {
    this.#group = group;
    this.machine = new HsrpMachine(group.settings);
    this.address = address;
    this.#changedAt = now;
    this.#notify = notify;
  }

  get group(): HsrpGroup {
    return this.#group;
  }

  /** What may change without starting the group anew: what tracked objects take. */
  set group(group: HsrpGroup) {
    this.#group = group;
  }

  get state(): HsrpState {
    return this.#leader?.state ?? this.machine.state;
  }

  get next(): number | undefined {
    const times = [this.machine.timers.next, this.address.next, this.#startAt].filter(at => at !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** From now on this group takes the role of `leader`, whatever the machine thinks. */
  followTo(leader: GroupRunner, now: number): void {
    this.#leader = leader;
    leader.followers.push(this);
    if (leader.state === "active") this.#take(now);
  }

  /** The interface can carry it, or not. */
  setUp(up: boolean, now: number): void {
    if (this.#leader !== undefined) return;
    const idle = this.machine.state === "initial";
    if (!up) {
      this.#startAt = undefined;
      this.#perform(this.machine.handle({ kind: "stop", because: "interface down" }, this.#facts(), now), now);
    } else if (idle && this.#startAt === undefined) {
      const { minimum, reload } = this.#group.startDelayMs;
      this.#startAt = now + (this.#firstStart ? Math.max(minimum, reload) : minimum);
      this.handleTimeouts(now);
    }
  }

  receive(datagram: HsrpDatagram, now: number): void {
    const { own, auth, settings } = this.#group;
    const received = receiveHsrp(datagram, { ...settings, auth, hash, own });
    if (received.kind === "ignored" || this.#leader !== undefined) return;
    if (received.kind === "refused") {
      this.#refused[received.because] = (this.#refused[received.because] ?? 0) + 1;
      this.#notify({
        kind: "refused",
        interface: settings.interface,
        because: received.because,
        detail: received.detail,
      });
      return;
    }
    if (received.message.group !== settings.group) return;
    this.input({ kind: "packet", message: received.message, source: datagram.source }, now);
  }

  input(input: HsrpInput, now: number): void {
    this.#perform(this.machine.handle(input, this.#facts(), now), now);
  }

  handleTimeouts(now: number): void {
    if (this.#startAt !== undefined && this.#startAt <= now) {
      this.#startAt = undefined;
      this.input({ kind: "start", firstSinceBoot: this.#firstStart }, now);
      this.#firstStart = false;
    }
    this.#perform(this.machine.handleTimeouts(this.#facts(), now), now);
    this.address.handleTimeouts(now);
  }

  /** Gives everything up in an orderly way. */
  close(now: number): void {
    this.#perform(this.machine.handle({ kind: "stop", because: "removed" }, this.#facts(), now), now);
    this.address.close();
  }

  /** `undefined` while there is nothing to give up. */
  will(): WillOfGroup | undefined {
    if (this.state !== "active") return undefined;
    const message: HsrpMessage = { ...this.#message("resign"), state: "active" };
    return {
      parentIndex: this.address.parentIndex,
      addressIndex: this.address.addressIndex,
      addresses: this.address.addresses,
      resign: this.#frame(message, true),
      virtualLink: this.address.virtualLink,
    };
  }

  snapshot(now: number): GroupSnapshot {
    const source = this.#leader?.machine ?? this.machine;
    const after = (at: number | undefined): number | undefined =>
      at === undefined ? undefined : Math.max(0, at - now);
    return {
      group: this.#group,
      state: this.state,
      changes: this.#changes,
      sinceChangeMs: now - this.#changedAt,
      virtualAddress: this.machine.virtualAddress,
      virtualMac: this.address.mac,
      helloMs: source.helloMs,
      holdMs: source.holdMs,
      nextHelloMs: after(source.timers.at("hello")),
      priority: this.machine.priority(this.#facts()),
      active: source.activeRouter,
      activeExpiresMs: after(source.timers.at("active")),
      standby: source.standbyRouter,
      standbyExpiresMs: after(source.timers.at("standby")),
      refused: { ...this.#refused },
    };
  }

  #facts(): HsrpFacts {
    // No gate yet: every group is plain HSRP, and there is nothing to be in step with.
    return { gated: false, synced: true, decrement: this.#group.decrement ?? 0, jitter: Math.random() };
  }

  #perform(effects: readonly HsrpEffect[], now: number): void {
    for (const effect of effects) this.#do(effect, now);
  }

  #do(effect: HsrpEffect, now: number): void {
    switch (effect.do) {
      case "transmit":
        this.address.sendFrame(this.#frame(effect.message, effect.fromVirtualMac));
        for (const follower of this.followers) follower.#echo(effect.message, effect.fromVirtualMac);
        return;
      case "take-address":
        this.#take(now);
        for (const follower of this.followers) follower.#take(now);
        return;
      case "release-address":
        for (const each of [this, ...this.followers]) each.address.release();
        return;
      case "announce":
        for (const each of [this, ...this.followers]) each.address.announce(now);
        return;
      case "changed":
        for (const each of [this, ...this.followers]) each.#changed(effect.from, effect.to, now);
        return;
      case "propose":
        return;
    }
    effect satisfies never;
  }

  #take(now: number): void {
    this.address.take(virtualIpv4(this.machine.virtualAddress), now);
    this.address.announce(now);
  }

  #changed(from: HsrpState, to: HsrpState, now: number): void {
    this.#changes += 1;
    this.#changedAt = now;
    const { settings } = this.#group;
    this.#notify({ kind: "changed", interface: settings.interface, group: settings.group, from, to });
  }

  /** A follower says what its leader says, on its own segment, so that switches there know the virtual MAC address too. */
  #echo(message: HsrpMessage, fromVirtualMac: boolean): void {
    const { opcode, state } = message;
    this.address.sendFrame(this.#frame({ ...this.#message(opcode), state }, fromVirtualMac));
  }

  #message(opcode: HsrpMessage["opcode"]): HsrpMessage {
    const { settings } = this.#group;
    return {
      opcode,
      state: this.state,
      group: settings.group,
      priority: this.machine.priority(this.#facts()),
      helloMs: this.machine.helloMs,
      holdMs: this.machine.holdMs,
      virtualAddress: this.machine.virtualAddress,
    };
  }

  #frame(message: HsrpMessage, fromVirtualMac: boolean): Uint8Array {
    const { settings, auth } = this.#group;
    const mac = fromVirtualMac ? this.address.mac : this.address.ownMac;
    const source = { address: settings.address as Ipv4, mac };
    const payload = encodeHsrp(message, source, { version: settings.version, auth, hash });
    return hsrpFrame(settings.version, source.address, mac, payload);
  }
}
