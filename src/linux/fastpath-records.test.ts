import { expect, test } from "vitest";
import { parseIp } from "../core/wire/address.ts";
import {
  type AddressSet,
  addressRange,
  anyAddress,
  prefixAddresses,
  wildcardAddresses,
} from "../core/wire/address-set.ts";
import { ANY_PORT, portsWhere } from "../core/wire/port-set.ts";
import { parsePrefix } from "../core/wire/prefix.ts";
import { encodePolicies, encodeUpdates, POLICY_RECORD_OCTETS, UPDATE_RECORD_OCTETS } from "./fastpath-records.ts";
import { DATAGRAM_HEADER_OCTETS, decodeDatagrams, decodeEvents, EVENT_OCTETS } from "./fastpath-reports.ts";

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("a text of this test does not parse");
  return value;
}

const v4 = (text: string) => {
  const address = known(parseIp(text));
  if (address.includes(":")) throw new Error(`${text} is no IPv4 address`);
  return address as Parameters<typeof wildcardAddresses>[0]["address"];
};

/** First, last and mask of a policy's source, the first four octets of each. */
function sourceOf(addresses: AddressSet): number[][] {
  const any = { addresses: anyAddress(4), ports: ANY_PORT };
  const selector = { protocol: "any", source: { addresses, ports: ANY_PORT }, destination: any } as const;
  const octets = encodePolicies([{ id: 1, order: 2, action: "protect", group: 3, bundle: 4, selector }]);
  return [32, 48, 64].map(at => [...octets.subarray(at, at + 4)]);
}

test("a prefix fixes the bits of its mask", () => {
  expect(sourceOf(prefixAddresses(known(parsePrefix("10.1.128.0/17"))))).toEqual([
    [10, 1, 128, 0],
    [10, 1, 255, 255],
    [255, 255, 128, 0],
  ]);
});

test("a range fixes the bits that its ends share", () => {
  const range = known(addressRange(v4("10.0.0.5"), v4("10.0.0.9")));
  expect(sourceOf(range)).toEqual([
    [10, 0, 0, 5],
    [10, 0, 0, 9],
    [255, 255, 255, 240],
  ]);
});

test("a wildcard mask with holes fixes what it does not leave free", () => {
  const set = wildcardAddresses({ address: v4("10.0.7.1"), wildcard: v4("0.0.255.0") });
  expect(sourceOf(set)).toEqual([
    [10, 0, 0, 1],
    [10, 0, 255, 1],
    [255, 255, 0, 255],
  ]);
});

test("ports in several ranges become several records of one id", () => {
  const any = { addresses: anyAddress(4), ports: ANY_PORT };
  const ports = known(portsWhere({ operator: "neq", port: 80 }));
  const selector = { protocol: 6, source: any, destination: { ...any, ports } };
  const octets = encodePolicies([{ id: 7, order: 1, action: "bypass", group: 0, bundle: 0, selector }]);
  expect(octets).toHaveLength(2 * POLICY_RECORD_OCTETS);
  const view = new DataView(octets.buffer);
  const ends = [0, POLICY_RECORD_OCTETS].map(at => [view.getUint32(at, true), view.getUint16(at + 26, true)]);
  expect(ends).toEqual([
    [7, 79],
    [7, 65_535],
  ]);
});

test("an update carries its numbers, and a peer its address", () => {
  const octets = encodeUpdates([
    { place: 3, kind: "acknowledged", sequence: 2 ** 40, epoch: 9 },
    { place: 4, kind: "peer", remote: v4("192.0.2.9"), remotePort: 4501 },
  ]);
  const view = new DataView(octets.buffer);
  expect([view.getBigUint64(8, true), view.getBigUint64(16, true)]).toEqual([2n ** 40n, 9n]);
  expect(view.getUint16(UPDATE_RECORD_OCTETS + 24, true)).toBe(4501);
  expect([...octets.subarray(UPDATE_RECORD_OCTETS + 32, UPDATE_RECORD_OCTETS + 36)]).toEqual([192, 0, 2, 9]);
});

test("datagrams are read one behind the other, each filled up to eight octets", () => {
  const octets = new Uint8Array(2 * DATAGRAM_HEADER_OCTETS + 16);
  const view = new DataView(octets.buffer);
  for (const [index, length] of [3, 8].entries()) {
    const at = index * (DATAGRAM_HEADER_OCTETS + 8);
    view.setUint32(at, length, true);
    view.setUint16(at + 4, 4500 + index, true);
    octets[at + 6] = 4;
    octets.fill(index + 1, at + DATAGRAM_HEADER_OCTETS, at + DATAGRAM_HEADER_OCTETS + length);
  }
  const read = decodeDatagrams(octets).map(({ octets: inner, remotePort }) => [remotePort, ...inner]);
  expect(read).toEqual([
    [4500, 1, 1, 1],
    [4501, 2, 2, 2, 2, 2, 2, 2, 2],
  ]);
});

test("an event of a kind that nobody knows is passed over", () => {
  const octets = new Uint8Array(2 * EVENT_OCTETS);
  new DataView(octets.buffer).setUint16(0, 999, true);
  new DataView(octets.buffer).setUint16(EVENT_OCTETS, 11, true);
  expect(decodeEvents(octets)).toEqual([{ kind: "sa-failed", place: 0, spi: 0 }]);
});
