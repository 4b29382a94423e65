/** What UDP adds to the frames of tunnels: ports, by which a NAT tells whose they are. */
import type { IkeMessageDatagram } from "../../core/ike/ike-port.ts";
import type { ChildSa } from "../../core/ipsec/child-sa.ts";
import type { Frame, UdpPorts } from "../lossy-wire.ts";

/** It is for the NAT alone (RFC 3948 section 2.3). */
export function isNatKeepalive(octets: Uint8Array): boolean {
  return octets.length === 1;
}

/** `undefined` where it is none. */
export function ikeDatagram({ kind, source, destination, ports, octets }: Frame): IkeMessageDatagram | undefined {
  if (kind !== "ike" || destination === undefined || ports === undefined || isNatKeepalive(octets)) return;
  return { local: destination, localPort: ports.destination, remote: source, remotePort: ports.source, octets };
}

/** `undefined` for plain ESP. */
export function espPorts({ encapsulation }: ChildSa): UdpPorts | undefined {
  return encapsulation && { source: encapsulation.localPort, destination: encapsulation.remotePort };
}
