/**
 * What comes up from the fast path: events and datagrams as packed records, counters as words.
 *
 * Layouts are those of native/fastpath/records.h; numbers are in the host's order (little-endian), addresses in network
 * order and left aligned in 16 octets.
 */
import { type IpAddress, ipFromOctets } from "../core/wire/address.ts";

export const EVENT_OCTETS = 96;
/** In front of each datagram; the datagram follows, filled up to a multiple of 8. */
export const DATAGRAM_HEADER_OCTETS = 48;

/** The words of `readCounters`, in order; `sequence` is the highest number used or accepted. */
export const SA_COUNTERS = [
  "packets",
  "octets",
  "sequence",
  "replayed",
  "notAuthentic",
  "outsideSelectors",
  "malformed",
  "lastUsedNs",
] as const;
export type SaCounter = (typeof SA_COUNTERS)[number];
export const COUNTERS_A_PLACE = SA_COUNTERS.length;

export type FastPathEvent =
  /** A packet wants an SA that is not there; the first one is held. At most one a second for each bundle. */
  | { readonly kind: "acquire"; readonly bundle: number; readonly policy: number; readonly packet: EventPacket }
  | { readonly kind: "soft-expiry"; readonly place: number; readonly spi: number; readonly limit: ExpiryLimit }
  | { readonly kind: "hard-expiry"; readonly place: number; readonly spi: number; readonly limit: ExpiryLimit }
  /** At most one a second in all; `count` says how many were since the last. */
  | { readonly kind: "unknown-spi"; readonly spi: number; readonly count: number; readonly packet: EventPacket }
  /** Fewer acknowledged numbers are left than asked; `next` is the next one to be used. */
  | { readonly kind: "reservation"; readonly place: number; readonly spi: number; readonly next: number }
  /** R + J - 1 is used up, or the sequence space is: nothing is sent until another SA is steered. */
  | { readonly kind: "cap-reached"; readonly place: number; readonly spi: number; readonly next: number }
  /** `edgeInterval` packets were accepted since the last one. */
  | { readonly kind: "edge"; readonly place: number; readonly spi: number; readonly edge: number }
  | { readonly kind: "peer-moved"; readonly place: number; readonly spi: number; readonly packet: EventPacket }
  /** ICMP said so, quoting this SA's SPI; the floor is applied already. */
  | { readonly kind: "path-mtu"; readonly place: number; readonly spi: number; readonly pathMtu: number }
  /** A packet inside an SA that its selectors do not mean; or in clear though it should have been protected. */
  | { readonly kind: "outside-selectors"; readonly place: number; readonly spi: number; readonly packet: EventPacket }
  | { readonly kind: "clear"; readonly policy: number; readonly packet: EventPacket }
  /** An assertion about sequence number or IV failed: the SA is dead, the process is not. */
  | { readonly kind: "sa-failed"; readonly place: number; readonly spi: number }
  /** Of a traced SPI: what became of a packet, as the index into `dropReasons` (`undefined`: it went). */
  | {
      readonly kind: "trace";
      readonly place: number;
      readonly spi: number;
      readonly sequence: number;
      readonly dropReason: number | undefined;
      readonly packet: EventPacket;
    }
  /** So many events found the ring full. */
  | { readonly kind: "events-lost"; readonly count: number };

export type ExpiryLimit = "octets" | "packets" | "time" | "sequence";

/** What of a packet an event tells; ports are 0 where they cannot be seen. */
export interface EventPacket {
  readonly protocol: number;
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  readonly destinationPort: number;
}

export interface FastPathDatagram {
  readonly local: IpAddress;
  readonly remote: IpAddress;
  readonly remotePort: number;
  /** As it came: an IKE message behind its four zero octets, or a keepalive (one octet 0xff). A view. */
  readonly octets: Uint8Array;
}

/** Order is the number in the record. */
const KINDS: readonly FastPathEvent["kind"][] = [
  "acquire",
  "soft-expiry",
  "hard-expiry",
  "unknown-spi",
  "reservation",
  "cap-reached",
  "edge",
  "peer-moved",
  "path-mtu",
  "outside-selectors",
  "clear",
  "sa-failed",
  "trace",
  "events-lost",
];
const LIMITS: readonly ExpiryLimit[] = ["octets", "packets", "time", "sequence"];
const NO_REASON = 0xffff;

export function decodeEvents(octets: Uint8Array): FastPathEvent[] {
  const events: FastPathEvent[] = [];
  for (let at = 0; at + EVENT_OCTETS <= octets.length; at += EVENT_OCTETS) {
    const event = decodeEvent(octets.subarray(at, at + EVENT_OCTETS));
    if (event !== undefined) events.push(event);
  }
  return events;
}

export function decodeDatagrams(octets: Uint8Array): FastPathDatagram[] {
  const datagrams: FastPathDatagram[] = [];
  for (let at = 0; at + DATAGRAM_HEADER_OCTETS <= octets.length; ) {
    const record = octets.subarray(at);
    const view = viewOf(record);
    const length = view.getUint32(0, true);
    const family = record[6] ?? 0;
    datagrams.push({
      local: addressAt(record, 16, family),
      remote: addressAt(record, 32, family),
      remotePort: view.getUint16(4, true),
      octets: record.subarray(DATAGRAM_HEADER_OCTETS, DATAGRAM_HEADER_OCTETS + length),
    });
    at += DATAGRAM_HEADER_OCTETS + Math.ceil(length / 8) * 8;
  }
  return datagrams;
}

function decodeEvent(record: Uint8Array): FastPathEvent | undefined {
  const view = viewOf(record);
  const kind = KINDS[view.getUint16(0, true)];
  const place = view.getUint32(4, true);
  const spi = view.getUint32(8, true);
  const number = Number(view.getBigUint64(16, true));
  const detail = view.getUint16(2, true);
  const limit = LIMITS[detail] ?? "octets";
  switch (kind) {
    case undefined:
      return undefined;
    case "acquire":
      return { kind, bundle: place, policy: view.getUint32(12, true), packet: packetOf(record, view) };
    case "soft-expiry":
    case "hard-expiry":
      return { kind, place, spi, limit };
    case "unknown-spi":
      return { kind, spi, count: number, packet: packetOf(record, view) };
    case "reservation":
    case "cap-reached":
      return { kind, place, spi, next: number };
    case "edge":
      return { kind, place, spi, edge: number };
    case "path-mtu":
      return { kind, place, spi, pathMtu: number };
    case "peer-moved":
    case "outside-selectors":
      return { kind, place, spi, packet: packetOf(record, view) };
    case "clear":
      return { kind, policy: view.getUint32(12, true), packet: packetOf(record, view) };
    case "sa-failed":
      return { kind, place, spi };
    case "trace": {
      const dropReason = detail === NO_REASON ? undefined : detail;
      return { kind, place, spi, sequence: number, dropReason, packet: packetOf(record, view) };
    }
    case "events-lost":
      return { kind, count: number };
  }
  return kind satisfies never;
}

function packetOf(record: Uint8Array, view: DataView): EventPacket {
  const family = record[30] ?? 4;
  return {
    protocol: record[31] ?? 0,
    source: addressAt(record, 32, family),
    destination: addressAt(record, 48, family),
    sourcePort: view.getUint16(24, true),
    destinationPort: view.getUint16(26, true),
  };
}

function addressAt(record: Uint8Array, at: number, family: number): IpAddress {
  return ipFromOctets(record.subarray(at, at + (family === 6 ? 16 : 4)));
}

function viewOf(octets: Uint8Array): DataView {
  return new DataView(octets.buffer, octets.byteOffset, octets.length);
}
