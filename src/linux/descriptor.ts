/** What every open thing of the kernel's has: a number, a notice when it can be read, an end. */
import { type Addon, loadAddon, type Watch } from "./addon.ts";

/** The main thread uses `onReadable`; a thread that blocks gives `fd` to `waitUntil`. */
export abstract class Descriptor {
  protected readonly addon: Addon = loadAddon();
  readonly fd: number;
  #watch: Watch | undefined;
  #closed = false;

  /** `open` must leave nothing open when it throws. */
  constructor(open: (addon: Addon) => number) {
    this.fd = open(this.addon);
  }

  get closed(): boolean {
    return this.#closed;
  }

  /**
   * Calls back as long as there is something to read, or an error to take by reading. One listener; the next replaces
   * it.
   */
  onReadable(listener: () => void): void {
    this.#watch?.close();
    this.#watch = new this.addon.Watch(this.fd, listener);
  }

  /** The listener keeps the process alive from now on, or no longer. */
  ref(): void {
    this.#watch?.ref();
  }

  unref(): void {
    this.#watch?.unref();
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#watch?.close();
    this.addon.close(this.fd);
  }
}

/** Opens, then sets up; what fails half way is closed. */
export function openWith(addon: Addon, open: () => number, setUp: (fd: number) => void): number {
  const fd = open();
  try {
    setUp(fd);
    return fd;
  } catch (error) {
    addon.close(fd);
    throw error;
  }
}
