/**
 * What IKE asks the crypto pool to compute, because it takes long: Diffie-Hellman. The gateway's workers and the
 * simulation are its two calculators.
 *
 * Values are octets as they stand in a KE payload: a MODP value as long as its prime (RFC 2631), an ECP point as x and
 * y (RFC 5903 section 7). The shared secret of ECP is x alone (RFC 5903 section 9). A calculator refuses a public value
 * that is none: 0, 1, p - 1 and beyond (RFC 6989), a point off its curve.
 */
import type { Secret } from "../crypto/secret.ts";

export type ComputeJob =
  | { readonly kind: "dh-generate"; readonly group: number }
  /** `secret` is what `dh-generate` gave; it stays the asker's. */
  | {
      readonly kind: "dh-agree";
      readonly group: number;
      readonly secret: Secret;
      readonly peerPublic: Uint8Array;
    }
  /** Both at once: what a responder needs. */
  | { readonly kind: "dh-exchange"; readonly group: number; readonly peerPublic: Uint8Array };

/** Secrets are the asker's to wipe. */
export type ComputeResult =
  | { readonly kind: "generated"; readonly publicValue: Uint8Array; readonly secret: Secret }
  | { readonly kind: "agreed"; readonly shared: Secret }
  | { readonly kind: "exchanged"; readonly publicValue: Uint8Array; readonly shared: Secret };

/** `because` is a phrase for the log: a public value that is none, a queue that is full. */
export interface ComputeFailure {
  readonly kind: "failed";
  readonly because: string;
}
