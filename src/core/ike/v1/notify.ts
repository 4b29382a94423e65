/**
 * Notifications and deletions as payloads: RFC 2408 sections 3.14 and 3.15, RFC 2407 section 4.6.3, RFC 3706 section
 * 5.
 */
import { WireError } from "../../errors.ts";
import { array, decode, encode } from "../../wire/codec.ts";
import { readAttributes } from "./attributes.ts";
import type { IkeSa } from "./ike-sa.ts";
import { concat, uint32 } from "./octets.ts";
import { deletePayload, type NotificationPayload, notificationPayload } from "./payload-codec.ts";
import type { Payload, Payloads } from "./payloads.ts";
import { attribute } from "./sa-payload-codec.ts";

export const NOTIFY = {
  invalidSpi: 11,
  noProposalChosen: 14,
  invalidIdInformation: 18,
  responderLifetime: 24_576,
  initialContact: 24_578,
  areYouThere: 36_136,
  iAmHere: 36_137,
} as const;

/** Of those that end an exchange, in the words of RFC 2408 section 3.14.1. */
const ERRORS: Readonly<Record<number, string>> = {
  [NOTIFY.invalidSpi]: "INVALID-SPI",
  [NOTIFY.noProposalChosen]: "NO-PROPOSAL-CHOSEN",
  [NOTIFY.invalidIdInformation]: "INVALID-ID-INFORMATION",
  24: "AUTHENTICATION-FAILED",
};

export function notificationWords(type: number): string {
  const name = ERRORS[type];
  return name === undefined ? `notification ${type}` : `${name} (${type})`;
}

/** Attributes in the form of a transform's. */
const lifetimeData = array(attribute, 8);

export const PROTOCOL = { isakmp: 1, esp: 3 } as const;

type Cookies = Pick<IkeSa, "initiatorCookie" | "responderCookie">;

/** About the IKE SA itself. */
export function notification(type: number, cookies: Cookies, data: Uint8Array): Payload {
  const spi = cookiesOf(cookies);
  return { kind: "notify", body: encode(notificationPayload, { protocol: PROTOCOL.isakmp, type, spi, data }) };
}

/** About an ESP SA. */
export function espNotification(type: number, spi: number, data: Uint8Array): Payload {
  const body = encode(notificationPayload, { protocol: PROTOCOL.esp, type, spi: uint32(spi), data });
  return { kind: "notify", body };
}

export function deletionOfIke(cookies: Cookies): Payload {
  const spis = [cookiesOf(cookies)];
  return { kind: "delete", body: encode(deletePayload, { protocol: PROTOCOL.isakmp, spiLength: 16, spis }) };
}

/** By the SPI that we received by. */
export function deletionOfEsp(spi: number): Payload {
  const spis = [uint32(spi)];
  return { kind: "delete", body: encode(deletePayload, { protocol: PROTOCOL.esp, spiLength: 4, spis }) };
}

/** All notifications of a message; one that is malformed counts for none. */
export function notificationsOf(payloads: Payloads): NotificationPayload[] {
  return payloads.all("notify").flatMap(body => {
    const read = decode(notificationPayload, body, "isakmp.notify");
    return read instanceof WireError ? [] : [read];
  });
}

/** What the responder holds to where it took our offer with a lifetime of its own, RFC 2407 section 4.6.3.1. */
export function responderLifetime(payloads: Payloads, seconds: number | undefined): number | undefined {
  const said = notificationsOf(payloads).find(each => each.type === NOTIFY.responderLifetime);
  const read = said && decode(lifetimeData, said.data, "isakmp.notify.data");
  if (read === undefined || read instanceof WireError) return seconds;
  const theirs = readAttributes(read, { unit: 1, amount: 2 })?.seconds;
  return theirs === undefined ? seconds : Math.min(theirs, seconds ?? theirs);
}

function cookiesOf({ initiatorCookie, responderCookie }: Cookies): Uint8Array {
  return concat(initiatorCookie, responderCookie);
}
