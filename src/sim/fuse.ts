/** Ends a process in the middle of what it does: before its next effect, or the one so many later. */
export class Fuse {
  /** Effects that were carried out since it was lit, or will have been when it blows. */
  count = 0;
  #left: number | undefined;
  #blow: () => void = () => {};

  get blown(): boolean {
    return this.#left === -1;
  }

  /** From now on `effects` are carried out, and none after them. */
  light(effects: number, blow: () => void): void {
    this.count = 0;
    this.#left = effects;
    this.#blow = blow;
  }

  /** Before an effect: whether it must not be carried out any more. */
  burns(): boolean {
    if (this.#left === undefined || this.#left === -1) return false;
    if (this.#left > 0) {
      this.#left -= 1;
      this.count += 1;
      return false;
    }
    this.#left = -1;
    this.#blow();
    return true;
  }
}
