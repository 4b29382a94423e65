/**
 * Every probe of one direction: when it was sent and how long it took, small enough to stand in a page by thousands.
 * Sender and receiver read one clock, so what a probe took is the way there alone. Pure.
 */

/** Of one process. In hundredths of a millisecond after an origin that both ends are given. */
export interface ProbeTimes {
  /** By number. */
  readonly sent: readonly number[];
  /** By number, of what was sent to it; `null` for those that did not arrive. May be shorter than what was sent. */
  readonly arrived: readonly (number | null)[];
}

export interface ProbeTrace {
  /** When each was sent, hundredths of a millisecond after the one before it; the first after the origin. */
  readonly sentAfter: readonly number[];
  /** How long each took, hundredths of a millisecond; -1 for those that never arrived. */
  readonly took: readonly number[];
}

const NEVER = -1;
const PER_MS = 100;

export function hundredths(ms: number): number {
  return Math.round(ms * PER_MS);
}

export function traceOf(sender: Pick<ProbeTimes, "sent">, receiver: Pick<ProbeTimes, "arrived">): ProbeTrace {
  return {
    sentAfter: sender.sent.map((at, number) => at - (sender.sent[number - 1] ?? 0)),
    took: sender.sent.map((at, number) => {
      const arrived = receiver.arrived[number] ?? undefined;
      return arrived === undefined ? NEVER : Math.max(0, arrived - at);
    }),
  };
}

/** One probe after the other, in milliseconds; `tookMs` is `null` for those that never arrived. */
export function pointsOf({ sentAfter, took }: ProbeTrace): { atMs: number[]; tookMs: (number | null)[] } {
  let at = 0;
  const atMs = sentAfter.map(step => {
    at += step;
    return at / PER_MS;
  });
  return { atMs, tookMs: took.map(each => (each === NEVER ? null : each / PER_MS)) };
}
