/**
 * HSRP version 2: UDP port 1985 to 224.0.0.102, or 2029 to ff02::66 for IPv6; a row of tagged bodies. Timers are in
 * milliseconds, groups reach 4095, and every packet names its sender by a MAC address.
 */
import { mac } from "../wire/address-codec.ts";
import { array, constant, octets, oneOf, struct, tagged, u8, u16, u32, type ValueOf } from "../wire/codec.ts";
import { MD5_TAG, md5Body } from "./hsrp-md5-codec.ts";

const groupState = struct({
  version: constant(u8, 2),
  opcode: oneOf(u8, { hello: 0, coup: 1, resign: 2 }),
  state: oneOf(u8, { disabled: 0, initial: 1, learn: 2, listen: 3, speak: 4, standby: 5, active: 6 }),
  family: oneOf(u8, { ipv4: 4, ipv6: 6 }),
  group: u16,
  identifier: mac,
  priority: u32,
  helloMs: u32,
  holdMs: u32,
  /** An IPv4 address stands in the first four octets. */
  virtualAddress: octets(16),
});

/** More than four kinds exist nowhere; a packet repeats none. */
const BODIES_LIMIT = 8;

export const hsrpV2 = array(
  tagged(
    { tag: u8, length: u8, unknown: "refuse" },
    {
      groupState: [1, groupState],
      interfaceState: [2, struct({ activeGroups: u16, passiveGroups: u16 })],
      text: [3, octets(8)],
      md5: [MD5_TAG, md5Body],
    },
  ),
  BODIES_LIMIT,
);
export type HsrpV2 = ValueOf<typeof hsrpV2>;
export type GroupState = ValueOf<typeof groupState>;
