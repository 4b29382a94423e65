/**
 * IP packets with their payload: IPv4 with options (RFC 791 section 3.1) and IPv6 (RFC 8200 section 3). Extension
 * headers of IPv6 are left in the payload, as are options in their octets.
 *
 * Lengths and the checksum are checked and filled in, and so are no part of the value. What follows the packet in a
 * short Ethernet frame is not the packet's: `padded(ipv4Packet)` ignores it.
 */
import { invariant } from "../errors.ts";
import type { Ipv4, Ipv6 } from "./address.ts";
import { ipv4, ipv6 } from "./address-codec.ts";
import { internetChecksum } from "./checksum.ts";
import { bits, type Codec, encode, struct, u8, u16 } from "./codec.ts";

export interface Ipv4Packet {
  readonly typeOfService: number;
  readonly identification: number;
  readonly dontFragment: boolean;
  readonly moreFragments: boolean;
  /** In octets, a multiple of eight. */
  readonly fragmentOffset: number;
  readonly timeToLive: number;
  readonly protocol: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** Filled up to a multiple of four octets; at most 40. */
  readonly options: Uint8Array;
  readonly payload: Uint8Array;
}

const Ipv4Header = struct({
  start: bits(8, { version: 4, words: 4 }),
  typeOfService: u8,
  totalLength: u16,
  identification: u16,
  fragment: bits(16, { reserved: 1, dontFragment: 1, moreFragments: 1, offset: 13 }),
  timeToLive: u8,
  protocol: u8,
  checksum: u16,
  source: ipv4,
  destination: ipv4,
});

const IPV4_HEADER = 20;
const OPTIONS_MAX = 40;
const CHECKSUM_AT = 10;

export const ipv4Packet: Codec<Ipv4Packet> = {
  decode: reader => {
    const all = reader.peek();
    const at = reader.offset;
    const { start, totalLength, fragment, checksum: _, ...fields } = Ipv4Header.decode(reader);
    reader.demand(start.version === 4, "version", at, `${start.version}`);
    const header = start.words * 4;
    reader.demand(header >= IPV4_HEADER, "headerLength", at, `${header}`);
    const options = reader.at("options", r => r.take(header - IPV4_HEADER));
    const sum = internetChecksum(all.subarray(0, header));
    reader.demand(sum === 0, "checksum", at + CHECKSUM_AT, `off by ${sum}`);
    reader.demand(totalLength >= header, "totalLength", at + 2, `${totalLength}, a header has ${header}`);
    const payload = reader.at("payload", r => r.take(totalLength - header));
    return {
      ...fields,
      dontFragment: fragment.dontFragment === 1,
      moreFragments: fragment.moreFragments === 1,
      fragmentOffset: fragment.offset * 8,
      options,
      payload,
    };
  },
  encode: (writer, packet) => {
    const { options, payload } = packet;
    const fits = options.length % 4 === 0 && options.length <= OPTIONS_MAX;
    invariant(fits, `${options.length} octets of IPv4 options`);
    const length = IPV4_HEADER + options.length;
    const header = new Uint8Array(length);
    header.set(encode(Ipv4Header, ipv4HeaderOf(packet, length)));
    header.set(options, IPV4_HEADER);
    const sum = internetChecksum(header);
    header[CHECKSUM_AT] = sum >> 8;
    header[CHECKSUM_AT + 1] = sum & 0xff;
    writer.put(header);
    writer.put(payload);
  },
};

function ipv4HeaderOf({ options: _, payload, ...packet }: Ipv4Packet, header: number) {
  const { dontFragment, moreFragments, fragmentOffset, ...fields } = packet;
  return {
    ...fields,
    start: { version: 4, words: header / 4 },
    totalLength: header + payload.length,
    fragment: {
      reserved: 0,
      dontFragment: dontFragment ? 1 : 0,
      moreFragments: moreFragments ? 1 : 0,
      offset: fragmentOffset / 8,
    },
    checksum: 0,
  };
}

export interface Ipv6Packet {
  readonly trafficClass: number;
  readonly flowLabel: number;
  readonly nextHeader: number;
  readonly hopLimit: number;
  readonly source: Ipv6;
  readonly destination: Ipv6;
  readonly payload: Uint8Array;
}

const Ipv6Header = struct({
  start: bits(32, { version: 4, trafficClass: 8, flowLabel: 20 }),
  payloadLength: u16,
  nextHeader: u8,
  hopLimit: u8,
  source: ipv6,
  destination: ipv6,
});

export const ipv6Packet: Codec<Ipv6Packet> = {
  decode: reader => {
    const at = reader.offset;
    const { start, payloadLength, ...fields } = Ipv6Header.decode(reader);
    const { version, ...labels } = start;
    reader.demand(version === 6, "version", at, `${version}`);
    return { ...labels, ...fields, payload: reader.at("payload", r => r.take(payloadLength)) };
  },
  encode: (writer, { payload, trafficClass, flowLabel, ...fields }) => {
    const start = { version: 6, trafficClass, flowLabel };
    Ipv6Header.encode(writer, { ...fields, start, payloadLength: payload.length });
    writer.put(payload);
  },
};
