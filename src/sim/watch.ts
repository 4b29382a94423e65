/** What every run checks, whatever rules it: ownership, standstills, leases. Where wanted, it keeps the account. */
import type { LivenessEffect } from "../core/gate/liveness-port.ts";
import type { ChildSa } from "../core/ipsec/child-sa.ts";
import type { Bed } from "./bed.ts";
import type { Frame } from "./lossy-wire.ts";
import type { Run } from "./model-sequence.ts";
import { NumberWatch } from "./number-watch.ts";
import type { Observer, Revealed } from "./observer.ts";
import { Ownership } from "./ownership.ts";
import { Violation } from "./violation.ts";
import { ZombieWatch } from "./zombie-watch.ts";

export class Watch implements Observer {
  readonly bed: Bed;
  readonly ownership: Ownership;
  /** All numbers that were sent. */
  readonly account = new NumberWatch();
  /** It loses what it acknowledges: nothing can be said of what it has. */
  standbyLies = false;
  protected readonly zombies: ZombieWatch;
  readonly #holdMs: number;

  constructor(bed: Bed, leading: string, holdMs: number) {
    this.bed = bed;
    this.ownership = new Ownership(() => bed.now, leading);
    this.zombies = new ZombieWatch(bed, holdMs);
    this.#holdMs = holdMs;
  }

  effect(member: string, effect: LivenessEffect): void {
    if (this.bed.world.trace !== undefined) this.#note(member, effect);
    this.ownership.effect(member, effect);
    this.zombies.effect(member, effect);
    if (effect.do === "role" && effect.role !== "grace" && effect.leaseMs > this.#holdMs) {
      this.broken(`${member} has a lease of ${effect.leaseMs} ms, which outlives the hold time`);
    }
    if (effect.do !== "hsrp" || effect.message.opcode !== "hello" || effect.lease !== undefined) return;
    if (effect.message.state === "active") this.broken(`${member} says hello as active under nobody's lease`);
  }

  heard(member: string): void {
    this.zombies.heard(member);
  }

  frame(member: string, what: string, owner: string | undefined): void {
    this.bed.world.trace?.say(member, `sends ${what}`);
    if (owner !== undefined) this.zombies.asActive(member, what);
  }

  packet(member: string, _owner: string, _epoch: number): void {
    this.zombies.asActive(member, "packet");
  }

  woke(member: string, since: number): void {
    this.bed.world.trace?.say(member, `goes on after ${(this.bed.now - since).toFixed(1)} ms`);
    this.zombies.woke(member, since);
  }

  died(member: string): void {
    this.bed.world.trace?.say(member, "dies");
    this.ownership.died(member);
    this.zombies.died(member);
  }

  numbers(member: string, life: string, spi: number, epoch: number, run: Run): void {
    const wrong = this.account.take(spi, life, this.bed.member(member).plan.member, epoch, run);
    if (wrong !== undefined) this.broken(wrong);
  }

  ike(_sender: string, _frame: Frame): void {}

  taken(_receiver: string, _child: ChildSa, _sequence: number): void {}

  /** V5: what a hot standby is waited for, it has installed. */
  revealed(member: string, records: Revealed, hot: boolean): void {
    const own = this.bed.member(member).replica;
    const peer = this.bed.peerOf(member)?.replica;
    if (this.standbyLies || !hot || peer === undefined || !peer.synced) return;
    for (const [name, version] of records) {
      // What ended since may be gone there too.
      if (version !== undefined && own?.records.has(name) !== true) continue;
      const held = peer.records.get(name);
      if (version === undefined ? held === undefined : held !== undefined && held >= version) continue;
      this.broken(`${member} reveals ${name} of ${version ?? "its end"}; its hot standby has ${held ?? "nothing"}`);
    }
  }

  broken(what: string): never {
    throw new Violation(what, this.bed.now);
  }

  #note(member: string, effect: LivenessEffect): void {
    const text = wordsOf(effect);
    if (text !== undefined) this.bed.world.trace?.say(member, text);
  }
}

/** What is worth a line; what is sent has its own. */
function wordsOf(effect: LivenessEffect): string | undefined {
  switch (effect.do) {
    case "changed":
      return `${effect.group}: ${effect.from} -> ${effect.to} (${effect.because})`;
    case "refused":
      return `refuses: ${effect.because} ${effect.detail}`;
    case "role":
      return `role ${effect.role}, epoch ${effect.epoch}, lease ${effect.leaseMs} ms`;
    case "persist":
      return `persist ${effect.epoch}`;
    case "report":
      return effect.event.text;
    case "will":
      return effect.will === undefined ? "no will" : undefined;
    case "take-address":
    case "release-address":
    case "announce":
    case "drain":
    case "released":
      return effect.do;
    default:
      return undefined;
  }
}
