/** Core's `Primitives` by node:crypto: the OpenSSL that Node brings. Never for each packet of the fast path. */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  type Decipher,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";
import { AEAD_TAG, type AeadUse, type Primitives } from "../core/crypto/primitives.ts";
import { invariant } from "../core/errors.ts";

export const nodePrimitives: Primitives = {
  hash: (algorithm, ...parts) => {
    const hash = createHash(algorithm);
    for (const part of parts) hash.update(part);
    return plainOctets(hash.digest());
  },
  hmac: (algorithm, key, ...parts) => {
    const hmac = createHmac(algorithm, key);
    for (const part of parts) hmac.update(part);
    return plainOctets(hmac.digest());
  },
  aesCbc: {
    encrypt: (key, iv, plain) => {
      const cipher = createCipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
      return plainOctets(Buffer.concat([cipher.update(plain), cipher.final()]));
    },
    decrypt: (key, iv, sealed) => {
      const decipher = createDecipheriv(`aes-${key.length * 8}-cbc`, key, iv).setAutoPadding(false);
      return plainOctets(Buffer.concat([decipher.update(sealed), decipher.final()]));
    },
  },
  aead: {
    seal: (use, plain) => {
      const cipher = cipherOf(use);
      cipher.setAAD(use.aad, { plaintextLength: plain.length });
      return plainOctets(Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()]));
    },
    open: (use, sealed) => {
      const length = sealed.length - AEAD_TAG;
      if (length < 0) return undefined;
      const decipher = decipherOf(use);
      decipher.setAAD(use.aad, { plaintextLength: length });
      decipher.setAuthTag(sealed.subarray(length));
      const plain = decipher.update(sealed.subarray(0, length));
      return tagBelongs(decipher) ? plainOctets(plain) : undefined;
    },
  },
  equal: (a, b) => a.length === b.length && timingSafeEqual(a, b),
  random: count => plainOctets(randomBytes(count)),
};

/** The same memory without Node's own methods, whose `slice` would be another. */
function plainOctets(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.length);
}

/** Typed apart by Node, and the same to call: every AEAD takes its additional data and its tag in one way. */
function cipherOf({ algorithm, key, nonce }: AeadUse) {
  const options = { authTagLength: AEAD_TAG };
  if (algorithm === "chacha20-poly1305") return createCipheriv(algorithm, key, nonce, options);
  return createCipheriv(gcmName(key), key, nonce, options);
}

function decipherOf({ algorithm, key, nonce }: AeadUse) {
  const options = { authTagLength: AEAD_TAG };
  if (algorithm === "chacha20-poly1305") return createDecipheriv(algorithm, key, nonce, options);
  return createDecipheriv(gcmName(key), key, nonce, options);
}

function gcmName(key: Uint8Array): "aes-128-gcm" | "aes-192-gcm" | "aes-256-gcm" {
  const name = ({ 16: "aes-128-gcm", 24: "aes-192-gcm", 32: "aes-256-gcm" } as const)[key.length];
  invariant(name !== undefined, `${key.length} octets are no AES key`);
  return name;
}

/** Node throws where the tag is wrong, which is a thing that happens, not a bug. */
function tagBelongs(decipher: Decipher): boolean {
  try {
    decipher.final();
    return true;
  } catch {
    return false;
  }
}
