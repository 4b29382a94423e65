/**
 * How long an SA lives, by the clock and by what it carries, and when it is to be renewed: somewhat before, by a part
 * that differs from SA to SA, so that ten thousand tunnels made together are not renewed together.
 *
 * A hard limit ends an SA whatever happens. A failover never extends one: what is left is handed over as a duration,
 * and only shrinks.
 */
import type { SaLimits } from "./security-association.ts";

export interface SaLifetime {
  readonly seconds: number;
  readonly kilobytes: number | undefined;
  readonly packets: number | undefined;
}

/** IOS's: an hour and 4,608,000 kilobytes. Packets are not limited unless the sequence numbers are. */
export const DEFAULT_LIFETIME: SaLifetime = { seconds: 3_600, kilobytes: 4_608_000, packets: undefined };

/** Renewal begins when this part of a lifetime is used up, and up to `SOFT_SPREAD` more. */
const SOFT_FROM = 0.8;
const SOFT_SPREAD = 0.1;

export interface LimitsFrom {
  readonly lifetime: SaLifetime;
  /** At least 0 and below 1, a random number of this SA's own. */
  readonly jitter: number;
  readonly nowMs: number;
}

/** What the data plane watches, and when the clock says that it is time for a new one. */
export function limitsFrom({ lifetime, jitter, nowMs }: LimitsFrom): { limits: SaLimits; softAtMs: number } {
  const part = SOFT_FROM + SOFT_SPREAD * jitter;
  const soft = (amount: number | undefined): number | undefined =>
    amount === undefined ? undefined : Math.floor(amount * part);
  const octets = lifetime.kilobytes === undefined ? undefined : lifetime.kilobytes * 1_024;
  return {
    limits: {
      softOctets: soft(octets),
      hardOctets: octets,
      softPackets: soft(lifetime.packets),
      hardPackets: lifetime.packets,
      hardAtMs: nowMs + lifetime.seconds * 1_000,
    },
    softAtMs: nowMs + Math.floor(lifetime.seconds * 1_000 * part),
  };
}

export interface Remaining {
  readonly milliseconds: number | undefined;
  readonly kilobytes: number | undefined;
}

/** What `show` prints as `remaining key lifetime (k/sec)`, and what is handed to a successor. */
export function remaining(limits: SaLimits, octets: number, nowMs: number): Remaining {
  const { hardAtMs, hardOctets } = limits;
  return {
    milliseconds: hardAtMs === undefined ? undefined : Math.max(0, hardAtMs - nowMs),
    kilobytes: hardOctets === undefined ? undefined : Math.max(0, Math.floor((hardOctets - octets) / 1_024)),
  };
}
