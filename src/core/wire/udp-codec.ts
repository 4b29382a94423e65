/**
 * UDP datagrams (RFC 768) between two addresses, which their checksum covers. An IPv4 sender may leave the checksum
 * out; an IPv6 one may not (RFC 8200 section 8.1).
 */
import { type IpAddress, isIpv4 } from "./address.ts";
import { internetChecksum, pseudoHeader } from "./checksum.ts";
import { type Codec, encode, struct, u16 } from "./codec.ts";

export const UDP = 17;

export interface UdpDatagram {
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

export interface UdpOptions {
  /**
   * What a packet socket sees of a sender on this host has its checksum still to be made by a network card that there
   * may not be. The kernel says so of each packet, and that word is what to hand in here.
   */
  readonly checksumNotReady?: boolean;
}

const Header = struct({ sourcePort: u16, destinationPort: u16, length: u16, checksum: u16 });
const HEADER = 8;
const CHECKSUM_AT = 6;

export function udpBetween(source: IpAddress, destination: IpAddress, options: UdpOptions = {}): Codec<UdpDatagram> {
  const { checksumNotReady = false } = options;
  return {
    decode: reader => {
      const all = reader.peek();
      const at = reader.offset;
      const { length, checksum, ...ports } = Header.decode(reader);
      reader.demand(length >= HEADER, "length", at + 4, `${length}`);
      const payload = reader.at("payload", r => r.take(length - HEADER));
      const leftOut = checksum === 0 && isIpv4(source);
      if (checksumNotReady || leftOut) return { ...ports, payload };
      const sum = internetChecksum(pseudoHeader(source, destination, UDP, length), all.subarray(0, length));
      reader.demand(sum === 0 && checksum !== 0, "checksum", at + CHECKSUM_AT, `off by ${sum}`);
      return { ...ports, payload };
    },
    encode: (writer, { payload, ...ports }) => {
      const length = HEADER + payload.length;
      const header = encode(Header, { ...ports, length, checksum: 0 });
      // Zero on the wire would say that there is none.
      const sum = internetChecksum(pseudoHeader(source, destination, UDP, length), header, payload) || 0xffff;
      Header.encode(writer, { ...ports, length, checksum: sum });
      writer.put(payload);
    },
  };
}
