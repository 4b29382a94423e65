/**
 * The chain of payloads behind an ISAKMP header: each says how long it is and what comes next (RFC 2408 section 3.2).
 *
 * Reading bounds the chain, and how often each payload may stand in it; what a payload says is for its codec, once it
 * is wanted. Payloads of private use are left out; any other that IKEv1 does not have, those of IKEv2 among them,
 * refuses the message.
 */
import { WireError } from "../../errors.ts";
import { Reader, u8, u16, Writer } from "../../wire/codec.ts";

/** Type on the wire, and how many one message may have. */
const PAYLOADS = {
  sa: [1, 1],
  ke: [4, 1],
  id: [5, 2],
  cert: [6, 8],
  certreq: [7, 8],
  hash: [8, 1],
  sig: [9, 1],
  nonce: [10, 1],
  notify: [11, 20],
  delete: [12, 20],
  vendor: [13, 20],
  natd: [20, 8],
  natoa: [21, 4],
  /** Of the drafts before RFC 3947. */
  "natd-draft": [130, 8],
  "natoa-draft": [131, 4],
} as const satisfies Readonly<Record<string, readonly [type: number, most: number]>>;

export type PayloadKind = keyof typeof PAYLOADS;

export interface Payload {
  readonly kind: PayloadKind;
  /** Without the generic header. */
  readonly body: Uint8Array;
}

const KIND_OF: ReadonlyMap<number, PayloadKind> = new Map(
  Object.entries(PAYLOADS).map(([kind, [type]]) => [type, kind as PayloadKind]),
);
const PAYLOADS_MAX = 100;
const PRIVATE_USE = 128;
const GENERIC_HEADER = 4;
/** What ciphers of 16 octets need, and what some peers add to it. */
const PADDING_MAX = 255;

/** The payloads of one message, in their order. */
export class Payloads {
  readonly list: readonly Payload[];
  /** The octets of the whole chain, padding left out. */
  readonly #chain: Uint8Array;

  constructor(list: readonly Payload[], chain: Uint8Array) {
    this.list = list;
    this.#chain = chain;
  }

  /** The body of the first of a kind. */
  one(kind: PayloadKind): Uint8Array | undefined {
    return this.list.find(each => each.kind === kind)?.body;
  }

  all(kind: PayloadKind): Uint8Array[] {
    return this.list.filter(each => each.kind === kind).map(each => each.body);
  }

  /** The body of a hash that stands first, where RFC 2409 section 5.5 wants it. */
  get leadingHash(): Uint8Array | undefined {
    const [first] = this.list;
    return first?.kind === "hash" ? first.body : undefined;
  }

  /** What such a hash is over: all that follows it, generic headers included. */
  get behindLeadingHash(): Uint8Array {
    const [first] = this.list;
    return this.#chain.subarray(GENERIC_HEADER + (first?.body.length ?? 0));
  }
}

/** `first` is the header's. `padded`: the octets were encrypted, and may end in some that mean nothing. */
export function readPayloads(first: number, octets: Uint8Array, padded: boolean): Payloads | WireError {
  const reader = new Reader(octets, "isakmp");
  try {
    const list = readChain(first, reader);
    const length = octets.length - reader.remaining;
    if (reader.remaining > (padded ? PADDING_MAX : 0)) reader.end();
    return new Payloads(list, octets.subarray(0, length));
  } catch (error) {
    if (error instanceof WireError) return error;
    throw error;
  }
}

/** Payloads with their generic headers. */
export function chainOf(payloads: readonly Payload[]): Uint8Array {
  const writer = new Writer();
  for (const [at, { body }] of payloads.entries()) {
    const next = payloads[at + 1];
    u8.encode(writer, next === undefined ? 0 : typeOf(next.kind));
    u8.encode(writer, 0);
    u16.encode(writer, body.length + GENERIC_HEADER);
    writer.put(body);
  }
  return writer.finish();
}

export function typeOf(kind: PayloadKind): number {
  return PAYLOADS[kind][0];
}

function readChain(first: number, reader: Reader): Payload[] {
  const list: Payload[] = [];
  const counts = new Map<PayloadKind, number>();
  let type = first;
  for (let read = 0; type !== 0; read++) {
    if (read === PAYLOADS_MAX) throw reader.fault("bad-value", `more than ${PAYLOADS_MAX} payloads`);
    const kind = KIND_OF.get(type);
    if (kind === undefined && type < PRIVATE_USE) throw reader.fault("bad-value", `payload type ${type}`);
    const { next, body } = reader.at(kind ?? `private-${type}`, readPayload);
    type = next;
    if (kind === undefined) continue;
    const count = (counts.get(kind) ?? 0) + 1;
    if (count > PAYLOADS[kind][1]) throw reader.fault("bad-value", `more than ${PAYLOADS[kind][1]} of ${kind}`);
    counts.set(kind, count);
    list.push({ kind, body });
  }
  return list;
}

function readPayload(reader: Reader): { next: number; body: Uint8Array } {
  const next = u8.decode(reader);
  u8.decode(reader);
  const offset = reader.offset;
  const length = u16.decode(reader);
  reader.demand(length >= GENERIC_HEADER, "length", offset, `${length}, at least ${GENERIC_HEADER} needed`);
  return { next, body: reader.take(length - GENERIC_HEADER) };
}
