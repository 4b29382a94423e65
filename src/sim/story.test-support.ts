/** A schedule told step by step, with every invariant of the gate checked on the way. */
import { expect } from "vitest";
import type { Bed } from "./bed.ts";
import { type Fault, schedule } from "./faults.ts";
import type { WireConditions } from "./lossy-wire.ts";
import type { Member } from "./member.ts";
import { type PairSetting, pairBed, USUAL } from "./pair-setting.ts";
import { PairWatch } from "./pair-watch.ts";
import { timingOf } from "./timing.ts";

const SEED = 1;

export class Story {
  readonly setting: PairSetting;
  readonly bed: Bed;
  readonly watch: PairWatch;
  /** The least and the most owners that there were since `forget`. */
  #fewest = 2;
  #most = 0;
  #takeoversBefore = 0;

  constructor(setting: Partial<PairSetting> = {}) {
    this.setting = { ...USUAL, ...setting };
    this.bed = pairBed(SEED, this.setting, process.env.TRACE !== undefined);
    this.watch = new PairWatch(this.bed, this.setting);
    this.bed.observer = this.watch;
  }

  get r1(): Member {
    return this.bed.member("R1");
  }

  get r2(): Member {
    return this.bed.member("R2");
  }

  /** Names of those who own. */
  get active(): string {
    return this.watch.active();
  }

  get takeovers(): number {
    return this.watch.ownership.takeovers - this.#takeoversBefore;
  }

  /** For expectations. */
  get facts(): { active: string; takeovers: number; fewest: number; most: number } {
    return { active: this.active, takeovers: this.takeovers, fewest: this.#fewest, most: this.#most };
  }

  /** R1 is active, R2 is its hot standby. */
  settled(): this {
    this.r1.start();
    this.run(3 * this.setting.holdMs);
    this.r2.start();
    this.until("R2 is hot", () => this.hot(this.r2));
    this.run(this.setting.holdDownMs);
    expect(this.active).toBe("R1");
    return this.forget();
  }

  /** What was counted until here counts no more. */
  forget(): this {
    this.#fewest = 2;
    this.#most = 0;
    this.#takeoversBefore = this.watch.ownership.takeovers;
    this.watch.longestGapMs = 0;
    this.watch.packets = 0;
    return this;
  }

  hot({ core }: Member): boolean {
    return core?.snapshot(this.bed.now).schemes[0]?.hot === true;
  }

  epoch({ core }: Member): number {
    return core?.snapshot(this.bed.now).schemes[0]?.epoch ?? 0;
  }

  happens(fault: Fault): this {
    schedule(this.bed, { at: this.bed.now, fault });
    this.run(0);
    return this;
  }

  weather(conditions: WireConditions): this {
    for (const wire of this.bed.wires.values()) wire.conditions = conditions;
    return this;
  }

  cutAll(cut: boolean): this {
    for (const wire of this.bed.wires.values()) wire.cut = cut;
    return this;
  }

  run(forMs: number): this {
    try {
      this.bed.clock.runUntil(this.bed.now + forMs, () => this.#look());
    } catch (error) {
      if (this.bed.trace !== undefined) console.log(this.bed.trace.lines.join("\n"));
      throw error;
    }
    return this;
  }

  /** Runs on until it is so, and says how long that took; a minute of virtual time is too long for anything here. */
  until(what: string, isSo: () => boolean, limitMs = 60_000): number {
    const began = this.bed.now;
    while (!isSo()) {
      if (this.bed.now - began >= limitMs) {
        if (this.bed.trace !== undefined) console.log(this.bed.trace.lines.join("\n"));
        throw new Error(`${what}: not so after ${limitMs} ms`);
      }
      this.run(1);
    }
    return this.bed.now - began;
  }

  #look(): void {
    this.watch.check();
    const owners = this.watch.owners().length;
    this.#fewest = Math.min(this.#fewest, owners);
    this.#most = Math.max(this.#most, owners);
  }
}

export const FAST = timingOf(15, 50);
export const DEFAULT = timingOf(3_000, 10_000);
