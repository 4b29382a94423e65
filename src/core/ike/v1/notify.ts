/** Notifications and deletions as payloads: RFC 2408 sections 3.14 and 3.15, RFC 2407 section 4.6.3, RFC 3706 section 5. */
import { encode } from "../../wire/codec.ts";
import type { IkeSa } from "./ike-sa.ts";
import { concat, uint32 } from "./octets.ts";
import { deletePayload, notificationPayload } from "./payload-codec.ts";
import type { Payload } from "./payloads.ts";

export const NOTIFY = {
  invalidSpi: 11,
  noProposalChosen: 14,
  invalidIdInformation: 18,
  responderLifetime: 24_576,
  initialContact: 24_578,
  areYouThere: 36_136,
  iAmHere: 36_137,
} as const;

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

function cookiesOf({ initiatorCookie, responderCookie }: Cookies): Uint8Array {
  return concat(initiatorCookie, responderCookie);
}
