/** A member's disk, as far as epochs need one: what is synced survives every death; writing may be slow or fail. */
import type { VirtualClock } from "./virtual-clock.ts";

export class Disk {
  /** Milliseconds from asking to synced. */
  delayMs = 1;
  failing = false;
  readonly #clock: VirtualClock;
  readonly #epochs = new Map<string, number>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  epochOf(scheme: string): number {
    return this.#epochs.get(scheme) ?? 0;
  }

  /** What was said to be synced was not: a power loss takes it. */
  rollBack(scheme: string, epoch: number): void {
    this.#epochs.set(scheme, epoch);
  }

  /** `synced` is never called when writing fails. The write goes on when its process dies: it is the kernel's. */
  write(scheme: string, epoch: number, synced: () => void): void {
    this.#clock.after(this.delayMs, () => {
      if (this.failing) return;
      this.#epochs.set(scheme, Math.max(epoch, this.epochOf(scheme)));
      synced();
    });
  }
}
