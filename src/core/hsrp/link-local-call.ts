/**
 * Pings of a virtual link-local address (RFC 4443 sections 4.1 and 4.2), as whole Ethernet frames: only a neighbour can
 * send one. Whether they are answered is decided elsewhere, as for neighbour discovery.
 */
import { WireError } from "../errors.ts";
import { type Ipv6, isLinkLocal, type MacAddress } from "../wire/address.ts";
import { decode, encode, padded } from "../wire/codec.ts";
import { ethernetFrame } from "../wire/ethernet-codec.ts";
import { ICMPV6, type Icmpv6Message, icmpv6Between } from "../wire/icmpv6-codec.ts";
import { ipv6Packet } from "../wire/ip-codec.ts";

export interface LinkLocalCall {
  readonly caller: Ipv6;
  readonly called: Ipv6;
  readonly echo: Extract<Icmpv6Message, { kind: "echoRequest" }>["body"];
}

/** As every host starts with. */
const HOP_LIMIT = 64;

/** `undefined` for every other packet. */
export function linkLocalCall(packet: Uint8Array): LinkLocalCall | undefined {
  const ip = decode(padded(ipv6Packet), packet, "ipv6");
  if (ip instanceof WireError || ip.nextHeader !== ICMPV6) return undefined;
  const { source: caller, destination: called } = ip;
  if (!isLinkLocal(caller) || !isLinkLocal(called)) return undefined;
  const message = decode(icmpv6Between(caller, called), ip.payload, "icmpv6");
  return message instanceof WireError || message.kind !== "echoRequest"
    ? undefined
    : { caller, called, echo: message.body };
}

export function answerTo({ caller, called, echo }: LinkLocalCall, mac: MacAddress, callerMac: MacAddress): Uint8Array {
  const packet = encode(ipv6Packet, {
    trafficClass: 0,
    flowLabel: 0,
    nextHeader: ICMPV6,
    hopLimit: HOP_LIMIT,
    source: called,
    destination: caller,
    payload: encode(icmpv6Between(called, caller), { kind: "echoReply", body: echo }),
  });
  return encode(ethernetFrame, { destination: callerMac, source: mac, type: "ipv6", payload: packet });
}
