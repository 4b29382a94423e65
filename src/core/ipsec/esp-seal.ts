/**
 * The reference ESP: what turns a payload into the octets of a packet and back, under one SA (RFC 4303 sections 3.3 and
 * 3.4).
 *
 * It is written to be read beside the RFCs and to be compared with: tests hold the fast path against it, packet by
 * packet and both ways, and simulations that want real ciphers use it. It keeps no counter and no window: sequence
 * number, IV and the guess of the upper half come from the caller.
 */
import { AEAD_TAG, type AeadAlgorithm, type Primitives } from "../crypto/primitives.ts";
import { invariant, WireError } from "../errors.ts";
import { decode, encode } from "../wire/codec.ts";
import { type EspPlain, espPacket, espPlain, PADDING_MAX, paddingFor, TRAILER } from "./esp-codec.ts";
import { type EspSuite, icvLengthOf } from "./esp-suite.ts";

export interface EspKeys {
  readonly encryption: Uint8Array;
  /** Empty where the cipher takes none. */
  readonly salt: Uint8Array;
  /** Empty beside an AEAD. */
  readonly integrity: Uint8Array;
}

export interface EspSa {
  readonly spi: number;
  readonly suite: EspSuite;
  readonly keys: EspKeys;
  /** Extended sequence numbers: the upper half is not sent, but the ICV covers it (RFC 4303 section 2.2.1). */
  readonly esn: boolean;
}

export interface EspSealing {
  readonly sequence: number;
  /** The upper half, of an SA with ESN. */
  readonly sequenceHigh?: number;
  readonly iv: Uint8Array;
  readonly payload: Uint8Array;
  readonly nextHeader: number;
  /** More than the suite needs, to hide lengths. */
  readonly padding?: number;
}

/** `not-authentic` says no more on purpose; `malformed` is behind a right ICV, and so the peer's own mistake. */
export type EspRefusal =
  | { readonly kind: "too-short" }
  | { readonly kind: "not-authentic" }
  | { readonly kind: "malformed"; readonly error: WireError };

export type EspOpened = { readonly kind: "opened"; readonly sequence: number } & EspPlain;

export function sealEsp(crypto: Primitives, sa: EspSa, sealing: EspSealing): Uint8Array {
  const { sequence, sequenceHigh = 0, iv, payload, nextHeader } = sealing;
  const { ivLength, block } = sa.suite.encryption;
  const { padding = paddingFor(payload.length, block) } = sealing;
  invariant(iv.length === ivLength, `an IV of ${iv.length} octets where ${ivLength} belong`);
  invariant((payload.length + padding + TRAILER) % block === 0, `${padding} octets of padding do not fill a block`);
  invariant(padding <= PADDING_MAX, `${padding} octets of padding`);
  const plain = encode(espPlain, { payload, padding, nextHeader });
  const numbers = { spi: sa.spi, sequence, sequenceHigh };
  const cipher = cipherOf(crypto, sa, numbers);
  return encode(espPacket, { spi: sa.spi, sequence, sealed: cipher.seal(iv, plain) });
}

/** `sequenceHigh` is the receiver's guess of the upper half (RFC 4303 appendix A2.2). */
export function openEsp(crypto: Primitives, sa: EspSa, octets: Uint8Array, sequenceHigh = 0): EspOpened | EspRefusal {
  const packet = decode(espPacket, octets, "esp");
  const { ivLength, block } = sa.suite.encryption;
  const overhead = ivLength + icvLengthOf(sa.suite);
  if (packet instanceof WireError) return { kind: "too-short" };
  const { spi, sequence, sealed } = packet;
  const length = sealed.length - overhead;
  if (length < TRAILER || length % block !== 0) return { kind: "too-short" };
  const cipher = cipherOf(crypto, sa, { spi, sequence, sequenceHigh });
  const plain = cipher.open(sealed.subarray(0, ivLength), sealed.subarray(ivLength));
  if (plain === undefined) return { kind: "not-authentic" };
  const found = decode(espPlain, plain, "esp.plain");
  return found instanceof WireError ? { kind: "malformed", error: found } : { kind: "opened", sequence, ...found };
}

