/**
 * The keys of IKEv1 with preshared keys, and the hashes that prove messages: RFC 2409 sections 5 and 5.5, appendix B.
 *
 * The pseudo-random function is HMAC of the negotiated hash. All names are the RFC's, so that a reader can hold the two
 * side by side. Everything here is secret or follows from a secret; whoever asked owns it.
 */
import { AES_BLOCK, type Primitives } from "../../crypto/primitives.ts";
import { Secret } from "../../crypto/secret.ts";
import type { IpAddress } from "../../wire/address.ts";
import { ipToOctets } from "../../wire/address.ts";
import { concat, uint16, uint32 } from "./octets.ts";

export type IkeHash = "sha1" | "sha256" | "sha384" | "sha512";

/** What both sides have said in phase 1, as octets of the wire. */
export interface PhaseOneFacts {
  readonly hash: IkeHash;
  readonly keyOctets: number;
  readonly initiatorCookie: Uint8Array;
  readonly responderCookie: Uint8Array;
  readonly initiatorNonce: Uint8Array;
  readonly responderNonce: Uint8Array;
  /** g^xi and g^xr. */
  readonly initiatorPublic: Uint8Array;
  readonly responderPublic: Uint8Array;
}

export interface SkeyIds {
  /** SKEYID: proves who the two are. */
  readonly root: Secret;
  /** SKEYID_d: keys of Child SAs follow from it. */
  readonly derive: Secret;
  /** SKEYID_a: proves messages. */
  readonly authenticate: Secret;
  /** The key of the cipher, from SKEYID_e. */
  readonly cipher: Secret;
}

/** `shared` is g^xy. */
export function skeyIds(
  primitives: Primitives,
  facts: PhaseOneFacts,
  presharedKey: Uint8Array,
  shared: Secret,
): SkeyIds {
  const { hash, initiatorCookie, responderCookie, initiatorNonce, responderNonce } = facts;
  const prf = (key: Uint8Array, ...parts: Uint8Array[]): Uint8Array => primitives.hmac(hash, key, ...parts);
  const cookies = [initiatorCookie, responderCookie];
  const skeyid = prf(presharedKey, initiatorNonce, responderNonce);
  const secret = shared.reveal();
  const d = prf(skeyid, secret, ...cookies, Uint8Array.of(0));
  const a = prf(skeyid, d, secret, ...cookies, Uint8Array.of(1));
  const e = prf(skeyid, a, secret, ...cookies, Uint8Array.of(2));
  const cipher = cipherKey(key => prf(e, key), e, facts.keyOctets);
  const keys = { root: secretOf(skeyid), derive: secretOf(d), authenticate: secretOf(a), cipher: secretOf(cipher) };
  e.fill(0);
  return keys;
}

/** HASH_I or HASH_R: what `prover` sends of itself. `offer` and `identity` are bodies of payloads. */
export function phaseOneProof(
  primitives: Primitives,
  facts: PhaseOneFacts,
  root: Secret,
  { prover, offer, identity }: { prover: "initiator" | "responder"; offer: Uint8Array; identity: Uint8Array },
): Uint8Array {
  const initiator = [facts.initiatorPublic, facts.initiatorCookie] as const;
  const responder = [facts.responderPublic, facts.responderCookie] as const;
  const [own, other] = prover === "initiator" ? [initiator, responder] : [responder, initiator];
  return primitives.hmac(facts.hash, root.reveal(), own[0], other[0], own[1], other[1], offer, identity);
}

/** The IV of the first encrypted message of phase 1. */
export function phaseOneIv(primitives: Primitives, facts: PhaseOneFacts): Uint8Array {
  return primitives.hash(facts.hash, facts.initiatorPublic, facts.responderPublic).subarray(0, AES_BLOCK);
}

