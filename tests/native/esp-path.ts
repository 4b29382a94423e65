/**
 * What the tests of ESP share: the fast path without doors (no device, no socket, no thread: one packet in, its fate
 * out), keyed by hand, and the reference codec under the same keys.
 */

import { createHash } from "node:crypto";
import type { Role } from "../../src/core/gate/liveness-port.ts";
import { type EspOpened, type EspSa, type EspSealing, openEsp, sealEsp } from "../../src/core/ipsec/esp-seal.ts";
import { ESP_SUITES, type EspSuite } from "../../src/core/ipsec/esp-suite.ts";
import { type IpAddress, ipToOctets, parseIp } from "../../src/core/wire/address.ts";
import { parsePrefix } from "../../src/core/wire/prefix.ts";
import { betweenPrefixes, reversed, type Selector } from "../../src/core/wire/selector.ts";
import {
  type FastPath,
  type FastPathDoors,
  loadFastPathAddon,
  type ReceivedInner,
  type SentOuter,
} from "../../src/linux/fastpath-addon.ts";
import { encodePolicies, encodeSas, type FastPathIntegrity, type SaRecord } from "../../src/linux/fastpath-records.ts";
import { decodeEvents, EVENT_OCTETS, type FastPathEvent } from "../../src/linux/fastpath-reports.ts";
import { nodePrimitives } from "../../src/linux/node-primitives.ts";
import { RoleWords } from "../../src/linux/role-words.ts";
import { ORDINARY_SA } from "../support/ordinary-sa.ts";

export const SUITES: readonly (readonly [string, EspSuite])[] = [...ESP_SUITES];
export const GCM = "aes-gcm-128";
/** One of each construction: what does not depend on the key's length is tried on these. */
export const KINDS = [GCM, "chacha20-poly1305", "aes-cbc-128 hmac-sha1-96", "null hmac-sha2-256-128"] as const;

export const OUTBOUND_SPI = 0x1111_0001;
export const INBOUND_SPI = 0x2222_0001;
export const LOCAL = ip("192.0.2.1");
export const PEER = ip("192.0.2.2");
export const PEER_PORT = 4500;
const EPOCH = 3;
const FOREVER_MS = 1e12;
const PLACES = 64;
const GROUPS = 4;

const INTEGRITIES: Readonly<Record<string, FastPathIntegrity>> = {
  sha1: "sha1-96",
  sha256: "sha256-128",
  sha384: "sha384-192",
  sha512: "sha512-256",
};

export function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

export function between(source: string, destination: string): Selector {
  const [from, to] = [parsePrefix(source), parsePrefix(destination)];
  if (from === undefined || to === undefined) throw new Error(`${source} or ${destination} is no prefix`);
  return betweenPrefixes(from, to);
}

/** What the SAs of these tests carry outward: from our nets to the peer's, of both families. */
export const OUTWARD: readonly Selector[] = [
  between("10.1.0.0/16", "10.2.0.0/16"),
  between("2001:db8:1::/48", "2001:db8:2::/48"),
];
export const INWARD: readonly Selector[] = OUTWARD.map(reversed);

export function suiteOf(name: string): EspSuite {
  const suite = ESP_SUITES.get(name);
  if (suite === undefined) throw new Error(`there is no suite ${name}`);
  return suite;
}

/** Place 0 is outbound, place 1 inbound, unless `change` says otherwise. */
export function saRecord(name: string, direction: SaRecord["direction"], change: Partial<SaRecord> = {}): SaRecord {
  const { encryption, integrity } = suiteOf(name);
  const spi = change.spi ?? (direction === "outbound" ? OUTBOUND_SPI : INBOUND_SPI);
  return {
    ...ORDINARY_SA,
    place: direction === "outbound" ? 0 : 1,
    spi,
    direction,
    cipher: encryption.cipher,
    integrity: integrity === undefined ? "none" : (INTEGRITIES[integrity.hash] ?? "none"),
    cipherKey: keyOf(`cipher ${spi}`, encryption.keyLength + encryption.saltLength),
    integrityKey: keyOf(`integrity ${spi}`, integrity?.keyLength ?? 0),
    local: LOCAL,
    remote: PEER,
    remotePort: PEER_PORT,
    selectors: direction === "outbound" ? OUTWARD : INWARD,
    sequence: direction === "outbound" ? 1 : 0,
    epoch: EPOCH,
    acknowledged: 1_000_000,
    ...change,
  };
}

