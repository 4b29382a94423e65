/**
 * What a far end sees of IKE (V4): no message has two contents, whichever member sends it and however often. A main
 * mode has three messages of each side, a quick mode at most two, everything else one; behind them only the same octets
 * come again.
 */

const EXCHANGES: Readonly<Record<number, { readonly name: string; readonly messages: number }>> = {
  2: { name: "main mode", messages: 3 },
  5: { name: "informational", messages: 1 },
  32: { name: "quick mode", messages: 2 },
};

export class MessageWatch {
  /** By sender, cookies, exchange and message ID. */
  readonly #seen = new Map<string, Set<string>>();
  readonly #quickModes = new Set<string>();
  readonly #begun = new Map<string, number>();

  /** How many quick modes this end began. */
  quickModesOf(sender: string): number {
    return this.#begun.get(sender) ?? 0;
  }

  /** `sender` is one for both members of a pair. What is wrong with it, in words. */
  take(sender: string, octets: Uint8Array): string | undefined {
    const exchange = EXCHANGES[octets[18] ?? 0];
    if (exchange === undefined) return `${sender} sends an exchange of type ${octets[18]}`;
    this.#countQuickMode(sender, exchange.name, octets);
    // Before a main mode has both cookies nothing of it is held: another member may answer it by a cookie of its own.
    const key = `${sender} ${hex(octets.subarray(0, 16))} ${exchange.name} ${hex(octets.subarray(20, 24))}`;
    const contents = this.#seen.get(key) ?? new Set();
    this.#seen.set(key, contents.add(hex(octets)));
    if (contents.size <= exchange.messages) return undefined;
    return `${key}: ${contents.size} contents`;
  }

  #countQuickMode(sender: string, name: string, octets: Uint8Array): void {
    const id = hex(octets.subarray(0, 24));
    if (name !== "quick mode" || this.#quickModes.has(id)) return;
    this.#quickModes.add(id);
    this.#begun.set(sender, this.quickModesOf(sender) + 1);
  }
}

/** For people: the exchange, its message ID, the initiator's cookie. */
export function messageWords(octets: Uint8Array): string {
  const name = EXCHANGES[octets[18] ?? 0]?.name ?? "unknown exchange";
  return `${name} ${hex(octets.subarray(20, 24))} of ${hex(octets.subarray(0, 4))}, ${octets.length} octets`;
}

function hex(octets: Uint8Array): string {
  let text = "";
  for (const octet of octets) text += octet.toString(16).padStart(2, "0");
  return text;
}
