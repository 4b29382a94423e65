/**
 * Writes the keys of each negotiated pair of SAs to a file, in the form in which Wireshark reads them (`esp_sa`), so
 * that a test can look into what it captured. Who holds the file reads the traffic: for tests, never in earnest.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { SystemError } from "../../core/errors.ts";
import type { ChildKeys, ChildSa } from "../../core/ipsec/child-sa.ts";
import { isAead } from "../../core/ipsec/esp-suite.ts";

/** As Wireshark calls them. */
const CIPHERS = {
  null: "NULL",
  "aes-cbc": "AES-CBC [RFC3602]",
  "aes-gcm": "AES-GCM with 16 octet ICV [RFC4106]",
  "chacha20-poly1305": "ChaCha20 with Poly1305 [RFC7634]",
} as const;
const INTEGRITIES: Readonly<Record<string, string>> = {
  sha1: "HMAC-SHA-1-96 [RFC2404]",
  sha256: "HMAC-SHA-256-128 [RFC4868]",
  sha384: "HMAC-SHA-384-192 [RFC4868]",
  sha512: "HMAC-SHA-512-256 [RFC4868]",
};

export class KeyLog {
  readonly #file: string;

  /** Begins an empty file that its owner alone may read. Throws a `SystemError`. */
  constructor(file: string) {
    this.#file = file;
    this.#try(() => writeFileSync(file, "", { mode: 0o600 }));
  }

  add(child: ChildSa): void {
    this.#try(() => appendFileSync(this.#file, `${keyLines(child).join("\n")}\n`));
  }

  #try(deed: () => void): void {
    try {
      deed();
    } catch (cause) {
      throw new SystemError("write the key log", { file: this.#file }, cause);
    }
  }
}

/** Inbound, then outbound. */
export function keyLines({ suite, local, remote, inbound, outbound }: ChildSa): string[] {
  const { encryption, integrity } = suite;
  const line = ({ spi, cipherKey, integrityKey }: ChildKeys, source: string, destination: string): string => {
    const number = `0x${spi.toString(16).padStart(8, "0")}`;
    const authentication = isAead(encryption) ? "NULL" : (INTEGRITIES[integrity?.hash ?? ""] ?? "NULL");
    const keys = [hex(cipherKey.reveal()), authentication, hex(integrityKey.reveal())];
    const family = local.includes(":") ? "IPv6" : "IPv4";
    const row = [family, source, destination, number, CIPHERS[encryption.cipher], ...keys];
    return row.map(each => `"${each}"`).join(",");
  };
  return [line(inbound, remote, local), line(outbound, local, remote)];
}

function hex(octets: Uint8Array): string {
  return octets.length === 0 ? "" : `0x${Buffer.from(octets).toString("hex")}`;
}
