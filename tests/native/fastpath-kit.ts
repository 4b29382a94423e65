/** What the tests of the fast path share: role words, SAs with keys that count up, policies, packets. */

import { ipToOctets } from "../../src/core/wire/address.ts";
import { internetChecksum } from "../../src/core/wire/checksum.ts";
import { betweenPrefixes } from "../../src/core/wire/selector.ts";
import { type FastPath, type FastPathDoors, loadFastPathAddon } from "../../src/linux/fastpath-addon.ts";
import { encodePolicies, encodeSas, type SaRecord } from "../../src/linux/fastpath-records.ts";
import { ORDINARY_SA } from "../support/ordinary-sa.ts";
import { address, prefix } from "./values.ts";

export const PLACES = 64;
const ROLES = { init: 0n, standby: 1n, active: 2n, draining: 3n, grace: 4n } as const;

export interface Member {
  readonly path: FastPath;
  readonly edges: BigUint64Array;
  readonly dirty: Uint32Array;
  /** A lease of `leaseMs` from now; the default is an hour. */
  role(role: keyof typeof ROLES, epoch: number, leaseMs?: number): void;
}

export interface MemberOptions {
  readonly member?: 0 | 1;
  readonly crypto?: "auto" | "ipsec-mb" | "openssl";
  readonly doors?: FastPathDoors;
}

/** Two lines of role words; both are set together. */
export function openMember({ member = 0, crypto = "auto", doors }: MemberOptions = {}): Member {
  const edges = new BigUint64Array(new SharedArrayBuffer(PLACES * 8));
  const dirty = new Uint32Array(new SharedArrayBuffer(PLACES / 8));
  const roles = alignedRoles();
  const { FastPath } = loadFastPathAddon();
  const options = { roles: roles.octets, edges, dirty, member, crypto };
  const path = new FastPath(doors === undefined ? options : { ...options, doors });
  return {
    path,
    edges,
    dirty,
    role(role, epoch, leaseMs = 3_600_000) {
      const until = process.hrtime.bigint() + BigInt(leaseMs) * 1_000_000n;
      for (const line of [0, 8]) {
        Atomics.store(roles.words, line + 1, until);
        Atomics.store(roles.words, line, (BigInt(epoch) << 8n) | ROLES[role]);
      }
    },
  };
}

