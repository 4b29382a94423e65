/** An ESP packet as the simulation sends it: the SPI, the number, and a tag that only who has the key can make. */
import type { ChildKeys } from "../../core/ipsec/child-sa.ts";
import { tokenDigest } from "../token-crypto.ts";

export interface EspToken {
  readonly spi: number;
  readonly sequence: number;
}

const NUMBERS = 8;
const TAG = 4;

export function sealEsp({ spi, cipherKey }: ChildKeys, sequence: number): Uint8Array {
  const octets = new Uint8Array(NUMBERS + TAG);
  const view = new DataView(octets.buffer);
  view.setUint32(0, spi);
  view.setUint32(4, sequence);
  octets.set(tagOf(octets, cipherKey.reveal()), NUMBERS);
  return octets;
}

/** What it claims to be. */
export function readEsp(octets: Uint8Array): EspToken {
  const view = new DataView(octets.buffer, octets.byteOffset);
  return { spi: view.getUint32(0), sequence: view.getUint32(4) };
}

export function isSealedBy(octets: Uint8Array, { cipherKey }: ChildKeys): boolean {
  const tag = tagOf(octets, cipherKey.reveal());
  return tag.every((octet, at) => octet === octets[NUMBERS + at]);
}

function tagOf(octets: Uint8Array, key: Uint8Array): Uint8Array {
  return tokenDigest([key, octets.subarray(0, NUMBERS)], TAG);
}
