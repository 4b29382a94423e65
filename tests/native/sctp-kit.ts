/** Two ends of an association in one namespace, and packets of SCTP by hand. */
import { beforeEach } from "vitest";
import { STEERING_MARK } from "../../src/core/net/steering.ts";
import type { LinkEnd, PeerLinkSettings } from "../../src/core/redundancy/link-model.ts";
import { type Ipv4, isIpv4 } from "../../src/core/wire/address.ts";
import { type End, endOn } from "../../src/gateway/association/pair.test-support.ts";
import { linkIndexOf } from "../../src/linux/links.ts";
import { listAddresses } from "../../src/linux/netlink/address.ts";
import { createLink, setLink } from "../../src/linux/netlink/link.ts";
import { Rtnetlink } from "../../src/linux/netlink/rtnetlink.ts";
import { loadSctpAddon } from "../../src/linux/sctp-addon.ts";
import { rawFilter, type SctpFlow, udpFilter } from "../../src/linux/sctp-filter.ts";
import { SctpTransport } from "../../src/linux/sctp-transport.ts";
import { addTo, linkNamed } from "./namespace.ts";
import { address } from "./values.ts";

export const PORT = 5005;
export const ADDRESSES = { a: ["10.61.0.1", "10.62.0.1"], b: ["10.61.0.2", "10.62.0.2"] } as const;
export const STRANGER = "10.61.0.9";

/** Kept for the namespace's life: SCTP reads the host's addresses once. */
const LINK = "us-sctp";

export function withAddresses(): void {
  beforeEach(() => giveAddresses(...ADDRESSES.a, ...ADDRESSES.b, STRANGER));
}

/** Not on the loopback interface, which SCTP takes for a world of its own. */
export function giveAddresses(...addresses: readonly string[]): void {
  const rtnetlink = new Rtnetlink();
  rtnetlink.request(setLink({ index: 1, up: true }));
  if (linkIndexOf(LINK) === undefined) {
    rtnetlink.request(createLink({ kind: "veth", name: LINK, peer: `${LINK}-far` }));
    rtnetlink.request(setLink({ index: linkNamed(rtnetlink, LINK).index, up: true }));
  }
  const given = rtnetlink.request(listAddresses()).map(each => String(each.prefix.address));
  const missing = addresses.filter(each => !given.includes(each)).map(each => `${each}/32`);
  addTo(rtnetlink, linkNamed(rtnetlink, LINK), ...missing);
  rtnetlink.close();
}

/** Both ends, configured; `b` listens. */
export function pairOnSctp(change: Partial<PeerLinkSettings> = {}): { a: End; b: End } {
  const a = endOn((settings, opens) => new SctpTransport(settings, opens), 1);
  const b = endOn((settings, opens) => new SctpTransport(settings, opens), 2);
  b.configure({ local: end(ADDRESSES.b), remote: end(ADDRESSES.a), ...change });
  a.configure({ local: end(ADDRESSES.a), remote: end(ADDRESSES.b), ...change });
  return { a, b };
}

export function end(addresses: readonly string[], port = PORT): LinkEnd {
  return { port, addresses: addresses.map(ipv4) };
}

/** Nothing but these goes through to the stack from now on, until an association comes or goes. */
export function letThrough(...flows: readonly SctpFlow[]): void {
  loadSctpAddon().guard(STEERING_MARK, rawFilter(flows), udpFilter(flows));
}

/** Packets to these addresses pass, whatever their source; to the others none. */
export function passOnly(...pass: readonly string[]): void {
  const [toA, toB] = [ADDRESSES.a, ADDRESSES.b].map(list => list.filter(each => pass.includes(each)));
  letThrough({ local: end(toA ?? []), remote: end(ADDRESSES.b) }, { local: end(toB ?? []), remote: end(ADDRESSES.a) });
}

/** RFC 9260 section 3: the common header, with its checksum, before the chunks. */
export function packetOf(tag: number, chunks: Uint8Array, port = PORT): Uint8Array {
  const packet = new Uint8Array(12 + chunks.length);
  const view = new DataView(packet.buffer);
  view.setUint16(0, port);
  view.setUint16(2, port);
  view.setUint32(4, tag);
  packet.set(chunks, 12);
  view.setUint32(8, crc32c(packet), true);
  return packet;
}

/** RFC 9260 section 3.3.2. */
export function initChunk(tag = 0x1234_5678): Uint8Array {
  const chunk = new Uint8Array(20);
  const view = new DataView(chunk.buffer);
  view.setUint8(0, 1);
  view.setUint16(2, chunk.length);
  view.setUint32(4, tag);
  view.setUint32(8, 65_536);
  view.setUint16(12, 4);
  view.setUint16(14, 4);
  view.setUint32(16, 1);
  return chunk;
}

function crc32c(octets: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const octet of octets) {
    crc ^= octet;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f6_3b78 : 0);
  }
  return ~crc >>> 0;
}

export function ipv4(text: string): Ipv4 {
  const parsed = address(text);
  if (!isIpv4(parsed)) throw new Error(`${text} is not of IPv4`);
  return parsed;
}
