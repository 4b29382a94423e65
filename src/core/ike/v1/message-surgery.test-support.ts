/** Messages in clear, taken apart and put together again in ways in which nobody means well. */
import { WireError } from "../../errors.ts";
import { clearPayloads, readMessage } from "./isakmp-message.ts";
import { chainOf, type Payload, type PayloadKind, typeOf } from "./payloads.ts";

const HEADER = 28;

/** A damaged message, with what was done to it. */
export type Variant = readonly [what: string, octets: Uint8Array];

export function payloadsOf(octets: Uint8Array): readonly Payload[] {
  const message = readMessage(octets);
  const payloads = message instanceof WireError ? message : clearPayloads(message);
  if (payloads instanceof WireError) throw payloads;
  return payloads.list;
}

/** The same header in front of other payloads, its length put right. */
export function withPayloads(octets: Uint8Array, payloads: readonly Payload[]): Uint8Array {
  const [first] = payloads;
  return withBody(octets, first === undefined ? 0 : typeOf(first.kind), chainOf(payloads));
}

export function withBody(octets: Uint8Array, firstPayload: number, body: Uint8Array): Uint8Array {
  const out = new Uint8Array(HEADER + body.length);
  out.set(octets.subarray(0, HEADER));
  out.set(body, HEADER);
  out[16] = firstPayload;
  new DataView(out.buffer).setUint32(24, out.length);
  return out;
}

/** One payload's body replaced. */
export function replaced(octets: Uint8Array, kind: PayloadKind, body: Uint8Array): Uint8Array {
  return withPayloads(
    octets,
    payloadsOf(octets).map(each => (each.kind === kind ? { kind, body } : each)),
  );
}

export function without(octets: Uint8Array, kind: PayloadKind): Uint8Array {
  return withPayloads(
    octets,
    payloadsOf(octets).filter(each => each.kind !== kind),
  );
}

export function doubled(octets: Uint8Array, kind: PayloadKind): Uint8Array {
  return withPayloads(
    octets,
    payloadsOf(octets).flatMap(each => (each.kind === kind ? [each, each] : [each])),
  );
}

/** Two neighbours change places, for each two. */
export function swaps(octets: Uint8Array): Variant[] {
  const list = payloadsOf(octets);
  return list.flatMap((each, at): Variant[] => {
    const next = list[at + 1];
    if (next === undefined || next.kind === each.kind) return [];
    const order = list.map((other, n) => (n === at ? next : n === at + 1 ? each : other));
    return [[`${each.kind} behind ${next.kind}`, withPayloads(octets, order)]];
  });
}

export function changed(octets: Uint8Array, at: number, ...to: number[]): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy.set(to, at);
  return copy;
}

export function filled(length: number, octet = 0): Uint8Array {
  return new Uint8Array(length).fill(octet);
}
