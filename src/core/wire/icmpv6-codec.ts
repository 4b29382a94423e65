/**
 * ICMPv6 between two addresses, which its checksum covers (RFC 4443): echo, errors, and the neighbour discovery that
 * answers for an address (RFC 4861 sections 4.3 and 4.4). Other messages are kept as octets.
 *
 * That neighbour discovery must arrive with hop limit 255 is for the reader of the packet to check.
 */
import type { Ipv6 } from "./address.ts";
import { ipv6, mac } from "./address-codec.ts";
import { checksummed, pseudoHeader } from "./checksum.ts";
import {
  array,
  type Codec,
  choice,
  constant,
  flags,
  padding,
  rest,
  struct,
  tagged,
  u8,
  u16,
  u32,
  type ValueOf,
} from "./codec.ts";

export const ICMPV6 = 58;

const code = constant(u8, 0);
const checksum = padding(2);

const Echo = struct({ code, checksum, identifier: u16, sequence: u16, payload: rest });
const Unreachable = struct({ code: u8, checksum, unused: padding(4), quoted: rest });
const PacketTooBig = struct({ code: padding(1), checksum, mtu: u32, quoted: rest });
const TimeExceeded = struct({ code: u8, checksum, unused: padding(4), quoted: rest });

/** More options than any neighbour sends. */
const OPTIONS_MAX = 16;

/** Lengths count eight octets, type and length included; on Ethernet a link-layer address fills one such unit. */
const options = array(
  tagged({ tag: u8, length: u8, unit: 8, includesHeader: true }, { sourceLink: [1, mac], targetLink: [2, mac] }),
  OPTIONS_MAX,
);

const NeighbourSolicitation = struct({ code, checksum, reserved: padding(4), target: ipv6, options });

const NeighbourAdvertisement = struct({
  code,
  checksum,
  flags: flags(u8, { router: 0x80, solicited: 0x40, override: 0x20 }),
  reserved: padding(3),
  target: ipv6,
  options,
});

const message = choice(
  { tag: u8 },
  {
    unreachable: [1, Unreachable],
    packetTooBig: [2, PacketTooBig],
    timeExceeded: [3, TimeExceeded],
    echoRequest: [128, Echo],
    echoReply: [129, Echo],
    neighbourSolicitation: [135, NeighbourSolicitation],
    neighbourAdvertisement: [136, NeighbourAdvertisement],
  },
);
export type Icmpv6Message = ValueOf<typeof message>;

export function icmpv6Between(source: Ipv6, destination: Ipv6): Codec<Icmpv6Message> {
  return checksummed(message, { at: 2, before: length => pseudoHeader(source, destination, ICMPV6, length) });
}
