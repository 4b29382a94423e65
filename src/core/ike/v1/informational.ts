/**
 * Informational exchanges: one message each way at most, RFC 2409 section 5.7, and dead peer detection within them, RFC
 * 3706. Only what an established IKE SA proves has any effect; what comes in clear is counted.
 */
import { WireError } from "../../errors.ts";
import { decode } from "../../wire/codec.ts";
import type { Host } from "./host.ts";
import { Exchange, type IkeSa, noteMessageId } from "./ike-sa.ts";
import { firstIv, sealProved } from "./message-protection.ts";
import { NOTIFY, notification, notificationsOf, PROTOCOL } from "./notify.ts";
import { numberOf, uint32 } from "./octets.ts";
import { deletePayload } from "./payload-codec.ts";
import type { Payload, Payloads } from "./payloads.ts";

/** What a proved message says. */
export type Said =
  /** By the SPIs that the peer received by. */
  | { readonly kind: "children-deleted"; readonly spis: readonly number[] }
  /** The cookies of the IKE SA. */
  | { readonly kind: "ike-deleted"; readonly cookies: Uint8Array }
  | { readonly kind: "are-you-there"; readonly sequence: number }
  | { readonly kind: "i-am-here"; readonly sequence: number }
  | { readonly kind: "refused"; readonly type: number; readonly spi: number | undefined };

/** Notifications below this number are errors, RFC 2408 section 3.14.1. */
const ERRORS_BELOW = 16_384;

export function readInformational(payloads: Payloads): Said[] {
  return [...payloads.all("delete").flatMap(deleted), ...notified(payloads)];
}

/** A message id that was never used under this SA. */
export function freshMessageId(host: Host, sa: IkeSa): number {
  for (;;) {
    const id = numberOf(host.primitives.random(4)) ?? 0;
    if (id !== 0 && !sa.usedIds.has(id) && !sa.exchanges.has(id)) return id;
  }
}

/** A message of ours that nothing answers, or that is answered by one of its own; its octets. */
export function informational(host: Host, sa: IkeSa, payloads: readonly Payload[]): Uint8Array {
  const messageId = freshMessageId(host, sa);
  noteMessageId(sa, messageId);
  const exchange = new Exchange(sa, messageId, firstIv(host, sa, messageId));
  return sealProved(host, sa, exchange, "informational", payloads);
}

export function dpdPayload(type: "areYouThere" | "iAmHere", sa: IkeSa, sequence: number): Payload {
  return notification(NOTIFY[type], sa, uint32(sequence));
}

function deleted(body: Uint8Array): Said[] {
  const read = decode(deletePayload, body, "isakmp.delete");
  if (read instanceof WireError) return [];
  const { protocol, spiLength, spis } = read;
  if (protocol === PROTOCOL.esp && spiLength === 4)
    return [{ kind: "children-deleted", spis: spis.map(each => numberOf(each) ?? 0) }];
  if (protocol === PROTOCOL.isakmp && spiLength === 16)
    return spis.map(cookies => ({ kind: "ike-deleted", cookies: Uint8Array.from(cookies) }));
  return [];
}

function notified(payloads: Payloads): Said[] {
  return notificationsOf(payloads).flatMap(({ type, data, spi }): Said[] => {
    const sequence = data.length === 4 ? numberOf(data) : undefined;
    if (type === NOTIFY.areYouThere) return sequence === undefined ? [] : [{ kind: "are-you-there", sequence }];
    if (type === NOTIFY.iAmHere) return sequence === undefined ? [] : [{ kind: "i-am-here", sequence }];
    if (type >= ERRORS_BELOW) return [];
    return [{ kind: "refused", type, spi: spi.length === 4 ? numberOf(spi) : undefined }];
  });
}
