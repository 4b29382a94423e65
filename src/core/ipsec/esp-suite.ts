/**
 * What may protect a security association: the ciphers and integrity algorithms of RFC 8221 that are offered here, with
 * the sizes that follow from each.
 *
 * An AEAD is a suite by itself; any other cipher needs an integrity algorithm beside it, NULL included, and there is no
 * suite without one. Implicit IVs (RFC 8750) do not exist here: a nonce must not depend on the sequence number.
 */
import { AEAD_TAG, AES_BLOCK, type AeadAlgorithm, type HashAlgorithm } from "../crypto/primitives.ts";

export interface EspEncryption {
  readonly cipher: "null" | "aes-cbc" | AeadAlgorithm;
  /** Octets of the key, without the salt. */
  readonly keyLength: number;
  /** Octets that the key exchange adds to the key, and that every nonce begins with. */
  readonly saltLength: number;
  /** Octets of the IV that stands in each packet. */
  readonly ivLength: number;
  /** The plain text is padded to a multiple of this; 4 is ESP's own alignment (RFC 4303 section 2.4). */
  readonly block: number;
}

export interface EspIntegrity {
  readonly hash: HashAlgorithm;
  readonly keyLength: number;
  /** Octets of the hash that are sent. */
  readonly icvLength: number;
}

export interface EspSuite {
  readonly encryption: EspEncryption;
  /** Of a cipher that is no AEAD. */
  readonly integrity?: EspIntegrity;
}

/** RFC 4303 section 2.4: the trailer ends on a multiple of this. */
const ALIGNMENT = 4;
const NONCE_SALT = 4;
const NONCE_IV = 8;

const aesCbc = (keyLength: number): EspEncryption => ({
  cipher: "aes-cbc",
  keyLength,
  saltLength: 0,
  ivLength: AES_BLOCK,
  block: AES_BLOCK,
});

const aead = (cipher: AeadAlgorithm, keyLength: number): EspEncryption => ({
  cipher,
  keyLength,
  saltLength: NONCE_SALT,
  ivLength: NONCE_IV,
  block: ALIGNMENT,
});

export const ESP_ENCRYPTIONS = {
  /** RFC 2410, for tests. */
  null: { cipher: "null", keyLength: 0, saltLength: 0, ivLength: 0, block: ALIGNMENT },
  /** RFC 3602. */
  "aes-cbc-128": aesCbc(16),
  "aes-cbc-192": aesCbc(24),
  "aes-cbc-256": aesCbc(32),
  /** RFC 4106 with its tag of 16 octets. */
  "aes-gcm-128": aead("aes-gcm", 16),
  "aes-gcm-192": aead("aes-gcm", 24),
  "aes-gcm-256": aead("aes-gcm", 32),
  /** RFC 7634. */
  "chacha20-poly1305": aead("chacha20-poly1305", 32),
} as const satisfies Readonly<Record<string, EspEncryption>>;

export const ESP_INTEGRITIES = {
  /** RFC 2404. */
  "hmac-sha1-96": { hash: "sha1", keyLength: 20, icvLength: 12 },
  /** RFC 4868, all three. */
  "hmac-sha2-256-128": { hash: "sha256", keyLength: 32, icvLength: 16 },
  "hmac-sha2-384-192": { hash: "sha384", keyLength: 48, icvLength: 24 },
  "hmac-sha2-512-256": { hash: "sha512", keyLength: 64, icvLength: 32 },
} as const satisfies Readonly<Record<string, EspIntegrity>>;

/** Every combination, by the name that tests and benchmarks give it. */
export const ESP_SUITES: ReadonlyMap<string, EspSuite> = new Map(
  Object.entries(ESP_ENCRYPTIONS).flatMap(([name, encryption]): [string, EspSuite][] =>
    isAead(encryption)
      ? [[name, { encryption }]]
      : Object.entries(ESP_INTEGRITIES).map(([beside, integrity]) => [`${name} ${beside}`, { encryption, integrity }]),
  ),
);

export function isAead({ cipher }: EspEncryption): boolean {
  return cipher === "aes-gcm" || cipher === "chacha20-poly1305";
}

/** Octets of the ICV at the end of each packet. */
export function icvLengthOf({ encryption, integrity }: EspSuite): number {
  return isAead(encryption) ? AEAD_TAG : (integrity?.icvLength ?? 0);
}
