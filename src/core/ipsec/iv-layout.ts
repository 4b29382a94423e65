/**
 * The explicit IV of a counter-mode cipher: 15 bits of epoch, one of member, 48 of a counter (RFC 6054 splits it the
 * same way). It does not depend on the sequence number.
 *
 * Two members never share the top bits, nor does one member in two epochs, so no IV is used twice under one key even
 * while both believe to be active. The epoch wraps after 2^15 takeovers; a key sees at most a few, because each
 * takeover is a jump of its sequence numbers and those end first. RFC 8750's implicit IVs could not promise this.
 */
import { invariant } from "../errors.ts";

export const IV_OCTETS = 8;
export const IV_COUNTER_LAST = 2 ** 48 - 1;
const EPOCHS = 2 ** 15;

/** The two gateways of a pair; a gateway without a peer is 0. */
export type Member = 0 | 1;

export interface IvParts {
  readonly epoch: number;
  readonly member: Member;
  readonly counter: number;
}

/** The top 16 bits. */
export function ivOwner(epoch: number, member: Member): number {
  invariant(epoch >= 0 && Number.isSafeInteger(epoch), `an epoch of ${epoch}`);
  return (epoch % EPOCHS) * 2 + member;
}

export function encodeIv({ epoch, member, counter }: IvParts): Uint8Array {
  invariant(counter >= 0 && counter <= IV_COUNTER_LAST, `an IV counter of ${counter}`);
  const octets = new Uint8Array(IV_OCTETS);
  const view = new DataView(octets.buffer);
  view.setUint16(0, ivOwner(epoch, member));
  view.setUint16(2, Math.floor(counter / 2 ** 32));
  view.setUint32(4, counter % 2 ** 32);
  return octets;
}

/** The epoch modulo 2^15. */
export function decodeIv(octets: Uint8Array): IvParts {
  invariant(octets.length === IV_OCTETS, `an IV of ${octets.length} octets`);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const owner = view.getUint16(0);
  return {
    epoch: owner >> 1,
    member: (owner & 1) === 0 ? 0 : 1,
    counter: view.getUint16(2) * 2 ** 32 + view.getUint32(4),
  };
}
