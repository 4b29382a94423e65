/** Numbers and parts as the octets that IKE hashes. */

export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** `undefined` where the octets are no such number. */
export function numberOf(octets: Uint8Array, most = 6): number | undefined {
  if (octets.length > most) return undefined;
  return octets.reduce((value, octet) => value * 256 + octet, 0);
}
