/**
 * Hashes for the simulation: as long as the real ones, a hundred times faster, and as good as long as nobody in the
 * simulation tries to break them. The attackers do not; they lack the key or they have it.
 */

export function tokenHash(algorithm: "md5" | "sha256", octets: Uint8Array): Uint8Array {
  return tokenDigest([octets], algorithm === "md5" ? 16 : 32);
}

export function tokenHmac(key: Uint8Array, octets: Uint8Array): Uint8Array {
  return tokenDigest([key, octets, key], 32);
}

/** FNV-1a, which then runs on to as many octets as are asked for. */
export function tokenDigest(parts: readonly Uint8Array[], length: number): Uint8Array {
  let state = 0x811c9dc5;
  for (const part of parts) {
    for (let at = 0; at < part.length; at++) state = Math.imul(state ^ (part[at] ?? 0), 0x01000193);
    state = Math.imul(state ^ part.length, 0x85ebca6b);
  }
  const out = new Uint8Array(length);
  for (let at = 0; at < length; at++) {
    state = Math.imul(state ^ (state >>> 15), 0x85ebca6b);
    out[at] = state >>> 24;
  }
  return out;
}
