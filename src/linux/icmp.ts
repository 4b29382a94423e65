/** Echo requests and what may come back for them, for ICMP (RFC 792) and ICMPv6 (RFC 4443). Reading is total. */

const HEADER = 8;
const IPV6_HEADER = 40;
const ICMP_PROTOCOL = 1;
const ICMPV6_PROTOCOL = 58;

const Type = {
  4: { request: 8, reply: 0, unreachable: 3, protocol: ICMP_PROTOCOL },
  6: { request: 128, reply: 129, unreachable: 1, protocol: ICMPV6_PROTOCOL },
} as const;

export interface Echo {
  readonly identifier: number;
  readonly sequence: number;
  readonly payload: Uint8Array;
}

export type EchoOutcome =
  | { readonly kind: "reply"; readonly echo: Echo }
  | { readonly kind: "unreachable"; readonly identifier: number; readonly sequence: number };

/** ICMPv6's checksum covers the IP header, so the kernel puts it in. */
export function encodeEchoRequest(family: 4 | 6, echo: Echo): Uint8Array {
  const octets = new Uint8Array(HEADER + echo.payload.length);
  const view = new DataView(octets.buffer);
  view.setUint8(0, Type[family].request);
  view.setUint16(4, echo.identifier);
  view.setUint16(6, echo.sequence);
  octets.set(echo.payload, HEADER);
  if (family === 4) view.setUint16(2, internetChecksum(octets));
  return octets;
}

/** What a raw socket received: by IPv4 with its IP header, by IPv6 without. `undefined` for anything else. */
export function decodeEchoOutcome(family: 4 | 6, octets: Uint8Array): EchoOutcome | undefined {
  const message = family === 4 ? payloadOfIpv4(octets) : octets;
  if (message === undefined || message.length < HEADER) return undefined;
  const type = message[0];
  if (type === Type[family].reply) return { kind: "reply", echo: echoOf(message) };
  if (type !== Type[family].unreachable) return undefined;
  const quoted = quotedRequest(family, message.subarray(HEADER));
  if (quoted === undefined || quoted.length < HEADER || quoted[0] !== Type[family].request) return undefined;
  const { identifier, sequence } = echoOf(quoted);
  return { kind: "unreachable", identifier, sequence };
}

/** RFC 1071 */
export function internetChecksum(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x10000);
  return ~sum & 0xffff;
}

function echoOf(message: Uint8Array): Echo {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength);
  return { identifier: view.getUint16(4), sequence: view.getUint16(6), payload: message.subarray(HEADER) };
}

function quotedRequest(family: 4 | 6, packet: Uint8Array): Uint8Array | undefined {
  if (family === 4) return packet[9] === Type[4].protocol ? payloadOfIpv4(packet) : undefined;
  return packet[6] === Type[6].protocol ? packet.subarray(IPV6_HEADER) : undefined;
}

function payloadOfIpv4(packet: Uint8Array): Uint8Array | undefined {
  const first = packet[0] ?? 0;
  const headerLength = (first & 0xf) * 4;
  if (first >> 4 !== 4 || headerLength < 20 || headerLength > packet.length) return undefined;
  return packet.subarray(headerLength);
}
