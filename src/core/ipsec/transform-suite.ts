/** From a transform set, as an operator writes it, to the suite that protects packets, and what that adds to them. */
import { ESP_ENCRYPTIONS, ESP_INTEGRITIES, type EspSuite, icvLengthOf } from "./esp-suite.ts";
import type { EspHash, TransformSet } from "./ipsec-model.ts";

const INTEGRITIES: Readonly<Record<EspHash, NonNullable<EspSuite["integrity"]>>> = {
  sha: ESP_INTEGRITIES["hmac-sha1-96"],
  sha256: ESP_INTEGRITIES["hmac-sha2-256-128"],
  sha384: ESP_INTEGRITIES["hmac-sha2-384-192"],
  sha512: ESP_INTEGRITIES["hmac-sha2-512-256"],
};

const ESP_HASHES = Object.keys(INTEGRITIES) as readonly EspHash[];

export function suiteOf({ cipher, hash }: Pick<TransformSet, "cipher" | "hash">): EspSuite {
  const encryption = encryptionOf(cipher);
  return hash === undefined ? { encryption } : { encryption, integrity: INTEGRITIES[hash] };
}

/** The transforms that make this suite: what was negotiated, in an operator's words. */
export function transformOf({ encryption, integrity }: EspSuite): Pick<TransformSet, "cipher" | "hash"> {
  const hash = ESP_HASHES.find(each => INTEGRITIES[each].hash === integrity?.hash);
  // AES has no other keys.
  const bits = (encryption.keyLength * 8) as 128 | 192 | 256;
  switch (encryption.cipher) {
    case "aes-cbc":
    case "aes-gcm":
      return { cipher: { kind: encryption.cipher, bits }, hash };
    case "chacha20-poly1305":
      return { cipher: { kind: "chacha20" }, hash };
    case "null":
      return { cipher: { kind: "null" }, hash };
  }
  return encryption.cipher satisfies never;
}

/** The octets of KEYMAT that one direction of an SA takes: the cipher's key, its salt, the integrity key. */
export function keyLengths({ encryption, integrity }: EspSuite): { cipher: number; integrity: number } {
  return { cipher: encryption.keyLength + encryption.saltLength, integrity: integrity?.keyLength ?? 0 };
}

/** What tunnel mode adds to an inner packet of this many octets, the outer IP and UDP headers left out. */
export function espOverhead(suite: EspSuite, innerOctets: number): number {
  const { block, ivLength } = suite.encryption;
  const padding = (block - ((innerOctets + TRAILER) % block)) % block;
  return ESP_HEADER + ivLength + padding + TRAILER + icvLengthOf(suite);
}

/** SPI and sequence number. */
const ESP_HEADER = 8;
/** Pad length and next header. */
const TRAILER = 2;

function encryptionOf(cipher: TransformSet["cipher"]): EspSuite["encryption"] {
  switch (cipher.kind) {
    case "aes-cbc":
    case "aes-gcm":
      return ESP_ENCRYPTIONS[`${cipher.kind}-${cipher.bits}`];
    case "chacha20":
      return ESP_ENCRYPTIONS["chacha20-poly1305"];
    case "null":
      return ESP_ENCRYPTIONS.null;
  }
  return cipher satisfies never;
}
