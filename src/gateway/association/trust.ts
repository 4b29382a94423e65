/**
 * Whether the one at the other end is the other member. What is configured decides alone: a fingerprint must match, a
 * secret must be proved, both if both are given. Without either the key that was trusted last must come back; where
 * there is none yet, the first one is taken and kept, as SSH does, and nobody has confirmed it.
 */
import type { LinkTrust, TrustedBy } from "../../core/redundancy/link-model.ts";
import type { Pin } from "./identity-store.ts";

export interface Claim {
  readonly fingerprint: string;
  /** It knows the secret that is configured here; false where none is. */
  readonly proved: boolean;
}

export interface Known {
  readonly trust: LinkTrust;
  readonly pin: Pin | undefined;
  /** This gateway's own. */
  readonly own: string;
}

export type Verdict = { readonly trustedBy: TrustedBy } | { readonly refused: string };

export function judge(claim: Claim, known: Known): Verdict {
  const { fingerprint, proved } = claim;
  const { trust, pin, own } = known;
  if (fingerprint === own) return { refused: "it has this gateway's own identity key: was the disk copied?" };
  if (trust.fingerprint !== undefined && fingerprint !== trust.fingerprint) {
    return { refused: `its key is ${fingerprint}, not the one that 'security fingerprint' names` };
  }
  if (trust.secret !== undefined && !proved) return { refused: "it did not prove that it knows the 'security key'" };
  if (trust.fingerprint !== undefined) return { trustedBy: "fingerprint" };
  if (trust.secret !== undefined) return { trustedBy: "secret" };
  if (pin === undefined) return { trustedBy: "first-contact" };
  if (fingerprint === pin.fingerprint) return { trustedBy: pin.confirmed ? "pin" : "first-contact" };
  return { refused: `its key is ${fingerprint}, not ${pin.fingerprint}, which was trusted before` };
}