/** The binding refuses lines that are not aligned, so the right place is found by asking it. */
function alignedRoles(): { octets: Uint8Array; words: BigUint64Array } {
  const { FastPath } = loadFastPathAddon();
  const buffer = new SharedArrayBuffer(3 * 64);
  for (let at = 0; at < 64; at += 8) {
    const octets = new Uint8Array(buffer, at, 128);
    try {
      const edges = new BigUint64Array(new SharedArrayBuffer(8));
      new FastPath({ roles: octets, edges, dirty: new Uint32Array(1), member: 0, crypto: "openssl" }).close();
      return { octets, words: new BigUint64Array(buffer, at, 16) };
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
  }
  throw new Error("role words: no multiple of 64 in 64 octets");
}

export const SUITES = {
  "aes-128-gcm": { cipher: "aes-gcm", integrity: "none", cipherKey: 20, integrityKey: 0 },
  "aes-192-gcm": { cipher: "aes-gcm", integrity: "none", cipherKey: 28, integrityKey: 0 },
  "aes-256-gcm": { cipher: "aes-gcm", integrity: "none", cipherKey: 36, integrityKey: 0 },
  chacha20: { cipher: "chacha20-poly1305", integrity: "none", cipherKey: 36, integrityKey: 0 },
  "aes-128-cbc sha1": { cipher: "aes-cbc", integrity: "sha1-96", cipherKey: 16, integrityKey: 20 },
  "aes-192-cbc sha256": { cipher: "aes-cbc", integrity: "sha256-128", cipherKey: 24, integrityKey: 32 },
  "aes-256-cbc sha384": { cipher: "aes-cbc", integrity: "sha384-192", cipherKey: 32, integrityKey: 48 },
  "null sha512": { cipher: "null", integrity: "sha512-256", cipherKey: 0, integrityKey: 64 },
} as const;
export type SuiteName = keyof typeof SUITES;

export const LEFT = address("192.0.2.1");
export const RIGHT = address("192.0.2.2");

/** From the left gateway to the right one, 10.1.0.0/16 to 10.2.0.0/16. */
export function saRecord(suite: SuiteName, over: Partial<SaRecord> = {}): SaRecord {
  const { cipher, integrity, cipherKey, integrityKey } = SUITES[suite];
  return {
    ...ORDINARY_SA,
    place: 0,
    spi: 0x1001,
    direction: "outbound",
    cipher,
    integrity,
    cipherKey: Uint8Array.from({ length: cipherKey }, (_, at) => at),
    integrityKey: Uint8Array.from({ length: integrityKey }, (_, at) => 0x20 + at),
    local: LEFT,
    remote: RIGHT,
    remotePort: 4500,
    selectors: [betweenPrefixes(prefix("10.1.0.0/16"), prefix("10.2.0.0/16"))],
    sequence: over.direction === "inbound" ? 0 : 1,
    epoch: 1,
    acknowledged: 0,
    ...over,
  };
}

/** The same SA at the other end. */
export function otherEnd(sa: SaRecord, over: Partial<SaRecord> = {}): SaRecord {
  return { ...sa, direction: "inbound", local: sa.remote, remote: sa.local, sequence: 0, ...over };
}

/** Protects 10.1.0.0/16 to 10.2.0.0/16 by an outbound SA that is installed and steered. */
export function protect(member: Member, sa: SaRecord): void {
  member.path.installSas(encodeSas([sa]));
  const selector = sa.selectors[0] ?? betweenPrefixes(prefix("10.1.0.0/16"), prefix("10.2.0.0/16"));
  const policy = { id: 1, order: 10, action: "protect", group: 0, bundle: 5, selector } as const;
  member.path.changePolicies(new Uint32Array(0), encodePolicies([policy]));
  member.path.steer(Uint32Array.of(5, sa.place));
}

export interface PacketOptions {
  readonly source?: string;
  readonly destination?: string;
  readonly protocol?: number;
  readonly tos?: number;
  readonly df?: boolean;
  readonly payload?: Uint8Array;
}

/** An IPv4 packet; the default is UDP 1000 to 2000 with four octets, without a checksum. */
export function packet4(options: PacketOptions = {}): Uint8Array {
  const { source = "10.1.0.1", destination = "10.2.0.1", protocol = 17, tos = 0, df = false } = options;
  const payload = options.payload ?? udp(Uint8Array.of(1, 2, 3, 4));
  const octets = new Uint8Array(20 + payload.length);
  const view = new DataView(octets.buffer);
  octets[0] = 0x45;
  octets[1] = tos;
  view.setUint16(2, octets.length);
  view.setUint16(6, df ? 0x4000 : 0);
  octets[8] = 64;
  octets[9] = protocol;
  octets.set(ipToOctets(address(source)), 12);
  octets.set(ipToOctets(address(destination)), 16);
  view.setUint16(10, internetChecksum(octets.subarray(0, 20)));
  octets.set(payload, 20);
  return octets;
}

export function udp(payload: Uint8Array, source = 1000, destination = 2000): Uint8Array {
  const octets = new Uint8Array(8 + payload.length);
  const view = new DataView(octets.buffer);
  view.setUint16(0, source);
  view.setUint16(2, destination);
  view.setUint16(4, octets.length);
  octets.set(payload, 8);
  return octets;
}

/** UDP 1000 to 2000 between 2001:db8:1::1 and 2001:db8:2::1. */
export function packet6({ tos = 0 }: { readonly tos?: number } = {}): Uint8Array {
  const payload = udp(Uint8Array.of(1, 2, 3, 4));
  const octets = new Uint8Array(40 + payload.length);
  const view = new DataView(octets.buffer);
  view.setUint16(0, 0x6000 | (tos << 4));
  view.setUint16(4, payload.length);
  octets[6] = 17;
  octets[7] = 64;
  octets.set(ipToOctets(address("2001:db8:1::1")), 8);
  octets.set(ipToOctets(address("2001:db8:2::1")), 24);
  octets.set(payload, 40);
  return octets;
}

export function receiveFrom(member: Member, outer: Uint8Array, tos = 0) {
  return member.path.receive(outer, ipToOctets(LEFT), 4500, ipToOctets(RIGHT), tos);
}