/** The same SA for the reference codec. */
export function referenceOf(name: string, record: SaRecord): EspSa {
  const suite = suiteOf(name);
  const { keyLength } = suite.encryption;
  const { spi, cipherKey, integrityKey, esn } = record;
  const keys = {
    encryption: cipherKey.subarray(0, keyLength),
    salt: cipherKey.subarray(keyLength),
    integrity: integrityKey,
  };
  return { spi, suite, keys, esn };
}

export function sealed(sa: EspSa, sealing: Omit<EspSealing, "iv"> & { iv?: Uint8Array }): Uint8Array {
  const iv = sealing.iv ?? nodePrimitives.random(sa.suite.encryption.ivLength);
  return sealEsp(nodePrimitives, sa, { ...sealing, iv });
}

export function opened(sa: EspSa, packet: Uint8Array, sequenceHigh = 0): EspOpened {
  const found = openEsp(nodePrimitives, sa, packet, sequenceHigh);
  if (found.kind !== "opened") throw new Error(`the reference refuses what the fast path sent: ${found.kind}`);
  return found;
}

export class Bench {
  readonly path: FastPath;
  readonly roles = RoleWords.allocate(GROUPS);
  readonly edges = new BigUint64Array(new SharedArrayBuffer(8 * PLACES));
  readonly dirty = new Uint32Array(new SharedArrayBuffer(4 * Math.ceil(PLACES / 32)));

  /** Without `doors` there is no device, no socket and no thread. */
  constructor(member: 0 | 1 = 0, doors?: FastPathDoors) {
    this.become("active", EPOCH);
    const { FastPath: Path } = loadFastPathAddon();
    const memory = { roles: this.roles.octets, edges: this.edges, dirty: this.dirty };
    this.path = new Path({ ...memory, member, crypto: "auto", ...(doors === undefined ? {} : { doors }) });
  }

  become(role: Role, epoch: number, leaseUntilMs = FOREVER_MS, group = 0): void {
    this.roles.write(group, { role, epoch, leaseUntilMs });
  }

  /** Installs them; outbound ones are steered by bundles of their places, and protect what they carry. */
  install(...records: readonly SaRecord[]): void {
    this.path.installSas(encodeSas(records));
    for (const { place, direction, selectors, group } of records) {
      if (direction === "inbound") continue;
      this.path.steer(Uint32Array.of(place, place));
      const policies = selectors.map((selector, index) => {
        const id = 1 + place * 16 + index;
        return { id, order: id, action: "protect" as const, group, bundle: place, selector };
      });
      this.path.changePolicies(new Uint32Array(0), encodePolicies(policies));
    }
  }

  encrypt(inner: Uint8Array): SentOuter {
    return this.path.encrypt(inner);
  }

  /** As if it had come from outside in clear. */
  arrive(packet: Uint8Array): SentOuter {
    return this.path.encrypt(packet, true);
  }

  /** Of the peer's usual address, unmarked. */
  receive(outer: Uint8Array, { from = PEER, to = LOCAL, port = PEER_PORT, tos = 0 } = {}): ReceivedInner {
    return this.path.receive(outer, ipToOctets(from), port, ipToOctets(to), tos);
  }

  events(): FastPathEvent[] {
    const octets = new Uint8Array(64 * EVENT_OCTETS);
    const found: FastPathEvent[] = [];
    for (;;) {
      const length = this.path.readEvents(octets);
      if (length === 0) return found;
      found.push(...decodeEvents(octets.subarray(0, length)));
    }
  }

  /** How often packets were dropped for this reason. */
  dropped(reason: string): number {
    const { dropReasons } = loadFastPathAddon();
    const counts = new BigUint64Array(dropReasons.length);
    this.path.readDrops(counts);
    const at = dropReasons.indexOf(reason);
    if (at < 0) throw new Error(`"${reason}" is no reason; there are: ${dropReasons.join(", ")}`);
    return Number(counts[at]);
  }

  close(): void {
    this.path.close();
  }
}

function keyOf(name: string, length: number): Uint8Array {
  return Uint8Array.from(createHash("sha512").update(name).digest().subarray(0, length));
}
