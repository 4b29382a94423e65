/**
 * Key material. It lives in memory of its own, has no form that a log or a JSON document could carry, and is wiped by
 * its owner when it is no longer needed.
 */
import { invariant } from "../errors.ts";

export class Secret {
  #octets: Uint8Array;
  #wiped = false;

  /** Copies: the caller's octets stay the caller's to wipe. */
  constructor(octets: Uint8Array) {
    // A buffer of its own, never a view of a pool that others share.
    this.#octets = new Uint8Array(octets.length);
    this.#octets.set(octets);
  }

  get length(): number {
    return this.#octets.length;
  }

  /** The octets themselves, not a copy: for the one call that needs them, never to be kept. */
  reveal(): Uint8Array {
    invariant(!this.#wiped, "a secret was used after it was wiped");
    return this.#octets;
  }

  /** For telling keys of our own apart, never for what a peer sent: it ends at the first octet that differs. */
  equals(other: Secret): boolean {
    return (
      this === other || (this.length === other.length && this.reveal().every((each, at) => each === other.#octets[at]))
    );
  }

  wipe(): void {
    this.#octets.fill(0);
    this.#wiped = true;
  }

  toString(): string {
    return "(secret)";
  }

  toJSON(): string {
    return "(secret)";
  }
}
