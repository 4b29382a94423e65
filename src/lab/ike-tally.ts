/**
 * What a recorder between the gateways keeps of IKE, from its clear headers: how often somebody logged in, and how often
 * SAs were negotiated. It is what the far end saw, whoever the far end is. Pure. RFC 2408 section 3.1.
 */

export interface IkeTallied {
  /** Phase 1 exchanges begun: main mode, by its initiator's cookie. */
  readonly phase1: number;
  /** Quick modes begun, by cookies and message id. */
  readonly quickModes: number;
}

const HEADER_OCTETS = 28;
const EXCHANGE_AT = 18;
const MAIN_MODE = 2;
const QUICK_MODE = 32;

export class IkeTally {
  readonly #phase1 = new Set<string>();
  readonly #quickModes = new Set<string>();

  /** A whole message, without the marker of UDP 4500. What is sent again counts once. */
  see(message: Uint8Array): void {
    if (message.length < HEADER_OCTETS) return;
    const exchange = message[EXCHANGE_AT];
    if (exchange === MAIN_MODE) this.#phase1.add(text(message.subarray(0, 8)));
    if (exchange === QUICK_MODE) this.#quickModes.add(text(message.subarray(0, 16)) + text(message.subarray(20, 24)));
  }

  result(): IkeTallied {
    return { phase1: this.#phase1.size, quickModes: this.#quickModes.size };
  }
}

function text(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}
