/**
 * How new a record is: each that an active writes gets the next number, by which whoever holds a copy is measured. The
 * same octets written again are newer.
 */
export class Ledger {
  #last = 0;
  readonly #versions = new Map<string, number>();

  write(name: string, octets: Uint8Array): number {
    this.#last += 1;
    this.#versions.set(keyOf(name, octets), this.#last);
    return this.#last;
  }

  /** 0 of what nobody wrote. */
  versionOf(name: string, octets: Uint8Array): number {
    return this.#versions.get(keyOf(name, octets)) ?? 0;
  }
}

function keyOf(name: string, octets: Uint8Array): string {
  let key = `${name} `;
  for (const octet of octets) key += String.fromCharCode(octet);
  return key;
}
