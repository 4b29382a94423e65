/**
 * A certificate that says nothing: TLS wants X.509 around a public key, and `node:crypto` reads certificates but
 * writes none. Whoever meets it looks at the key alone, so names and dates are the same for everybody and never end.
 * DER by hand, for ECDSA with SHA-256 (RFC 5280 section 4.1, RFC 5758 section 3.2).
 */
import { createPublicKey, type KeyObject, randomBytes, sign } from "node:crypto";

const Tag = { integer: 0x02, bits: 0x03, oid: 0x06, utf8: 0x0c, time: 0x18, sequence: 0x30, set: 0x31 } as const;
const VERSION_3 = Uint8Array.of(0xa0, 3, Tag.integer, 1, 2);
const ECDSA_WITH_SHA256 = der(Tag.sequence, der(Tag.oid, hex("2a8648ce3d040302")));
const COMMON_NAME = der(Tag.oid, hex("550403"));
/** RFC 5280 section 4.1.2.5: the second is for what has no end. */
const ALWAYS = der(Tag.sequence, der(Tag.time, ascii("19700101000000Z")), der(Tag.time, ascii("99991231235959Z")));

/** PEM. `key` is private, on an elliptic curve. */
export function selfSigned(key: KeyObject, name: string): string {
  const subject = der(Tag.sequence, der(Tag.set, der(Tag.sequence, COMMON_NAME, der(Tag.utf8, Buffer.from(name)))));
  const serial = randomBytes(16);
  // Positive, and without a zero in front.
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  const content = der(
    Tag.sequence,
    VERSION_3,
    der(Tag.integer, serial),
    ECDSA_WITH_SHA256,
    subject,
    ALWAYS,
    subject,
    createPublicKey(key).export({ type: "spki", format: "der" }),
  );
  const signature = der(Tag.bits, Uint8Array.of(0), sign("sha256", content, key));
  const text = Buffer.from(der(Tag.sequence, content, ECDSA_WITH_SHA256, signature)).toString("base64");
  const lines = text.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}

function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = Buffer.concat(parts);
  const { length } = body;
  const short = length < 0x80;
  const header = short ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return Buffer.concat([Uint8Array.from(header), body]);
}

function hex(text: string): Uint8Array {
  return Buffer.from(text, "hex");
}

function ascii(text: string): Uint8Array {
  return Buffer.from(text, "latin1");
}
