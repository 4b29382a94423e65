/**
 * The cryptography that core needs and has none of: hashes, MACs, ciphers, comparison, randomness.
 *
 * Core decides what is protected, with which key and which IV; whoever constructs a core hands in the functions that do
 * it (the gateway those of Node's OpenSSL, a simulation its own). All are synchronous and keep nothing. What takes
 * milliseconds (Diffie-Hellman, signatures) is not here: it is asked for as an effect.
 */

export type HashAlgorithm = "md5" | "sha1" | "sha256" | "sha384" | "sha512";

export type AeadAlgorithm = "aes-gcm" | "chacha20-poly1305";

/** Octets of the tag that every AEAD here puts behind its ciphertext. */
export const AEAD_TAG = 16;

/** Octets of a block of AES, and of the IV of its CBC mode. */
export const AES_BLOCK = 16;

export interface Primitives {
  readonly hash: (algorithm: HashAlgorithm, ...parts: readonly Uint8Array[]) => Uint8Array;
  /** RFC 2104, over the parts in a row; as long as the hash. */
  readonly hmac: (algorithm: HashAlgorithm, key: Uint8Array, ...parts: readonly Uint8Array[]) => Uint8Array;
  readonly aesCbc: AesCbc;
  readonly aead: Aead;
  /** In time that does not depend on where the two differ. Octets of different lengths are not equal. */
  readonly equal: (a: Uint8Array, b: Uint8Array) => boolean;
  /** From a generator fit for keys. */
  readonly random: (count: number) => Uint8Array;
}

/** AES-CBC over whole blocks, which the caller has padded; a key of 16, 24 or 32 octets. */
export interface AesCbc {
  readonly encrypt: (key: Uint8Array, iv: Uint8Array, plain: Uint8Array) => Uint8Array;
  readonly decrypt: (key: Uint8Array, iv: Uint8Array, cipher: Uint8Array) => Uint8Array;
}

export interface Aead {
  /** Ciphertext and, behind it, the tag of `AEAD_TAG` octets. `nonce` has 12. */
  readonly seal: (use: AeadUse, plain: Uint8Array) => Uint8Array;
  /** What was sealed, or `undefined` where the tag is not the one that belongs there. */
  readonly open: (use: AeadUse, sealed: Uint8Array) => Uint8Array | undefined;
}

export interface AeadUse {
  readonly algorithm: AeadAlgorithm;
  /** 16, 24 or 32 octets for AES-GCM, 32 for ChaCha20-Poly1305. */
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
  readonly aad: Uint8Array;
}
