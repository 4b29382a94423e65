/**
 * The Diffie-Hellman groups that IKE may use here, by their number in IANA's registries. 2 and 5 are weak and used only
 * where the configuration names them; 22 to 24 have small subgroups and do not exist here.
 */

export interface DhGroup {
  readonly number: number;
  readonly kind: "modp" | "ecp";
  /** Octets of a public value in a KE payload, and of the shared secret. */
  readonly publicLength: number;
  readonly sharedLength: number;
}

const modp = (number: number, bits: number): DhGroup => ({
  number,
  kind: "modp",
  publicLength: bits / 8,
  sharedLength: bits / 8,
});

const ecp = (number: number, coordinate: number): DhGroup => ({
  number,
  kind: "ecp",
  publicLength: 2 * coordinate,
  sharedLength: coordinate,
});

const GROUPS: readonly DhGroup[] = [
  /** RFC 2409 section 6.2. */
  modp(2, 1024),
  /** RFC 3526. */
  modp(5, 1536),
  modp(14, 2048),
  modp(15, 3072),
  modp(16, 4096),
  /** RFC 5903. */
  ecp(19, 32),
  ecp(20, 48),
  ecp(21, 66),
];

const BY_NUMBER: ReadonlyMap<number, DhGroup> = new Map(GROUPS.map(group => [group.number, group]));

export function dhGroup(number: number): DhGroup | undefined {
  return BY_NUMBER.get(number);
}
