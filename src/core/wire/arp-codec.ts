/** ARP for IPv4 on Ethernet (RFC 826). A short frame has padding behind it: `padded(arp)` ignores that. */
import { ipv4, mac } from "./address-codec.ts";
import { constant, oneOf, struct, u8, u16, type ValueOf } from "./codec.ts";

export const arp = struct({
  hardware: constant(u16, 1),
  protocol: constant(u16, 0x0800),
  hardwareLength: constant(u8, 6),
  protocolLength: constant(u8, 4),
  operation: oneOf(u16, { request: 1, reply: 2 }),
  senderMac: mac,
  senderAddress: ipv4,
  /** Means nothing in a request. */
  targetMac: mac,
  targetAddress: ipv4,
});
export type Arp = ValueOf<typeof arp>;
