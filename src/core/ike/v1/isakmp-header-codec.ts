/** The header of every message of IKEv1: RFC 2408 section 3.1. Flags without a name are ignored. */
import { bits, flags, octets, openEnum, struct, u8, u32, type ValueOf } from "../../wire/codec.ts";

export const COOKIE_OCTETS = 8;
export const ISAKMP_HEADER_OCTETS = 28;

/** RFC 2408 section 3.1, RFC 2409 appendix A. */
const EXCHANGES = {
  base: 1,
  main: 2,
  "authentication-only": 3,
  aggressive: 4,
  informational: 5,
  transaction: 6,
  quick: 32,
  "new-group": 33,
} as const;

export const isakmpHeader = struct({
  initiatorCookie: octets(COOKIE_OCTETS),
  /** Zeros in the first message. */
  responderCookie: octets(COOKIE_OCTETS),
  firstPayload: u8,
  version: bits(8, { major: 4, minor: 4 }),
  exchange: openEnum(u8, EXCHANGES),
  flags: flags(u8, { encrypted: 0x01, commit: 0x02, authenticationOnly: 0x04 }),
  /** Zero in phase 1. */
  messageId: u32,
  /** Of header and payloads. */
  length: u32,
});
export type IsakmpHeader = ValueOf<typeof isakmpHeader>;
