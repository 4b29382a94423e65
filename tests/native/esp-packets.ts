/** Inner packets for the tests of ESP: whole and valid, of either family, from our nets to the peer's or back. */
import fc from "fast-check";
import { WireError } from "../../src/core/errors.ts";
import { type IpAddress, isIpv4 } from "../../src/core/wire/address.ts";
import { decode, encode } from "../../src/core/wire/codec.ts";
import { type Ipv4Packet, type Ipv6Packet, ipv4Packet, ipv6Packet } from "../../src/core/wire/ip-codec.ts";
import { UDP, udpBetween } from "../../src/core/wire/udp-codec.ts";
import { ip } from "./esp-path.ts";

export const OURS = { 4: ip("10.1.2.3"), 6: ip("2001:db8:1::3") } as const;
export const THEIRS = { 4: ip("10.2.3.4"), 6: ip("2001:db8:2::4") } as const;

export interface Inner {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly protocol?: number;
  readonly payload?: Uint8Array;
  readonly tos?: number;
  readonly change?: Partial<Ipv4Packet> & Partial<Ipv6Packet>;
}

export function innerPacket({ source, destination, protocol = UDP, payload, tos = 0, change }: Inner): Uint8Array {
  const ports = { sourcePort: 1000, destinationPort: 2000, payload: new Uint8Array(20) };
  const body = payload ?? encode(udpBetween(source, destination), ports);
  if (isIpv4(source) && isIpv4(destination)) {
    return encode(ipv4Packet, {
      typeOfService: tos,
      identification: 7,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      timeToLive: 60,
      protocol,
      source,
      destination,
      options: new Uint8Array(0),
      payload: body,
      ...change,
    } as Ipv4Packet);
  }
  const fields = { trafficClass: tos, flowLabel: 3, nextHeader: protocol, hopLimit: 60, source, destination };
  return encode(ipv6Packet, { ...fields, payload: body, ...change } as Ipv6Packet);
}

export const outward = (family: 4 | 6 = 4, more: Partial<Inner> = {}): Uint8Array =>
  innerPacket({ source: OURS[family], destination: THEIRS[family], ...more });

export const inward = (family: 4 | 6 = 4, more: Partial<Inner> = {}): Uint8Array =>
  innerPacket({ source: THEIRS[family], destination: OURS[family], ...more });

export const nextHeaderOf = (inner: Uint8Array): number => ((inner[0] ?? 0) >> 4 === 6 ? 41 : 4);

/** UDP packets of every length that fits, of both families, with marks that no router put there. */
export const anyInner = (source: (family: 4 | 6) => IpAddress, destination: (family: 4 | 6) => IpAddress) =>
  fc
    .record({
      family: fc.constantFrom(4 as const, 6 as const),
      dscp: fc.nat(63),
      payload: fc.uint8Array({ maxLength: 1300, size: "max" }),
    })
    .map(({ family, dscp, payload }) => {
      const [from, to] = [source(family), destination(family)];
      const body = encode(udpBetween(from, to), { sourcePort: 5, destinationPort: 6, payload });
      return innerPacket({ source: from, destination: to, payload: body, tos: dscp << 2 });
    });

/** What a packet says of itself; throws for what is none. */
export function contentOf(packet: Uint8Array): Pick<Ipv4Packet | Ipv6Packet, "source" | "destination" | "payload"> {
  const found = (packet[0] ?? 0) >> 4 === 6 ? decode(ipv6Packet, packet, "inner") : decode(ipv4Packet, packet, "inner");
  if (found instanceof WireError) throw found;
  const { source, destination, payload } = found;
  return { source, destination, payload };
}
