/**
 * When a request is sent again: after half a second, then twice as long each time up to five seconds, fourteen
 * sendings in all. A peer that has not answered by then is not there.
 *
 * Only who began an exchange repeats by the clock; who answers repeats when it is asked again, with the same octets.
 */

const FIRST_MS = 500;
const CAP_MS = 5_000;

export const MAX_SENDINGS = 14;

/** How long to wait for an answer after the `sendings`th sending of a request, from 1; `undefined`: no more. */
export function answerWaitMs(sendings: number): number | undefined {
  if (sendings >= MAX_SENDINGS) return sendings === MAX_SENDINGS ? CAP_MS : undefined;
  return Math.min(CAP_MS, FIRST_MS * 2 ** (sendings - 1));
}
