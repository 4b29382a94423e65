/**
 * Hashes for the simulation: as long as the real ones, a hundred times faster, and as good as long as nobody in the
 * simulation tries to break them. The attackers do not; they lack the key or they have it.
 */

export function tokenHash(algorithm: "md5" | "sha256", octets: Uint8Array): Uint8Array {
  return digest([octets], algorithm === "md5" ? 16 : 32);
}

export function tokenHmac(key: Uint8Array, octets: Uint8Array): Uint8Array {
  return digest([key, octets, key], 32);
}

/** FNV-1a in two lanes, which then run on to as many octets as are asked for. */
function digest(parts: readonly Uint8Array[], length: number): Uint8Array {
  let a = 0x811c9dc5;
  let b = 0x1b873593;
  for (const part of parts) {
    a = Math.imul(a ^ part.length, 0x01000193);
    for (let at = 0; at < part.length; at++) {
      const octet = part[at] ?? 0;
      a = Math.imul(a ^ octet, 0x01000193);
      b = Math.imul(b + octet, 0x85ebca6b) ^ (b >>> 15);
    }
  }
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    a = Math.imul(a ^ (b >>> 24), 0x01000193);
    b = Math.imul(b + a, 0x85ebca6b) ^ (b >>> 13);
    out[at] = (a ^ b) >>> 24;
  }
  return out;
}
