/** A schedule of tunnels told step by step, with every invariant checked on the way. */
import { expect } from "vitest";
import type { Bed } from "../bed.ts";
import { type Fault, schedule } from "../faults.ts";
import type { Member } from "../member.ts";
import type { Branch } from "./branch.ts";
import { type TunnelSetting, tunnelBed, USUAL_TUNNELS } from "./tunnel-setting.ts";
import { TUNNELS_SETTLE_MS } from "./tunnel-simulation.ts";
import { TunnelWatch } from "./tunnel-watch.ts";

export const dies = (member: string, forMs = 5_000) => {
  return { kind: "death", member, supervised: false, forMs } as const;
};

const SEED = 1;
/** As long as a packet may take to come by. */
const QUIET_MS = 500;

export class TunnelStory {
  readonly setting: TunnelSetting;
  readonly bed: Bed;
  readonly watch: TunnelWatch;

  constructor(setting: Partial<TunnelSetting> = {}) {
    this.setting = { ...USUAL_TUNNELS, preempts: false, inside: false, ...setting };
    this.bed = tunnelBed(SEED, this.setting, process.env.TRACE !== undefined);
    this.watch = new TunnelWatch(this.bed, this.setting);
    this.bed.observer = this.watch;
  }

  get r1(): Member {
    return this.bed.member("R1");
  }

  get r2(): Member {
    return this.bed.member("R2");
  }

  get b1(): Branch {
    return this.bed.branch("B1");
  }

  /** SPIs of the tunnels as the far ends send by them, and the IKE SAs that they have. */
  get held(): { readonly pairs: (number | undefined)[]; readonly ike: (string[] | undefined)[] } {
    const { branches, now } = this.bed;
    return {
      pairs: branches.map(branch => branch.table?.carrier(branch.traffic)?.outbound.spi),
      ike: branches.map(({ thread }) => thread?.engine.snapshot(now).ikeSas.map(({ id }) => id)),
    };
  }

  /** What is not as it should be, of any tunnel. */
  get wrong(): string[] {
    return this.bed.branches.flatMap(branch => this.watch.wrongWith(branch, QUIET_MS) ?? []);
  }

  /** R1 is active, R2 is its hot standby, no branch is there yet. */
  paired(): this {
    this.r1.start();
    this.run(3 * this.setting.holdMs);
    this.r2.start();
    this.until("R2 holds everything", () => this.r2.replica?.synced === true);
    this.run(this.setting.holdDownMs);
    expect(this.watch.active()).toBe("R1");
    return this;
  }

  /** And all three tunnels are up. */
  settled(): this {
    this.paired();
    for (const branch of this.bed.branches) branch.start();
    this.run(2_000);
    this.untilWell();
    return this.run(2_000);
  }

  happens(fault: Fault): this {
    schedule(this.bed, { at: this.bed.now, fault });
    return this.run(0);
  }

  run(forMs: number): this {
    this.#noting(() => this.bed.clock.runUntil(this.bed.now + forMs, () => this.watch.check()));
    return this;
  }

  /** Runs on until it is so, and says how long that took. */
  until(what: string, isSo: () => boolean, limitMs = TUNNELS_SETTLE_MS): number {
    const began = this.bed.now;
    while (!isSo()) {
      if (this.bed.now - began >= limitMs) this.#noting(() => this.watch.broken(`${what}: not so after ${limitMs} ms`));
      this.run(20);
    }
    return this.bed.now - began;
  }

  /** Until every tunnel is as it should be; how long that took. */
  untilWell(limitMs = TUNNELS_SETTLE_MS): number {
    const began = this.bed.now;
    while (this.wrong.length > 0 || this.watch.owners().length !== 1) {
      if (this.bed.now - began >= limitMs) this.#noting(() => this.watch.broken(this.wrong.join("; ")));
      this.run(50);
    }
    return this.bed.now - began;
  }

  #noting(act: () => void): void {
    try {
      act();
    } catch (error) {
      if (this.bed.trace !== undefined) console.log(this.bed.trace.lines.join("\n"));
      throw error;
    }
  }
}