/** The IV of the first message of a later exchange. `lastBlock` is phase 1's last. */
export function exchangeIv(
  primitives: Primitives,
  hash: IkeHash,
  lastBlock: Uint8Array,
  messageId: number,
): Uint8Array {
  return primitives.hash(hash, lastBlock, uint32(messageId)).subarray(0, AES_BLOCK);
}

export interface MessageProof {
  readonly hash: IkeHash;
  readonly authenticate: Secret;
  readonly messageId: number;
  /** The payloads behind the hash, as they stand in the message. */
  readonly behind: Uint8Array;
}

/** HASH(1) of a quick mode, and of every informational exchange. */
export function hash1(primitives: Primitives, { hash, authenticate, messageId, behind }: MessageProof): Uint8Array {
  return primitives.hmac(hash, authenticate.reveal(), uint32(messageId), behind);
}

/** HASH(2) of a quick mode. `nonce` is Ni, the body of its payload. */
export function hash2(primitives: Primitives, proof: MessageProof, nonce: Uint8Array): Uint8Array {
  const { hash, authenticate, messageId, behind } = proof;
  return primitives.hmac(hash, authenticate.reveal(), uint32(messageId), nonce, behind);
}

/** HASH(3) of a quick mode. */
export function hash3(
  primitives: Primitives,
  { hash, authenticate, messageId }: Omit<MessageProof, "behind">,
  initiatorNonce: Uint8Array,
  responderNonce: Uint8Array,
): Uint8Array {
  const parts = [Uint8Array.of(0), uint32(messageId), initiatorNonce, responderNonce];
  return primitives.hmac(hash, authenticate.reveal(), ...parts);
}

export interface KeymatFacts {
  readonly hash: IkeHash;
  readonly derive: Secret;
  /** Of the quick mode; only with perfect forward secrecy. */
  readonly shared: Secret | undefined;
  /** 3 is ESP. */
  readonly protocol: number;
  /** The SPI that its receiver chose. */
  readonly spi: number;
  readonly initiatorNonce: Uint8Array;
  readonly responderNonce: Uint8Array;
}

/** KEYMAT for the SA of one direction: `length` octets, first the cipher's, then those for integrity. */
export function keymat(primitives: Primitives, facts: KeymatFacts, length: number): Uint8Array {
  const { hash, derive, shared, protocol, spi, initiatorNonce, responderNonce } = facts;
  const seed = concat(
    shared?.reveal() ?? new Uint8Array(0),
    Uint8Array.of(protocol),
    uint32(spi),
    initiatorNonce,
    responderNonce,
  );
  const out = new Uint8Array(length);
  let block = new Uint8Array(0);
  for (let at = 0; at < length; at += block.length) {
    block = Uint8Array.from(primitives.hmac(hash, derive.reveal(), block, seed));
    out.set(block.subarray(0, length - at), at);
  }
  seed.fill(0);
  return out;
}

/** What a NAT-D payload says of an end: RFC 3947 section 3.2. */
export function natHash(
  primitives: Primitives,
  hash: IkeHash,
  cookies: { readonly initiatorCookie: Uint8Array; readonly responderCookie: Uint8Array },
  end: { readonly address: IpAddress; readonly port: number },
): Uint8Array {
  const { initiatorCookie, responderCookie } = cookies;
  return primitives.hash(hash, initiatorCookie, responderCookie, ipToOctets(end.address), uint16(end.port));
}

/** Appendix B: SKEYID_e itself where it is long enough, else K1 | K2 | ... */
function cipherKey(next: (block: Uint8Array) => Uint8Array, e: Uint8Array, length: number): Uint8Array {
  if (length <= e.length) return Uint8Array.from(e.subarray(0, length));
  const out = new Uint8Array(length);
  let block = Uint8Array.of(0);
  for (let at = 0; at < length; at += block.length) {
    block = Uint8Array.from(next(block));
    out.set(block.subarray(0, length - at), at);
  }
  return out;
}

function secretOf(octets: Uint8Array): Secret {
  const secret = new Secret(octets);
  octets.fill(0);
  return secret;
}
