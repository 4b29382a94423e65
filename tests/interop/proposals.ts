/** The same proposals in the words of both ends. */
import type { FarEnd } from "./far-end.ts";
import type { NearEnd } from "./near-end.ts";

export interface Row {
  readonly name: string;
  readonly near: NearEnd;
  readonly far: FarEnd;
}

const HASHES = { sha1: "sha", sha256: "sha256", sha512: "sha512" } as const;
const INTEGRITY = { sha1: "esp-sha-hmac", sha256: "esp-sha256-hmac", sha512: "esp-sha512-hmac" } as const;
const GROUPS = { 14: "modp2048", 15: "modp3072", 16: "modp4096", 19: "ecp256", 20: "ecp384" } as const;

export function row(
  bits: 128 | 256,
  hash: keyof typeof HASHES,
  group: keyof typeof GROUPS,
  pfs?: keyof typeof GROUPS,
): Row {
  const aes = bits === 128 ? "aes" : `aes ${bits}`;
  return {
    name: `AES-${bits} ${hash} group ${group}, PFS ${pfs ?? "off"}`,
    near: {
      policy: [`encryption ${aes}`, `hash ${HASHES[hash]}`, `group ${group}`],
      transforms: `esp-${aes} ${INTEGRITY[hash]}`,
      ...(pfs !== undefined && { pfs }),
    },
    far: {
      ike: `aes${bits}-${hash}-${GROUPS[group]}`,
      esp: `aes${bits}-${hash}${pfs === undefined ? "" : `-${GROUPS[pfs]}`}`,
    },
  };
}

export const PLAIN = row(128, "sha1", 14);
