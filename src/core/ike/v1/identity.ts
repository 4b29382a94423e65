/**
 * Identification payloads: who a peer says that it is (phase 1), and what traffic it means (phase 2). RFC 2407 sections
 * 4.6.2 and 4.4.1.
 *
 * Identities are compared as octets; their text is for people, with everything escaped that could be more than text.
 */
import { type IpAddress, ipFromOctets, ipToOctets, ipv4FromOctets, ipv4ToOctets } from "../../wire/address.ts";
import { type AddressSet, addressRange, prefixAddresses, prefixOf } from "../../wire/address-set.ts";
import { ANY_PORT, isAnyPort, type PortSet } from "../../wire/port-set.ts";
import { lengthToMask, maskToLength, widthOf } from "../../wire/prefix.ts";
import type { Selector, SelectorEnd } from "../../wire/selector.ts";
import { fromUtf8, utf8 } from "../../wire/utf8.ts";
import { concat } from "./octets.ts";
import type { IdentificationPayload } from "./payload-codec.ts";

const TYPE = {
  ipv4: 1,
  fqdn: 2,
  userFqdn: 3,
  ipv4Subnet: 4,
  ipv6: 5,
  ipv6Subnet: 6,
  ipv4Range: 7,
  ipv6Range: 8,
  distinguishedName: 9,
  generalName: 10,
  keyId: 11,
} as const;

const SHOWN_MAX = 128;
const UDP = 17;
const IKE_PORT = 500;

export function addressIdentity(address: IpAddress): IdentificationPayload {
  const data = ipToOctets(address);
  return { type: data.length === 4 ? TYPE.ipv4 : TYPE.ipv6, protocol: UDP, port: IKE_PORT, data };
}

export function hostnameIdentity(name: string): IdentificationPayload {
  return { type: TYPE.fqdn, protocol: UDP, port: IKE_PORT, data: utf8(name) };
}

/** The address of an identity that is one. */
export function addressOf({ type, data }: IdentificationPayload): IpAddress | undefined {
  const length = type === TYPE.ipv4 ? 4 : type === TYPE.ipv6 ? 16 : -1;
  return data.length === length ? ipFromOctets(data) : undefined;
}

/** Who somebody is; subnets and ranges say what traffic is meant. */
const PHASE_ONE_TYPES: ReadonlySet<number> = new Set([
  TYPE.ipv4,
  TYPE.fqdn,
  TYPE.userFqdn,
  TYPE.ipv6,
  TYPE.distinguishedName,
  TYPE.generalName,
  TYPE.keyId,
]);

/** RFC 2407 section 4.6.2: in phase 1 protocol and port are zero or UDP 500, with NAT traversal 4500 too. */
export function isPhaseOneIdentity(identity: IdentificationPayload): boolean {
  const { type, protocol, port, data } = identity;
  if (!PHASE_ONE_TYPES.has(type) || data.length === 0) return false;
  if ((type === TYPE.ipv4 || type === TYPE.ipv6) && addressOf(identity) === undefined) return false;
  return (protocol === 0 || protocol === UDP) && (port === 0 || port === IKE_PORT || port === 4_500);
}

/** For logs and `show`. */
export function shownIdentity(identity: IdentificationPayload): string {
  const { type, data } = identity;
  const address = addressOf(identity);
  if (address !== undefined) return address;
  if (type === TYPE.fqdn || type === TYPE.userFqdn) return escaped(fromUtf8(data.subarray(0, SHOWN_MAX)));
  const hex = [...data.subarray(0, SHOWN_MAX / 2)].map(octet => octet.toString(16).padStart(2, "0")).join("");
  return `type ${type} ${hex}`;
}

/**
 * IDci and IDcr for one selector, its source being the side of whoever sends IDci; `undefined` where it is more than
 * two identities can say: sets of ports, wildcard masks with holes.
 */
export function quickModeIdentities(
  selector: Selector,
): { readonly source: IdentificationPayload; readonly destination: IdentificationPayload } | undefined {
  const protocol = selector.protocol === "any" ? 0 : selector.protocol;
  const source = identityOfEnd(selector.source, protocol);
  const destination = identityOfEnd(selector.destination, protocol);
  return source === undefined || destination === undefined ? undefined : { source, destination };
}

