/**
 * HSRP version 1, RFC 2281 section 5.1: UDP port 1985 to 224.0.0.2, TTL 1; 20 octets, or 50 with MD5 authentication
 * behind them. Advertise is Cisco's extension: it says what interfaces do, and nothing depends on it.
 */
import { ipv4 } from "../wire/address-codec.ts";
import {
  choice,
  constant,
  lengthPrefixed,
  octets,
  oneOf,
  optional,
  struct,
  u8,
  u16,
  u32,
  type ValueOf,
} from "../wire/codec.ts";
import { MD5_TAG, md5Body } from "./hsrp-md5-codec.ts";

const body = struct({
  state: oneOf(u8, { initial: 0, learn: 1, listen: 2, speak: 4, standby: 8, active: 16 }),
  helloSeconds: u8,
  holdSeconds: u8,
  priority: u8,
  group: u8,
  reserved: u8,
  authentication: octets(8),
  virtualAddress: ipv4,
  md5: optional(struct({ tag: constant(u8, MD5_TAG), body: lengthPrefixed(u8, md5Body) })),
});

const advertisement = struct({
  type: u16,
  content: lengthPrefixed(
    u16,
    struct({ state: u8, reserved: u8, activeGroups: u16, passiveGroups: u16, reserved2: u32 }),
  ),
});

export const hsrpV1 = struct({
  version: constant(u8, 0),
  message: choice(
    { tag: u8, unknown: "refuse" },
    { hello: [0, body], coup: [1, body], resign: [2, body], advertise: [3, advertisement] },
  ),
});
export type HsrpV1 = ValueOf<typeof hsrpV1>;
