/**
 * Which packets may count at all, in order: what costs least is asked first, and nothing changes before all of it
 * holds. Every refusal has a name, which is a counter that `show standby` prints.
 */
import { familyOf, type IpAddress } from "../wire/address.ts";
import { type Prefix, prefixContains } from "../wire/prefix.ts";
import type { HsrpMessage } from "./hsrp-message.ts";
import { decodeHsrp, groupNumberOf, type PacketContext } from "./hsrp-packet.ts";

export const HSRP_PORT = { ipv4: 1985, ipv6: 2029 } as const;
/** RFC 2281 section 5.1, and version 2's groups. */
export const HSRP_GROUPS = { 1: "224.0.0.2", 2: "224.0.0.102", ipv6: "ff02::66" } as const;
export const HSRP_TTL = 1;
export const HOP_LIMIT = 255;

export interface HsrpDatagram {
  readonly source: IpAddress;
  readonly destination: IpAddress;
  readonly sourcePort: number;
  /** TTL or hop limit as it arrived; `undefined` when the system did not say. */
  readonly ttl: number | undefined;
  readonly octets: Uint8Array;
}

/** The group that it is offered to, and what the interface that it arrived on is like. */
export interface ReceiveContext extends PacketContext {
  readonly group: number;
  /** The group's own source, whose family is the group's. */
  readonly address: IpAddress;
  /** The interface's own addresses, with their lengths. */
  readonly own: readonly Prefix[];
}

export type HsrpRefusal =
  | "ttl"
  | "destination"
  | "source-port"
  | "own-packet"
  | "source-subnet"
  | "malformed"
  | "authentication"
  | "timers";

export type Received =
  | { readonly kind: "accepted"; readonly message: HsrpMessage }
  /** Nothing is wrong with it, but it is not about this group. */
  | { readonly kind: "ignored" }
  | {
      readonly kind: "refused";
      readonly because: HsrpRefusal;
      readonly detail: string;
      /** What it claims to say, where it has a shape at all. */
      readonly claim?: HsrpMessage;
    };

export function receiveHsrp(datagram: HsrpDatagram, context: ReceiveContext): Received {
  const { source, destination, sourcePort, ttl } = datagram;
  const family = familyOf(source);
  if (family !== familyOf(context.address)) return { kind: "ignored" };
  const port = family === 4 ? HSRP_PORT.ipv4 : HSRP_PORT.ipv6;
  const group = family === 4 ? HSRP_GROUPS[context.version] : HSRP_GROUPS.ipv6;
  if (!mayHaveTtl(ttl, family, context.version)) return refused("ttl", ttl === undefined ? "unknown" : String(ttl));
  if (destination !== group) return refused("destination", destination);
  if (sourcePort !== port) return refused("source-port", String(sourcePort));
  if (context.own.some(prefix => prefix.address === source)) return refused("own-packet", source);
  if (!context.own.some(prefix => prefixContains(prefix, source))) return refused("source-subnet", source);
  // Groups have their own keys: what another group's key has signed is no mistake, and costs no digest.
  const number = groupNumberOf(datagram.octets, context.version);
  if (number !== undefined && number !== context.group) return { kind: "ignored" };
  const decoded = decodeHsrp(datagram.octets, source, context);
  switch (decoded.kind) {
    case "malformed":
      return refused("malformed", decoded.error.message);
    case "unauthentic":
      return { ...refused("authentication", decoded.because), claim: decoded.message };
    case "advertisement":
      return { kind: "ignored" };
    case "message":
      return sane(decoded.message);
  }
  return decoded satisfies never;
}

/** Version 1 is sent with TTL 1, IPv6 with hop limit 255; of version 2 both are seen, and neither comes from afar. */
function mayHaveTtl(ttl: number | undefined, family: 4 | 6, version: 1 | 2): boolean {
  if (family === 6) return ttl === HOP_LIMIT;
  return ttl === HSRP_TTL || (version === 2 && ttl === HOP_LIMIT);
}

/** A hold time that ends before the next hello could come, or never, would make the group flap or freeze. */
function sane(message: HsrpMessage): Received {
  const { helloMs, holdMs, opcode } = message;
  const longest = 255_000;
  if (opcode === "hello" && (helloMs === 0 || holdMs < helloMs || holdMs > longest)) {
    return refused("timers", `hello ${helloMs} ms, hold ${holdMs} ms`);
  }
  return { kind: "accepted", message };
}

function refused(because: HsrpRefusal, detail: string): Extract<Received, { kind: "refused" }> {
  return { kind: "refused", because, detail };
}