/** What two such identities mean; `undefined` where they mean no traffic that we know (I33, I38). */
export function selectorOf(source: IdentificationPayload, destination: IdentificationPayload): Selector | undefined {
  const [from, to] = [addressesOf(source), addressesOf(destination)];
  if (from === undefined || to === undefined) return undefined;
  if (widthOf(from.first) !== widthOf(to.first) || source.protocol !== destination.protocol) return undefined;
  // Ports of a protocol that is not named belong to nothing.
  if (source.protocol === 0 && (source.port !== 0 || destination.port !== 0)) return undefined;
  return {
    protocol: source.protocol === 0 ? "any" : source.protocol,
    source: { addresses: from, ports: portsOf(source) },
    destination: { addresses: to, ports: portsOf(destination) },
  };
}

function identityOfEnd({ addresses, ports }: SelectorEnd, protocol: number): IdentificationPayload | undefined {
  if (addresses.holes !== undefined) return undefined;
  const port = portOf(ports);
  if (port === undefined || (port !== 0 && protocol === 0)) return undefined;
  const prefix = prefixOf(addresses);
  const four = widthOf(addresses.first) === 32;
  if (prefix === undefined) {
    const data = concat(ipToOctets(addresses.first), ipToOctets(addresses.last));
    return { type: four ? TYPE.ipv4Range : TYPE.ipv6Range, protocol, port, data };
  }
  const address = ipToOctets(prefix.address);
  if (prefix.length === widthOf(prefix.address))
    return { type: four ? TYPE.ipv4 : TYPE.ipv6, protocol, port, data: address };
  const mask = four ? ipv4ToOctets(lengthToMask(prefix.length)) : maskOctets(prefix.length);
  return { type: four ? TYPE.ipv4Subnet : TYPE.ipv6Subnet, protocol, port, data: concat(address, mask) };
}

function addressesOf({ type, data }: IdentificationPayload): AddressSet | undefined {
  const octets = type === TYPE.ipv4 || type === TYPE.ipv4Subnet || type === TYPE.ipv4Range ? 4 : 16;
  const single = type === TYPE.ipv4 || type === TYPE.ipv6;
  const pair = [TYPE.ipv4Subnet, TYPE.ipv6Subnet, TYPE.ipv4Range, TYPE.ipv6Range].some(each => each === type);
  if ((!single && !pair) || data.length !== octets * (single ? 1 : 2)) return undefined;
  const first = ipFromOctets(data.subarray(0, octets));
  if (single) return { first, last: first };
  const second = data.subarray(octets);
  if (type === TYPE.ipv4Range || type === TYPE.ipv6Range) return addressRange(first, ipFromOctets(second));
  const length = octets === 4 ? maskToLength(ipv4FromOctets(second)) : maskLength(second);
  return length === undefined ? undefined : prefixAddresses({ address: first, length });
}

function portOf(ports: PortSet): number | undefined {
  if (isAnyPort(ports)) return 0;
  const [range, ...others] = ports;
  return others.length === 0 && range !== undefined && range.first === range.last && range.first !== 0
    ? range.first
    : undefined;
}

function portsOf({ port }: IdentificationPayload): PortSet {
  return port === 0 ? ANY_PORT : [{ first: port, last: port }];
}

function maskOctets(length: number): Uint8Array {
  return Uint8Array.from({ length: 16 }, (_, at) => (0xff00 >> Math.min(8, Math.max(0, length - at * 8))) & 0xff);
}

/** `undefined` where a one stands behind a zero. */
function maskLength(mask: Uint8Array): number | undefined {
  const length = mask.reduce((sum, octet) => sum + octet.toString(2).replaceAll("0", "").length, 0);
  return maskOctets(length).every((octet, at) => octet === mask[at]) ? length : undefined;
}

/** One line, and nothing that a terminal would obey. */
function escaped(text: string): string {
  return text.replaceAll(
    /[^\x20-\x7e]|["\\]/g,
    sign => `\\u${(sign.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`,
  );
}
