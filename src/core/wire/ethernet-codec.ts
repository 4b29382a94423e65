/** Ethernet II frames, without preamble and checksum, as a packet socket gives and takes them. */
import { mac } from "./address-codec.ts";
import { openEnum, rest, struct, u16, type ValueOf } from "./codec.ts";

export const ethernetFrame = struct({
  destination: mac,
  source: mac,
  type: openEnum(u16, { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, ipv6: 0x86dd }),
  /** A frame of less than 60 octets is filled up with octets that mean nothing: see `padded`. */
  payload: rest,
});
export type EthernetFrame = ValueOf<typeof ethernetFrame>;
