/**
 * ICMP (RFC 792): echo, and the errors that answer a packet of ours. `quoted` is the beginning of that packet. Other
 * messages are kept as octets.
 */
import { checksummed } from "./checksum.ts";
import { choice, constant, padding, rest, struct, u8, u16, type ValueOf } from "./codec.ts";

export const ICMP = 1;

const Echo = struct({
  code: constant(u8, 0),
  checksum: padding(2),
  identifier: u16,
  sequence: u16,
  payload: rest,
});

/** Code 4 is "too big and not to be fragmented"; only there the MTU means anything (RFC 1191 section 4). */
const Unreachable = struct({ code: u8, checksum: padding(2), unused: padding(2), nextHopMtu: u16, quoted: rest });
const TimeExceeded = struct({ code: u8, checksum: padding(2), unused: padding(4), quoted: rest });

export const icmpMessage = checksummed(
  choice(
    { tag: u8 },
    { echoReply: [0, Echo], unreachable: [3, Unreachable], echoRequest: [8, Echo], timeExceeded: [11, TimeExceeded] },
  ),
  { at: 2 },
);
export type IcmpMessage = ValueOf<typeof icmpMessage>;
