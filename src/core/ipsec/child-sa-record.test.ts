import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { expect, test } from "vitest";
import { WireError } from "../errors.ts";
import { type ChildSaRecord, ChildSaRecordSchema } from "../proto/child_sa_pb.ts";
import type { IpAddress, Ipv4 } from "../wire/address.ts";
import { wildcardAddresses } from "../wire/address-set.ts";
import { sameSelector } from "../wire/selector.ts";
import { childSa } from "./child-sa.test-support.ts";
import type { ChildSa } from "./child-sa.ts";
import { decodeChildSa, encodeChildSa } from "./child-sa-record.ts";
import { ESP_SUITES } from "./esp-suite.ts";

const NOW = 1_000_000;

function back(octets: Uint8Array, nowMs = NOW): ChildSa {
  const child = decodeChildSa(octets, nowMs);
  if (child instanceof WireError) throw child;
  return child;
}

/** Keys have no form that compares. */
const shown = ({ inbound, outbound, ...plain }: ChildSa) => ({
  ...plain,
  keys: [inbound, outbound].map(each => [each.spi, each.cipherKey.reveal(), each.integrityKey.reveal()]),
});

const holes = wildcardAddresses({ address: "10.0.0.1" as Ipv4, wildcard: "0.0.255.0" as Ipv4 });
const FULL: Partial<ChildSa> = {
  ike: undefined,
  stage: "fresh",
  mode: "transport",
  esn: true,
  local: "2001:db8::1" as IpAddress,
  remote: "2001:db8::2" as IpAddress,
  encapsulation: { localPort: 4_500, remotePort: 40_000 },
  selector: {
    protocol: 6,
    source: { addresses: holes, ports: [{ first: 80, last: 90 }] },
    destination: childSa().selector.destination,
  },
  lifetime: { softAtMs: NOW + 10, hardAtMs: NOW + 20, softOctets: 30, hardOctets: 2 ** 40 },
  replayWindow: 0,
  pfsGroup: 19,
  peerMayMove: true,
  pathMtu: 1_400,
};

test.each([...ESP_SUITES])("%s comes back as it was", (_, suite) => {
  const child = childSa({ suite });
  expect(shown(back(encodeChildSa(child, NOW)))).toEqual(shown(child));
});

test("every field comes back", () => {
  const child = childSa(FULL);
  const found = back(encodeChildSa(child, NOW));
  expect(shown(found)).toEqual(shown(child));
  expect(sameSelector(found.selector, child.selector)).toBe(true);
});

test("what is left of a life is what crosses, and never grows", () => {
  const lifetime = { softAtMs: NOW + 500, hardAtMs: NOW + 900, softOctets: undefined, hardOctets: undefined };
  const octets = encodeChildSa(childSa({ lifetime }), NOW + 600);
  expect(back(octets, 7).lifetime).toMatchObject({ softAtMs: 7, hardAtMs: 307 });
});

const record = fromBinary(ChildSaRecordSchema, encodeChildSa(childSa(), NOW));
const { outbound, selector } = record;
if (outbound === undefined || selector?.source === undefined) throw new TypeError("it has keys and a selector");

test.each<[string, object, string]>([
  ["another stage", { stage: "gone" }, "stage"],
  ["a cipher that is not known", { encryption: "toString" }, "encryption"],
  ["an integrity that is not known", { integrity: "md5" }, "integrity"],
  ["a cipher alone", { integrity: undefined }, "integrity"],
  ["an AEAD with an integrity", { encryption: "aes-gcm-128" }, "integrity"],
  ["an address of three octets", { local: new Uint8Array(3) }, "local"],
  ["two families", { remote: new Uint8Array(16) }, "remote"],
  ["no keys", { inbound: undefined }, "inbound"],
  ["a short key", { outbound: { ...outbound, cipher: new Uint8Array(1) } }, "outbound.cipher"],
  ["a reserved SPI", { outbound: { ...outbound, spi: 255 } }, "outbound.spi"],
  ["two names", { spi: 0x1002 }, "spi"],
  ["a window that there is not", { replayWindow: 33 }, "replay_window"],
  ["no selector", { selector: undefined }, "selector"],
  ["no ports", { selector: { ...selector, source: { ...selector.source, ports: [] } } }, "selector.source.ports"],
  ["a protocol too many", { selector: { ...selector, protocol: 256 } }, "selector.protocol"],
])("%s is refused", (_, change, field) => {
  const changed: ChildSaRecord = { ...record, ...change };
  const found = decodeChildSa(toBinary(ChildSaRecordSchema, changed), NOW);
  expect(found).toBeInstanceOf(WireError);
  expect(String(found)).toContain(`child-sa.${field}: `);
});

test("every octet string is refused or read, and nothing at all is refused", () => {
  expect(decodeChildSa(toBinary(ChildSaRecordSchema, create(ChildSaRecordSchema)), NOW)).toBeInstanceOf(WireError);
  const good = encodeChildSa(childSa(FULL), NOW);
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), fc.nat(good.length), (at, octet, length) => {
      const bad = good.subarray(0, length).map((each, index) => (index === at ? octet : each));
      decodeChildSa(bad, NOW);
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), octets => void decodeChildSa(octets, NOW)));
});
