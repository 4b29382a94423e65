/** The kernel's neighbour table over rtnetlink: which MAC address an IP address has on a link. struct ndmsg, NDA_*. */
import { type IpAddress, ipToOctets, type MacAddress, macFromOctets, macToOctets } from "../../core/wire/address.ts";
import { AddressFamily, Flag, MessageType } from "./constants.ts";
import { familyNumber, ipAttribute } from "./ip-octets.ts";
import type { Message } from "./message.ts";
import { Attributes, OctetWriter, Structure } from "./octets.ts";
import { change, dump, type Request, removal } from "./request.ts";

const HEADER = 12;
const Nda = { destination: 1, linkAddress: 2 } as const;
/** NUD_*; the kernel keeps them as bits. */
export const NeighbourState = {
  incomplete: 0x01,
  reachable: 0x02,
  stale: 0x04,
  delay: 0x08,
  probe: 0x10,
  failed: 0x20,
  noArp: 0x40,
  permanent: 0x80,
} as const;

export interface Neighbour {
  readonly linkIndex: number;
  readonly address: IpAddress;
  readonly macAddress: MacAddress | undefined;
  readonly state: keyof typeof NeighbourState | "none";
}

export function listNeighbours(): Request<Neighbour[]> {
  const body = header(AddressFamily.unspecified, 0, 0).finish();
  return dump("list the neighbours", MessageType.getNeighbour, body, decodeNeighbour);
}

/** `undefined` for a message about something else. Throws a `WireError`. */
export function decodeNeighbour(message: Message): Neighbour | undefined {
  if (message.type !== MessageType.newNeighbour && message.type !== MessageType.delNeighbour) return undefined;
  const fixed = new Structure(message.body, HEADER, "neighbour");
  const attributes = new Attributes(message.body.subarray(HEADER), "neighbour");
  const address = ipAttribute(attributes.octets(Nda.destination), "neighbour.destination");
  if (address === undefined || fixed.u8(0) !== familyNumber(address)) return undefined;
  const mac = attributes.octets(Nda.linkAddress);
  return {
    linkIndex: fixed.i32(4),
    address,
    macAddress: mac?.length === 6 ? macFromOctets(mac) : undefined,
    state: STATE_OF.get(fixed.u16(8)) ?? "none",
  };
}

/** Adds or overwrites an entry; `stale` lets the kernel confirm it by itself. */
export function replaceNeighbour(
  linkIndex: number,
  address: IpAddress,
  macAddress: MacAddress,
  state: "reachable" | "stale" | "permanent",
): Request<void> {
  const body = header(familyNumber(address), linkIndex, NeighbourState[state]);
  body.attribute(Nda.destination, ipToOctets(address)).attribute(Nda.linkAddress, macToOctets(macAddress));
  const flags = Flag.create | Flag.replace;
  const context = { address, interface: linkIndex };
  return change("set the neighbour", context, MessageType.newNeighbour, flags, body.finish());
}

/** Content when it is gone already. */
export function removeNeighbour(linkIndex: number, address: IpAddress): Request<void> {
  const body = header(familyNumber(address), linkIndex, 0).attribute(Nda.destination, ipToOctets(address)).finish();
  return removal("remove the neighbour", { address, interface: linkIndex }, MessageType.delNeighbour, body);
}

function header(family: number, linkIndex: number, state: number): OctetWriter {
  return new OctetWriter().u8(family).u8(0).u16(0).i32(linkIndex).u16(state).u8(0).u8(0);
}

const STATE_OF: ReadonlyMap<number, keyof typeof NeighbourState> = new Map(
  Object.entries(NeighbourState).map(([state, number]) => [number, state as keyof typeof NeighbourState]),
);
