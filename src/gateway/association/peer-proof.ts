/**
 * How a member proves that it knows `security key` without saying it: an HMAC over what the TLS session exports, which
 * nobody else's session has. The secret is stretched first, because whoever takes the other member's place before it
 * is pinned sees one proof, and may then guess at leisure.
 */
import { createHmac, scryptSync, timingSafeEqual } from "node:crypto";
import { PROOF_OCTETS } from "./stream-hello-codec.ts";

export type End = "opener" | "answerer";

export class PeerProof {
  readonly #key: Uint8Array | undefined;

  /** Takes some tens of milliseconds where there is a secret. */
  constructor(secret: string | undefined) {
    this.#key = secret === undefined ? undefined : scryptSync(secret, "understudy association 1", PROOF_OCTETS);
  }

  /** Of this end of the session. The ends differ, so that none can send back what it was sent. */
  of(end: End, exported: Uint8Array): Uint8Array {
    if (this.#key === undefined) return new Uint8Array(PROOF_OCTETS);
    return createHmac("sha256", this.#key).update(end).update(exported).digest();
  }

  /** False where no secret is configured. */
  holds(end: End, exported: Uint8Array, proof: Uint8Array): boolean {
    return this.#key !== undefined && timingSafeEqual(this.of(end, exported), proof);
  }
}
