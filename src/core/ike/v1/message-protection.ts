/**
 * Messages under the keys of an IKE SA: encrypted, their IVs chained within an exchange, and behind main mode proved
 * by a hash that stands first (RFC 2409 sections 5.5 and 5.7, appendix B).
 *
 * Reading changes nothing: the IV moves on only once a message is proved, so that garbage with a good header cannot
 * break an exchange.
 */
import { invariant, WireError } from "../../errors.ts";
import type { Refused } from "./exchange-rows.ts";
import type { Host } from "./host.ts";
import type { Exchange, IkeSa, PhaseOneKeys } from "./ike-sa.ts";
import { type IsakmpMessage, openPayloads, sealedMessage } from "./isakmp-message.ts";
import { exchangeIv, hash1, type MessageProof } from "./keys.ts";
import { chainOf, type Payload, type Payloads } from "./payloads.ts";

export interface Opened {
  readonly payloads: Payloads;
  readonly lastBlock: Uint8Array;
}

/** Encrypts; the IV of the exchange moves on. */
export function seal(
  host: Host,
  sa: IkeSa,
  exchange: Exchange,
  kind: "main" | "quick" | "informational",
  payloads: readonly Payload[],
): Uint8Array {
  const { initiatorCookie, responderCookie } = sa;
  const head = { initiatorCookie, responderCookie, exchange: kind, messageId: exchange.messageId };
  const { octets, lastBlock } = sealedMessage(head, payloads, cipherOf(host, keysOf(sa), exchange.iv));
  exchange.iv = lastBlock;
  return octets;
}

export function open(host: Host, sa: IkeSa, message: IsakmpMessage, iv: Uint8Array): Opened | Refused {
  if (sa.keys === undefined) return { refused: "encrypted, before there are keys" };
  const opened = openPayloads(message, cipherOf(host, sa.keys, iv));
  return opened instanceof WireError ? { refused: opened.message } : opened;
}

/** `prove` gets what stands behind the hash. */
export function sealProved(
  host: Host,
  sa: IkeSa,
  exchange: Exchange,
  kind: "quick" | "informational",
  payloads: readonly Payload[],
  prove: (proof: MessageProof) => Uint8Array = proof => hash1(host.primitives, proof),
): Uint8Array {
  const body = prove(proofOf(sa, exchange.messageId, chainOf(payloads)));
  return seal(host, sa, exchange, kind, [{ kind: "hash", body }, ...payloads]);
}

export function isProved(
  host: Host,
  sa: IkeSa,
  messageId: number,
  payloads: Payloads,
  prove: (proof: MessageProof) => Uint8Array = proof => hash1(host.primitives, proof),
): boolean {
  const hash = payloads.leadingHash;
  if (hash === undefined || sa.keys === undefined) return false;
  return host.primitives.equal(hash, prove(proofOf(sa, messageId, payloads.behindLeadingHash)));
}

/** Of a message that begins an exchange under this SA. */
export function firstIv(host: Host, sa: IkeSa, messageId: number): Uint8Array {
  return exchangeIv(host.primitives, keysOf(sa).hash, sa.lastBlock, messageId);
}

export function proofOf(sa: IkeSa, messageId: number, behind: Uint8Array): MessageProof {
  const { hash, authenticate } = keysOf(sa);
  return { hash, authenticate, messageId, behind };
}

function keysOf({ keys, id }: IkeSa): PhaseOneKeys {
  invariant(keys !== undefined, `IKE SA ${id} has no keys yet`);
  return keys;
}

function cipherOf({ primitives }: Host, { cipher }: PhaseOneKeys, iv: Uint8Array) {
  return { aesCbc: primitives.aesCbc, key: cipher.reveal(), iv };
}
