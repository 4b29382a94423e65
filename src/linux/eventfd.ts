/**
 * A doorbell between threads of one process: one rings, the other waits for `fd` and drains it. Several rings may be
 * one.
 */
import { Descriptor } from "./descriptor.ts";
import { attempt } from "./system-call.ts";

export class Doorbell extends Descriptor {
  readonly #owner: boolean;

  /** A new one; or, in another thread, the one whose number was handed over: that thread never closes it. */
  constructor(fd?: number) {
    super(addon => fd ?? attempt("make a doorbell", {}, () => addon.eventfdOpen()));
    this.#owner = fd === undefined;
  }

  ring(): void {
    this.addon.eventfdSignal(this.fd);
  }

  /** Whether it was rung since the last time. */
  drain(): boolean {
    return this.addon.eventfdDrain(this.fd);
  }

  /** Only where it was made. */
  override close(): void {
    if (this.#owner) super.close();
  }
}
