/**
 * The steps of a quick mode as somebody on the wire sees them: its three messages, and the first informational message
 * after them, by which the older SA is deleted. Pure. RFC 2409 section 5.5, RFC 2408 section 3.1.
 */

export const REKEY_STEPS = [1, 2, 3, 4] as const;
export type RekeyStep = (typeof REKEY_STEPS)[number];

const HEADER_OCTETS = 28;
const EXCHANGE_AT = 18;
const QUICK_MODE = 32;
const INFORMATIONAL = 5;
const LAST_MESSAGE = 3;

export class RekeySteps {
  /** Of each quick mode, its different messages so far; those that were there before us are not among them. */
  readonly #messages = new Map<string, Set<string>>();
  #isComplete = false;

  /** Which step a message is, a whole one without the marker of UDP 4500; `undefined` for others and repetitions. */
  see(message: Uint8Array): RekeyStep | undefined {
    if (message.length < HEADER_OCTETS) return undefined;
    const exchange = message[EXCHANGE_AT];
    if (exchange === INFORMATIONAL && this.#isComplete) {
      this.#isComplete = false;
      return 4;
    }
    if (exchange !== QUICK_MODE) return undefined;
    const exchangeName = text(message.subarray(0, 16)) + text(message.subarray(20, 24));
    const seen = this.#messages.get(exchangeName) ?? new Set<string>();
    this.#messages.set(exchangeName, seen);
    const content = text(message.subarray(HEADER_OCTETS));
    if (seen.has(content)) return undefined;
    seen.add(content);
    if (seen.size === LAST_MESSAGE) this.#isComplete = true;
    return REKEY_STEPS.find(each => each === seen.size && each <= LAST_MESSAGE);
  }
}

function text(octets: Uint8Array): string {
  return String.fromCharCode(...octets);
}
