/** A Child SA for tests, ordinary but for what a test is about. */
import { Secret } from "../crypto/secret.ts";
import type { IpAddress, Ipv4 } from "../wire/address.ts";
import { betweenPrefixes } from "../wire/selector.ts";
import { type ChildKeys, type ChildSa, NO_LIFETIME } from "./child-sa.ts";
import { ESP_ENCRYPTIONS, ESP_INTEGRITIES, type EspSuite } from "./esp-suite.ts";
import { keyLengths } from "./transform-suite.ts";

const SUITE: EspSuite = {
  encryption: ESP_ENCRYPTIONS["aes-cbc-128"],
  integrity: ESP_INTEGRITIES["hmac-sha1-96"],
};

export function childKeys(spi: number, suite: EspSuite, fill: number): ChildKeys {
  const lengths = keyLengths(suite);
  const key = (length: number): Secret => new Secret(new Uint8Array(length).fill(fill));
  return { spi, cipherKey: key(lengths.cipher), integrityKey: key(lengths.integrity) };
}

export function childSa(changes: Partial<ChildSa> = {}): ChildSa {
  const { spi = 0x1000, suite = SUITE } = changes;
  return {
    spi,
    owner: "plain",
    traffic: "f0/0 M 10 10",
    selector: betweenPrefixes(
      { address: "10.99.0.0" as Ipv4, length: 16 },
      { address: "172.16.5.0" as Ipv4, length: 24 },
    ),
    ike: "ike-1",
    stage: "current",
    initiated: true,
    peerId: "172.16.0.18",
    mode: "tunnel",
    suite,
    esn: false,
    local: "10.0.0.15" as IpAddress,
    remote: "172.16.0.18" as IpAddress,
    encapsulation: undefined,
    inbound: childKeys(spi, suite, 0xaa),
    outbound: childKeys(0x2000, suite, 0xbb),
    lifetime: NO_LIFETIME,
    replayWindow: 64,
    pfsGroup: undefined,
    peerMayMove: false,
    pathMtu: undefined,
    ...changes,
  };
}
