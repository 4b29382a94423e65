/**
 * The SAs and policies of a benchmark, keyed by hand: both sides derive everything from the same numbers.
 *
 * SA n goes from A to B with SPI 0x10000 + 2n, back with the next one. SA 0 protects the two nets; each further one
 * protects an address of its own on B, 10.100.0.0 + n. The keys are no secret.
 */
import { createHash } from "node:crypto";
import { ESP_ENCRYPTIONS, ESP_INTEGRITIES, type EspSuite, icvLengthOf } from "../../src/core/ipsec/esp-suite.ts";
import { ipv4FromNumber, ipv4ToNumber, parseIpv4 } from "../../src/core/wire/address.ts";
import { type Prefix, parsePrefix } from "../../src/core/wire/prefix.ts";
import { betweenPrefixes, type Selector } from "../../src/core/wire/selector.ts";
import {
  type FastPathIntegrity,
  type PolicyRecord,
  type SaRecord,
  UNLIMITED,
} from "../../src/linux/fastpath-records.ts";
import { NETS, OUTSIDE, WIRE_MTU } from "../support/site.ts";

export interface GatewayOrders {
  readonly side: "a" | "b";
  readonly encryption: keyof typeof ESP_ENCRYPTIONS;
  readonly integrity?: keyof typeof ESP_INTEGRITIES;
  readonly udp: boolean;
  readonly crypto: "auto" | "ipsec-mb" | "openssl";
  readonly sas: number;
}

export const MANY_NET = "10.100.0.0/16";
/** Addresses of that net, each with an SA of its own where there are so many. */
export const MANY_ADDRESSES = "10.100.0.1/9999";
export const UDP_PORT = 4500;
export const GROUP = 0;
const INTEGRITY_NAMES: Readonly<Record<keyof typeof ESP_INTEGRITIES, FastPathIntegrity>> = {
  "hmac-sha1-96": "sha1-96",
  "hmac-sha2-256-128": "sha256-128",
  "hmac-sha2-384-192": "sha384-192",
  "hmac-sha2-512-256": "sha512-256",
};

/** The largest inner packet whose ESP fits the wire whole. */
export function innerMtu({ encryption, integrity, udp }: GatewayOrders): number {
  const suite = suiteOf({ encryption, integrity });
  const room = WIRE_MTU - 20 - (udp ? 8 : 0) - 8 - suite.encryption.ivLength - icvLengthOf(suite);
  return Math.floor(room / suite.encryption.block) * suite.encryption.block - 2;
}

function suiteOf({
  encryption,
  integrity,
}: Pick<GatewayOrders, "encryption"> & { integrity: GatewayOrders["integrity"] | undefined }): EspSuite {
  const chosen = { encryption: ESP_ENCRYPTIONS[encryption] };
  return integrity === undefined ? chosen : { ...chosen, integrity: ESP_INTEGRITIES[integrity] };
}

type Direction = "ab" | "ba";

const outboundOf = ({ side }: GatewayOrders): Direction => (side === "a" ? "ab" : "ba");
export const placeOf = (orders: GatewayOrders, number: number): number =>
  2 * number + (outboundOf(orders) === "ab" ? 0 : 1);

export function saOf(orders: GatewayOrders, number: number, direction: Direction): SaRecord {
  const { side, encryption, integrity, udp } = orders;
  const suite = suiteOf({ encryption, integrity });
  const outbound = direction === outboundOf(orders);
  const { keyLength, saltLength, cipher } = suite.encryption;
  const spi = 0x1_0000 + 2 * number + (direction === "ab" ? 0 : 1);
  return {
    place: 2 * number + (direction === "ab" ? 0 : 1),
    spi,
    direction: outbound ? "outbound" : "inbound",
    mode: "tunnel",
    group: GROUP,
    cipher,
    integrity: integrity === undefined ? "none" : INTEGRITY_NAMES[integrity],
    cipherKey: keyOf(`cipher ${spi}`, keyLength + saltLength),
    integrityKey: keyOf(`integrity ${spi}`, suite.integrity?.keyLength ?? 0),
    local: ip(OUTSIDE[side]),
    remote: ip(OUTSIDE[side === "a" ? "b" : "a"]),
    remotePort: udp ? UDP_PORT : undefined,
    esn: true,
    selectors: selectorsOf(orders, number, direction),
    sequence: outbound ? 1 : 0,
    epoch: 1,
    acknowledged: 2 ** 48,
    jump: 2 ** 28,
    reservationLow: 0,
    replayWindow: 4096,
    edgeInterval: 0,
    peerMayMove: false,
    softOctets: UNLIMITED,
    hardOctets: UNLIMITED,
    softPackets: UNLIMITED,
    hardPackets: UNLIMITED,
    softAtMs: UNLIMITED,
    hardAtMs: UNLIMITED,
    pathMtu: WIRE_MTU,
    df: "copy",
    fragmentation: "before-encryption",
    dscp: "copy",
    ecn: "normal",
    mss: undefined,
  };
}

export function policiesOf(orders: GatewayOrders, number: number): PolicyRecord[] {
  return selectorsOf(orders, number, outboundOf(orders)).map((selector, index) => {
    const id = 2 * number + index;
    return { id, order: id, action: "protect", group: GROUP, bundle: number, selector };
  });
}

/** A single SA carries everything; of many, SA 0 carries the nets, and each other one an address of its own. */
function selectorsOf({ sas }: GatewayOrders, number: number, direction: Direction): Selector[] {
  const one = { address: ipv4FromNumber(manyBase() + number), length: 32 };
  const single = sas === 1 ? [prefix(NETS.b), prefix(MANY_NET)] : undefined;
  const far = single ?? [number === 0 ? prefix(NETS.b) : one];
  const near = prefix(NETS.a);
  return far.map(each => (direction === "ab" ? betweenPrefixes(near, each) : betweenPrefixes(each, near)));
}

function manyBase(): number {
  return ipv4ToNumber(ip(MANY_NET.split("/")[0] ?? ""));
}

/** The same on both sides, and not secret. */
function keyOf(name: string, length: number): Uint8Array {
  return Uint8Array.from(createHash("sha512").update(name).digest().subarray(0, length));
}

function ip(text: string) {
  const address = parseIpv4(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

function prefix(text: string): Prefix {
  const found = parsePrefix(text);
  if (found === undefined) throw new Error(`${text} is no prefix`);
  return found;
}
