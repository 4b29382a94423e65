/**
 * Signing beacons and believing them: HMAC-SHA256 under the pair's key, truncated to 16 octets. A ring of beacons
 * is encoded once; only the sequence number and the seal differ, so that a beacon costs one HMAC.
 */
import type { WireError } from "../errors.ts";
import { sameOctets } from "../hsrp/hsrp-auth.ts";
import { decode, encode } from "../wire/codec.ts";
import { utf8 } from "../wire/utf8.ts";
import { type Beacon, beacon, SEAL_LENGTH, SEQUENCE_AT } from "./beacon-codec.ts";
import type { LivenessPrimitives } from "./liveness-port.ts";

export type BeaconDraft = Omit<Beacon, "sequence" | "seal">;

/** Whole, but for the sequence number and the seal. */
export function draftBeacon(draft: BeaconDraft): Uint8Array {
  return encode(beacon, { ...draft, sequence: 0, seal: new Uint8Array(SEAL_LENGTH) });
}

export function sealBeacon(
  draft: Uint8Array,
  sequence: number,
  key: Uint8Array,
  hmac: LivenessPrimitives["hmac"],
): Uint8Array {
  const sealed = Uint8Array.from(draft);
  const view = new DataView(sealed.buffer);
  view.setUint32(SEQUENCE_AT, Math.floor(sequence / 2 ** 32));
  view.setUint32(SEQUENCE_AT + 4, sequence % 2 ** 32);
  const end = sealed.length - SEAL_LENGTH;
  sealed.set(hmac(key, sealed.subarray(0, end)).subarray(0, SEAL_LENGTH), end);
  return sealed;
}

/** The shape alone; who sent it is not known yet. */
export function readBeacon(octets: Uint8Array): Beacon | WireError {
  return decode(beacon, octets, "beacon");
}

export function isAuthentic(
  octets: Uint8Array,
  { seal }: Beacon,
  key: Uint8Array,
  hmac: LivenessPrimitives["hmac"],
): boolean {
  const end = octets.length - SEAL_LENGTH;
  return sameOctets(hmac(key, octets.subarray(0, end)).subarray(0, SEAL_LENGTH), seal);
}

/** Eight octets that stand for a scheme's name: they choose the key, and authenticate nothing. */
export function schemeTag(name: string, hash: LivenessPrimitives["hash"]): Uint8Array {
  return hash("sha256", utf8(`scheme ${name}`)).subarray(0, 8);
}
