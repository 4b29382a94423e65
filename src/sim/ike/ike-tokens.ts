/**
 * IKE's cryptography for the simulation: values as long as the real ones, a hundred times faster, the same for the same
 * seed, and as good as long as nobody tries to break them. What was made under another key opens as noise.
 */
import { AES_BLOCK, type HashAlgorithm, type Primitives } from "../../core/crypto/primitives.ts";
import { Secret } from "../../core/crypto/secret.ts";
import { invariant } from "../../core/errors.ts";
import type { ComputeFailure, ComputeJob, ComputeResult } from "../../core/ike/compute-job.ts";
import { dhGroup } from "../../core/ike/dh-groups.ts";
import type { Random } from "../random.ts";
import { tokenDigest } from "../token-crypto.ts";

const LENGTHS: Readonly<Record<HashAlgorithm, number>> = { md5: 16, sha1: 20, sha256: 32, sha384: 48, sha512: 64 };

export function ikeTokens(dice: Random): Primitives {
  return {
    hash: (algorithm, ...parts) => tokenDigest(parts, LENGTHS[algorithm]),
    hmac: (algorithm, key, ...parts) => tokenDigest([key, ...parts, key], LENGTHS[algorithm]),
    aesCbc: { encrypt: chained(true), decrypt: chained(false) },
    aead: { seal: noAead, open: noAead },
    equal: (a, b) => a.length === b.length && a.every((octet, at) => octet === b[at]),
    random: count => dice.octets(count),
  };
}

/** Public values are their secrets, and what two agree on is the sum of both. */
export function tokenExchange(job: ComputeJob, dice: Random): ComputeResult | ComputeFailure {
  const group = dhGroup(job.group);
  if (group === undefined) return { kind: "failed", because: `there is no group ${job.group}` };
  const { publicLength, sharedLength } = group;
  const shared = (own: Uint8Array, other: Uint8Array): Secret =>
    new Secret(Uint8Array.from({ length: sharedLength }, (_, at) => (own[at] ?? 0) + (other[at] ?? 0)));
  if (job.kind === "dh-agree") {
    return { kind: "agreed", shared: shared(job.secret.reveal(), job.peerPublic) };
  }
  const own = dice.octets(publicLength);
  if (job.kind === "dh-generate") return { kind: "generated", publicValue: own, secret: new Secret(own) };
  return { kind: "exchanged", publicValue: own, shared: shared(own, job.peerPublic) };
}

/** Each block is covered by a digest of the key and the block of cipher text before it. */
function chained(encrypts: boolean): Primitives["aesCbc"]["encrypt"] {
  return (key, iv, text) => {
    const out = new Uint8Array(text.length);
    let before = iv;
    for (let at = 0; at < text.length; at += AES_BLOCK) {
      const cover = tokenDigest([key, before], AES_BLOCK);
      for (let n = at; n < at + AES_BLOCK; n++) out[n] = (text[n] ?? 0) ^ (cover[n - at] ?? 0);
      before = (encrypts ? out : text).subarray(at, at + AES_BLOCK);
    }
    return out;
  };
}

function noAead(): never {
  invariant(false, "the simulation negotiates AES-CBC alone");
}
