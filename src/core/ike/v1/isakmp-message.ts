/**
 * One message of IKEv1, in clear or encrypted: RFC 2408 section 3, RFC 2409 appendix B.
 *
 * The cipher is AES-CBC. Each message's IV is the last block of the message before it in its exchange, so whoever reads
 * or writes one gets that block back.
 */
import { AES_BLOCK, type AesCbc } from "../../crypto/primitives.ts";
import { invariant, WireError } from "../../errors.ts";
import { decode, encode } from "../../wire/codec.ts";
import { COOKIE_OCTETS, ISAKMP_HEADER_OCTETS, type IsakmpHeader, isakmpHeader } from "./isakmp-header-codec.ts";
import { chainOf, type Payload, type Payloads, readPayloads, typeOf } from "./payloads.ts";

/** More than a message of ours ever has, and than one of UDP can. */
const MESSAGE_OCTETS_MAX = 65_507;

export interface IsakmpMessage {
  readonly header: IsakmpHeader;
  /** Everything behind the header: a chain of payloads, or what encrypts it. */
  readonly body: Uint8Array;
}

/** What a new message says of itself; the rest of its header follows. */
export interface MessageHead {
  readonly initiatorCookie: Uint8Array;
  readonly responderCookie: Uint8Array;
  readonly exchange: "main" | "quick" | "informational";
  /** 0 in phase 1. */
  readonly messageId: number;
}

export interface MessageCipher {
  readonly aesCbc: AesCbc;
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** The header, checked against what it stands before. Version 2 and later are for somebody else. */
export function readMessage(octets: Uint8Array): IsakmpMessage | WireError {
  const header = decode(isakmpHeader, octets.subarray(0, ISAKMP_HEADER_OCTETS), "isakmp");
  if (header instanceof WireError) return header;
  const { version, length, initiatorCookie } = header;
  if (version.major !== 1) return new WireError("bad-value", "isakmp.version", 17, `version ${version.major}`);
  if (length !== octets.length) {
    const fault = length > octets.length ? "truncated" : "trailing-octets";
    return new WireError(fault, "isakmp.length", 24, `${length} said, ${octets.length} there`);
  }
  if (isZero(initiatorCookie)) return new WireError("bad-value", "isakmp.initiatorCookie", 0, "zero");
  return { header, body: octets.subarray(ISAKMP_HEADER_OCTETS) };
}

/** The payloads of a message in clear. */
export function clearPayloads({ header, body }: IsakmpMessage): Payloads | WireError {
  return readPayloads(header.firstPayload, body, false);
}

/** The payloads of an encrypted message: garbage under a wrong key is seldom a chain, and nothing is proved yet. */
export function openPayloads(
  { header, body }: IsakmpMessage,
  { aesCbc, key, iv }: MessageCipher,
): { readonly payloads: Payloads; readonly lastBlock: Uint8Array } | WireError {
  if (body.length === 0 || body.length % AES_BLOCK !== 0)
    return new WireError("bad-value", "isakmp.body", ISAKMP_HEADER_OCTETS, `${body.length} octets are no whole blocks`);
  const payloads = readPayloads(header.firstPayload, aesCbc.decrypt(key, iv, body), true);
  return payloads instanceof WireError ? payloads : { payloads, lastBlock: lastBlockOf(body) };
}

export function clearMessage(head: MessageHead, payloads: readonly Payload[]): Uint8Array {
  return whole(head, payloads, chainOf(payloads), false);
}

export function sealedMessage(
  head: MessageHead,
  payloads: readonly Payload[],
  { aesCbc, key, iv }: MessageCipher,
): { readonly octets: Uint8Array; readonly lastBlock: Uint8Array } {
  const chain = chainOf(payloads);
  const plain = new Uint8Array(Math.ceil(chain.length / AES_BLOCK) * AES_BLOCK);
  plain.set(chain);
  const body = aesCbc.encrypt(key, iv, plain);
  return { octets: whole(head, payloads, body, true), lastBlock: lastBlockOf(body) };
}

function whole(head: MessageHead, payloads: readonly Payload[], body: Uint8Array, encrypted: boolean): Uint8Array {
  const [first] = payloads;
  invariant(first !== undefined, "a message without payloads");
  invariant(head.initiatorCookie.length === COOKIE_OCTETS, "no initiator cookie");
  const length = ISAKMP_HEADER_OCTETS + body.length;
  invariant(length <= MESSAGE_OCTETS_MAX, `a message of ${length} octets`);
  const octets = new Uint8Array(length);
  const flags = { encrypted, commit: false, authenticationOnly: false };
  const version = { major: 1, minor: 0 };
  octets.set(encode(isakmpHeader, { ...head, firstPayload: typeOf(first.kind), version, flags, length }));
  octets.set(body, ISAKMP_HEADER_OCTETS);
  return octets;
}

/** A copy: the message that it ends is not kept. */
function lastBlockOf(body: Uint8Array): Uint8Array {
  return Uint8Array.from(body.subarray(body.length - AES_BLOCK));
}

export function isZero(octets: Uint8Array): boolean {
  return octets.every(octet => octet === 0);
}
