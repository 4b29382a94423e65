/**
 * Authentication of HSRP packets: a text in the packet, or the keyed MD5 of RFC 1828 over it.
 *
 * Neither stops a replay; who may take over is therefore not decided by HSRP alone.
 */
import { utf8 } from "../wire/utf8.ts";
import { DIGEST_LENGTH } from "./hsrp-md5-codec.ts";

export type HsrpAuth =
  | { readonly kind: "text"; readonly text: string }
  /** The first key signs; every key that is still good is accepted. */
  | { readonly kind: "md5"; readonly keys: readonly HsrpKey[] };

export interface HsrpKey {
  readonly id: number;
  readonly octets: Uint8Array;
}

/** What RFC 2281 section 5.1 puts into a packet when nothing is configured. */
export const DEFAULT_TEXT = "cisco";
export const TEXT_LENGTH = 8;

/** A hash that the caller hands in: core has none of its own. */
export type Hash = (algorithm: "md5", octets: Uint8Array) => Uint8Array;

/** Eight octets, zeros behind the text. */
export function textOctets(text: string): Uint8Array {
  const out = new Uint8Array(TEXT_LENGTH);
  out.set(utf8(text).subarray(0, TEXT_LENGTH));
  return out;
}

/**
 * The digest over a packet whose own digest is zero, RFC 1828: the key, filled up as MD5 fills its last block,
 * with the length in bits behind it, little-endian; the packet; the key again.
 */
export function md5Digest(hash: Hash, key: Uint8Array, packet: Uint8Array): Uint8Array {
  const filled = Math.ceil((key.length + 9) / 64) * 64;
  const input = new Uint8Array(filled + packet.length + key.length);
  input.set(key);
  input[key.length] = 0x80;
  let bits = key.length * 8;
  for (let at = filled - 8; at < filled; at++) {
    input[at] = bits % 256;
    bits = Math.floor(bits / 256);
  }
  input.set(packet, filled);
  input.set(key, filled + packet.length);
  return hash("md5", input);
}

/** The packet with zeros where its digest stands, which is at its end in every layout. */
export function withoutDigest(packet: Uint8Array, digestAt: number): Uint8Array {
  const copy = Uint8Array.from(packet);
  copy.fill(0, digestAt, digestAt + DIGEST_LENGTH);
  return copy;
}

/** In time that does not depend on where the two differ. */
export function sameOctets(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (const [at, octet] of a.entries()) difference |= octet ^ (b[at] ?? 0);
  return difference === 0;
}
