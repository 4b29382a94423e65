/**
 * What the addon says beside a datagram: DatagramMeta in native/sys/inet-message.cc, in the host's (little-endian)
 * order.
 */
import { type IpAddress, ipFromOctets } from "../core/wire/address.ts";

export const DATAGRAM_META_OCTETS = 48;
const SOURCE = 16;
const DESTINATION = 32;

export interface DatagramMeta {
  readonly from: IpAddress;
  /** 0 for a raw socket. */
  readonly fromPort: number;
  /** The address in the packet's header, a multicast group included. */
  readonly to: IpAddress | undefined;
  /** The interface that it came in by. */
  readonly linkIndex: number | undefined;
  /** TTL or hop limit. */
  readonly ttl: number | undefined;
  /** It was longer than the buffer. */
  readonly cut: boolean;
}

export function readDatagramMeta(octets: Uint8Array): DatagramMeta {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const length = view.getUint8(0) === 6 ? 16 : 4;
  const linkIndex = view.getUint32(4, true);
  const ttl = view.getInt32(8, true);
  return {
    from: ipFromOctets(octets.subarray(SOURCE, SOURCE + length)),
    fromPort: view.getUint16(2, true),
    to: view.getUint8(1) === 0 ? undefined : ipFromOctets(octets.subarray(DESTINATION, DESTINATION + length)),
    linkIndex: linkIndex === 0 ? undefined : linkIndex,
    ttl: ttl < 0 ? undefined : ttl,
    cut: view.getUint32(12, true) !== 0,
  };
}
