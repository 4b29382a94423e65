/**
 * Which of two members goes first, when both own the address and when both ask for it. The two compare the same
 * facts, so they come to opposite answers, always.
 */
import { compareIp } from "../wire/address.ts";
import type { Beacon } from "./beacon-codec.ts";

export type Claim = Pick<Beacon, "epoch" | "priority" | "address" | "boot"> & {
  readonly flags: Pick<Beacon["flags"], "hot" | "healthy">;
};

/** Above zero when `a` goes first. Owners: the higher epoch, whatever the priorities; those decide at equal epochs. */
export function compareOwners(a: Claim, b: Claim): number {
  return (
    a.epoch - b.epoch || a.priority - b.priority || compareIp(a.address, b.address) || compareOctets(a.boot, b.boot)
  );
}

/** Of two that ask, the one goes first that can take over at all, and holds everything. */
export function compareAskers(a: Claim, b: Claim): number {
  const healthier = Number(a.flags.healthy) - Number(b.flags.healthy);
  return healthier || Number(a.flags.hot) - Number(b.flags.hot) || compareOwners(a, b);
}

function compareOctets(a: Uint8Array, b: Uint8Array): number {
  for (const [at, octet] of a.entries()) {
    const difference = octet - (b[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
