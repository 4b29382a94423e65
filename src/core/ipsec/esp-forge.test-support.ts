/** Packets that no codec of ours would write: any plain text, trailer included, behind a right ICV. */
import { nodePrimitives } from "../../linux/node-primitives.ts";
import { encode } from "../wire/codec.ts";
import { espPacket } from "./esp-codec.ts";
import type { EspSa } from "./esp-seal.ts";
import { icvLengthOf } from "./esp-suite.ts";

/** `plain` fills its blocks. Without ESN. */
export function sealedAsIs(sa: EspSa, sequence: number, plain: Uint8Array): Uint8Array {
  const { spi, keys, suite } = sa;
  const { cipher, ivLength } = suite.encryption;
  const iv = nodePrimitives.random(ivLength);
  const header = encode(espPacket, { spi, sequence, sealed: new Uint8Array(0) });
  if (cipher === "aes-gcm" || cipher === "chacha20-poly1305") {
    const use = { algorithm: cipher, key: keys.encryption, nonce: Uint8Array.from([...keys.salt, ...iv]), aad: header };
    return Uint8Array.from([...header, ...iv, ...nodePrimitives.aead.seal(use, plain)]);
  }
  const sealed = cipher === "null" ? plain : nodePrimitives.aesCbc.encrypt(keys.encryption, iv, plain);
  const icv = nodePrimitives.hmac(suite.integrity?.hash ?? "md5", keys.integrity, header, iv, sealed);
  return Uint8Array.from([...header, ...iv, ...sealed, ...icv.subarray(0, icvLengthOf(suite))]);
}
