/**
 * Whether a NAT stands between the two, RFC 3947 section 3.2: each says by a hash where it sends to and where it sends
 * from, and the other compares that with what it sees.
 *
 * Who wants ESP in UDP where there is no NAT says a source that is not its own; both ends then take it for one behind
 * a NAT.
 */
import type { Host } from "./host.ts";
import type { IkeSa } from "./ike-sa.ts";
import { type IkeHash, natHash } from "./keys.ts";
import type { Payload, PayloadKind, Payloads } from "./payloads.ts";

/** Where both ends speak once there is a NAT, RFC 3947 section 4. */
export const NAT_PORT = 4_500;

export function natPayloads(host: Host, sa: IkeSa, hash: IkeHash): Payload[] {
  if (sa.peer.natTraversal === undefined) return [];
  const kind: PayloadKind = sa.peer.natTraversal === "rfc" ? "natd" : "natd-draft";
  const there = natHash(host.primitives, hash, sa, { address: sa.remote, port: sa.remotePort });
  // Port 0 is nobody's.
  const here = natHash(host.primitives, hash, sa, { address: sa.local, port: wantsUdp(host, sa) ? 0 : sa.localPort });
  return [there, here].map(body => ({ kind, body }));
}

/** What the peer's payloads say; nobody is behind a NAT where it said nothing. */
export function detectNat(host: Host, sa: IkeSa, hash: IkeHash, payloads: Payloads): IkeSa["nat"] {
  const said = payloads.all(sa.peer.natTraversal === "rfc" ? "natd" : "natd-draft");
  const [toUs, ...fromThem] = said;
  if (sa.peer.natTraversal === undefined || toUs === undefined || fromThem.length === 0) return sa.nat;
  const { primitives } = host;
  const us = natHash(primitives, hash, sa, { address: sa.local, port: sa.localPort });
  const them = natHash(primitives, hash, sa, { address: sa.remote, port: sa.remotePort });
  return {
    here: !primitives.equal(toUs, us),
    there: !fromThem.some(each => primitives.equal(each, them)),
    forced: wantsUdp(host, sa),
  };
}

/** ESP in UDP also where there is no NAT: it is several times faster here. */
function wantsUdp(host: Host, sa: IkeSa): boolean {
  const { udpEncapsulation } = host.book.settings;
  return udpEncapsulation === "always" || (udpEncapsulation === "auto" && sa.peer.understudy);
}
