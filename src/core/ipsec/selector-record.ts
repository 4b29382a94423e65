/** A traffic selector as a record holds it, and back. What is no selector is refused by throwing a `WireError`. */
import { WireError } from "../errors.ts";
import type { RecordSelector, RecordSelectorEnd } from "../proto/child_sa_pb.ts";
import { familyOf, type IpAddress, ipFromOctets, ipToOctets, isIpv4 } from "../wire/address.ts";
import { type AddressSet, addressRange, intersectAddresses, wildcardAddresses } from "../wire/address-set.ts";
import { portRanges } from "../wire/port-set.ts";
import type { Selector, SelectorEnd } from "../wire/selector.ts";

export function selectorRecord({ protocol, source, destination }: Selector) {
  const ends = { source: endRecord(source), destination: endRecord(destination) };
  return protocol === "any" ? ends : { protocol, ...ends };
}

export function selectorFrom(field: string, record: RecordSelector | undefined): Selector {
  if (record === undefined) throw refused(field, "absent");
  const { protocol } = record;
  if (protocol !== undefined && protocol > PROTOCOL_MAX) throw refused(`${field}.protocol`, protocol);
  const source = endFrom(`${field}.source`, record.source);
  const destination = endFrom(`${field}.destination`, record.destination);
  if (familyOf(source.addresses.first) !== familyOf(destination.addresses.first))
    throw refused(`${field}.destination`, "another family than source");
  return { protocol: protocol ?? "any", source, destination };
}

export function addressFrom(field: string, octets: Uint8Array): IpAddress {
  if (octets.length !== 4 && octets.length !== 16) throw refused(field, `${octets.length} octets`);
  return ipFromOctets(octets);
}

export function refused(field: string, found: string | number): WireError {
  return new WireError("bad-value", `child-sa.${field}`, 0, String(found));
}

const PROTOCOL_MAX = 255;
const PORT_MAX = 65_535;

function endRecord({ addresses: { first, last, holes }, ports }: SelectorEnd) {
  const range = { first: ipToOctets(first), last: ipToOctets(last), ports: ports.map(each => ({ ...each })) };
  if (holes === undefined) return range;
  return { ...range, holes: { address: ipToOctets(holes.address), wildcard: ipToOctets(holes.wildcard) } };
}

function endFrom(field: string, record: RecordSelectorEnd | undefined): SelectorEnd {
  if (record === undefined) throw refused(field, "absent");
  const wrong = record.ports.find(({ last }) => last > PORT_MAX);
  if (wrong !== undefined) throw refused(`${field}.ports`, wrong.last);
  const ports = portRanges(record.ports.map(({ first, last }) => ({ first, last })));
  if (ports === undefined) throw refused(`${field}.ports`, "none");
  return { addresses: addressesFrom(field, record), ports };
}

function addressesFrom(field: string, { first, last, holes }: RecordSelectorEnd): AddressSet {
  const range = addressRange(addressFrom(`${field}.first`, first), addressFrom(`${field}.last`, last));
  if (range === undefined) throw refused(`${field}.last`, "before the first");
  if (holes === undefined) return range;
  const address = addressFrom(`${field}.holes`, holes.address);
  const wildcard = addressFrom(`${field}.holes`, holes.wildcard);
  if (!isIpv4(address) || !isIpv4(wildcard)) throw refused(`${field}.holes`, "no IPv4 mask");
  const set = intersectAddresses(wildcardAddresses({ address, wildcard }), range);
  if (set === undefined) throw refused(`${field}.holes`, "no address in the range");
  return set;
}
