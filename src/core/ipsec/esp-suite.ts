/**
 * What an ESP SA does to a packet: a cipher, and an authentication where the cipher has none of its own.
 *
 * The sizes are those of the RFCs: AES-CBC RFC 3602, AES-GCM RFC 4106, ChaCha20-Poly1305 RFC 7634, HMAC-SHA1-96
 * RFC 2404, HMAC-SHA2 RFC 4868, NULL RFC 2410. What a transform set is called is `ipsec-commands.ts`'s to say.
 */
import type { EspCipher, EspHash, TransformSet } from "./ipsec-model.ts";

export interface EspSuite {
  readonly cipher: EspCipher;
  /** Absent exactly with a cipher that authenticates by itself. */
  readonly hash: EspHash | undefined;
}

export interface SuiteSizes {
  /** Of the cipher's key proper, octets. */
  readonly cipherKey: number;
  /** What KEYMAT has behind the cipher's key and no packet carries: RFC 4106 section 8.1, RFC 7634 section 2. */
  readonly salt: number;
  readonly integrityKey: number;
  /** Of the explicit IV, octets. */
  readonly iv: number;
  /** What the encrypted part must be a multiple of; at least 4, RFC 4303 section 2.4. */
  readonly block: number;
  readonly icv: number;
}

const HASHES: Readonly<Record<EspHash, { readonly key: number; readonly icv: number }>> = {
  sha: { key: 20, icv: 12 },
  sha256: { key: 32, icv: 16 },
  sha384: { key: 48, icv: 24 },
  sha512: { key: 64, icv: 32 },
};

export function suiteOf({ cipher, hash }: Pick<TransformSet, "cipher" | "hash">): EspSuite {
  return { cipher, hash };
}

export function suiteSizes({ cipher, hash }: EspSuite): SuiteSizes {
  const { key: integrityKey, icv } = hash === undefined ? { key: 0, icv: 0 } : HASHES[hash];
  switch (cipher.kind) {
    case "aes-cbc":
      return { cipherKey: cipher.bits / 8, salt: 0, integrityKey, iv: 16, block: 16, icv };
    case "aes-gcm":
      return { cipherKey: cipher.bits / 8, salt: 4, integrityKey: 0, iv: 8, block: 4, icv: 16 };
    case "chacha20":
      return { cipherKey: 32, salt: 4, integrityKey: 0, iv: 8, block: 4, icv: 16 };
    case "null":
      return { cipherKey: 0, salt: 0, integrityKey, iv: 0, block: 4, icv };
  }
  return cipher satisfies never;
}

/** Whether two packets under one key and IV would give everything away: then the IV layout must hold. */
export function isCounterMode({ cipher }: EspSuite): boolean {
  return cipher.kind === "aes-gcm" || cipher.kind === "chacha20";
}

/** What encryption in tunnel mode adds to an inner packet of this many octets, outer header left out. */
export function espOverhead(suite: EspSuite, innerOctets: number): number {
  const { iv, block, icv } = suiteSizes(suite);
  const trailer = 2;
  const padding = (block - ((innerOctets + trailer) % block)) % block;
  return ESP_HEADER + iv + padding + trailer + icv;
}

/** SPI and sequence number. */
const ESP_HEADER = 8;