/** What the ICV covers beside the ciphertext. */
interface Numbers {
  readonly spi: number;
  readonly sequence: number;
  readonly sequenceHigh: number;
}

/** IV, ciphertext and ICV of one packet, in one of three constructions. */
interface Cipher {
  readonly seal: (iv: Uint8Array, plain: Uint8Array) => Uint8Array;
  readonly open: (iv: Uint8Array, sealed: Uint8Array) => Uint8Array | undefined;
}

function cipherOf(crypto: Primitives, sa: EspSa, numbers: Numbers): Cipher {
  const { cipher } = sa.suite.encryption;
  switch (cipher) {
    case "aes-gcm":
    case "chacha20-poly1305":
      return aeadCipher(crypto, sa, cipher, numbers);
    case "aes-cbc":
      return encryptThenMac(crypto, sa, numbers, {
        seal: (iv, plain) => crypto.aesCbc.encrypt(sa.keys.encryption, iv, plain),
        open: (iv, sealed) => crypto.aesCbc.decrypt(sa.keys.encryption, iv, sealed),
      });
    case "null":
      return encryptThenMac(crypto, sa, numbers, { seal: (_, plain) => plain, open: (_, sealed) => sealed });
    default:
      return cipher satisfies never;
  }
}

/** RFC 4106 sections 3 to 5 and RFC 7634 section 2: the nonce is salt and IV, the numbers are the additional data. */
function aeadCipher({ aead }: Primitives, sa: EspSa, algorithm: AeadAlgorithm, numbers: Numbers): Cipher {
  const { encryption: key, salt } = sa.keys;
  const { spi, sequence, sequenceHigh } = numbers;
  const aad = sa.esn ? words(spi, sequenceHigh, sequence) : words(spi, sequence);
  const use = (iv: Uint8Array) => ({ algorithm, key, nonce: joined(salt, iv), aad });
  return {
    seal: (iv, plain) => joined(iv, aead.seal(use(iv), plain)),
    open: (iv, sealed) => (sealed.length < AEAD_TAG ? undefined : aead.open(use(iv), sealed)),
  };
}

interface PlainCipher {
  readonly seal: (iv: Uint8Array, plain: Uint8Array) => Uint8Array;
  readonly open: (iv: Uint8Array, sealed: Uint8Array) => Uint8Array;
}

/** RFC 4303 section 3.3.2.1: the ICV covers all before it and, with ESN, the upper half behind it. */
function encryptThenMac(crypto: Primitives, sa: EspSa, numbers: Numbers, cipher: PlainCipher): Cipher {
  const { integrity } = sa.suite;
  invariant(integrity !== undefined, "a cipher that does not authenticate needs an integrity algorithm beside it");
  const { spi, sequence, sequenceHigh } = numbers;
  const header = words(spi, sequence);
  const upper = sa.esn ? words(sequenceHigh) : new Uint8Array(0);
  const icvOf = (iv: Uint8Array, sealed: Uint8Array): Uint8Array =>
    crypto.hmac(integrity.hash, sa.keys.integrity, header, iv, sealed, upper).subarray(0, integrity.icvLength);
  return {
    seal: (iv, plain) => {
      const sealed = cipher.seal(iv, plain);
      return joined(iv, sealed, icvOf(iv, sealed));
    },
    open: (iv, sealed) => {
      const at = sealed.length - integrity.icvLength;
      const body = sealed.subarray(0, at);
      return crypto.equal(sealed.subarray(at), icvOf(iv, body)) ? cipher.open(iv, body) : undefined;
    },
  };
}

function words(...values: readonly number[]): Uint8Array {
  const out = new Uint8Array(values.length * 4);
  const view = new DataView(out.buffer);
  for (const [at, value] of values.entries()) view.setUint32(at * 4, value);
  return out;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
