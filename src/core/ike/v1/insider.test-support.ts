/**
 * A peer that has the right keys and means harm: one end of a pair whose sealed messages are opened again on their way,
 * changed, proved anew and sealed.
 */
import { nodePrimitives } from "../../../linux/node-primitives.ts";
import type { HashAlgorithm, Primitives } from "../../crypto/primitives.ts";
import { IkeEngine } from "../engine.ts";
import { type End, OWNER, type Pair } from "../ike-pair.test-support.ts";
import type { IkeMessageDatagram } from "../ike-port.ts";
import { withBody } from "./message-surgery.test-support.ts";
import { chainOf, type Payload, Payloads, readPayloads, typeOf } from "./payloads.ts";

const AES_BLOCK = 16;
const FIRST_PAYLOAD_AT = 16;

/** Given all payloads of a message, those to send instead. A hash that is left as it was is made right. */
export type Change = (payloads: readonly Payload[]) => readonly Payload[];

export class Insider {
  /** By the number of the sealed message, from 1: what becomes of it. */
  readonly changes = new Map<number, Change>();
  /** Sealed messages so far, those that are sent again included. */
  sealed = 0;
  #cipher: { readonly key: Uint8Array; readonly iv: Uint8Array; readonly plain: Uint8Array } | undefined;
  #proof: { algorithm: HashAlgorithm; key: Uint8Array; parts: readonly Uint8Array[] } | undefined;

  constructor(pair: Pair, end: End) {
    end.engine = new IkeEngine({
      primitives: this.#spied(),
      facts: { usage: () => undefined, edgeToldMs: () => 0 },
      jitter: () => 0.5,
    });
    end.engine.handle({ kind: "configure", settings: end.settings }, 0);
    end.engine.handle({ kind: "role", owner: OWNER, role: "active", how: "start" }, 0);
    pair.lets = (from, datagram) => from !== end || this.#passes(pair, end, datagram);
  }

  #spied(): Primitives {
    return {
      ...nodePrimitives,
      hmac: (algorithm, key, ...parts) => {
        this.#proof = { algorithm, key: Uint8Array.from(key), parts: parts.map(each => Uint8Array.from(each)) };
        return nodePrimitives.hmac(algorithm, key, ...parts);
      },
      aesCbc: {
        ...nodePrimitives.aesCbc,
        encrypt: (key, iv, plain) => {
          this.#cipher = { key: Uint8Array.from(key), iv: Uint8Array.from(iv), plain: Uint8Array.from(plain) };
          return nodePrimitives.aesCbc.encrypt(key, iv, plain);
        },
      },
    };
  }

  #passes(pair: Pair, end: End, datagram: IkeMessageDatagram): boolean {
    if (this.#cipher === undefined || ((datagram.octets[19] ?? 0) & 1) === 0) return true;
    this.sealed += 1;
    const change = this.changes.get(this.sealed);
    if (change === undefined) return true;
    const octets = this.#changed(datagram.octets, change);
    pair.later(10, () => pair.deliver(pair.other(end), { ...datagram, octets }));
    return false;
  }

  #changed(octets: Uint8Array, change: Change): Uint8Array {
    if (this.#cipher === undefined) throw new Error("nothing was sealed");
    const { key, iv, plain } = this.#cipher;
    const payloads = readPayloads(octets[FIRST_PAYLOAD_AT] ?? 0, plain, true);
    if (!(payloads instanceof Payloads)) throw payloads;
    const list = this.#proved(payloads.list, change(payloads.list));
    const chain = chainOf(list);
    const filled = new Uint8Array(Math.max(1, Math.ceil(chain.length / AES_BLOCK)) * AES_BLOCK);
    filled.set(chain);
    const [first] = list;
    return withBody(octets, first ? typeOf(first.kind) : 0, nodePrimitives.aesCbc.encrypt(key, iv, filled));
  }

  /** Whichever hash was left as it was is computed again: over what follows it, and in main mode over the identity. */
  #proved(before: readonly Payload[], after: readonly Payload[]): readonly Payload[] {
    const kept = before.find(({ kind }) => kind === "hash");
    const quick = before[0] === kept;
    const over = quick ? chainOf(after.slice(1)) : after.find(({ kind }) => kind === "id")?.body;
    if (this.#proof === undefined || over === undefined || over.length === 0 || (quick && after[0] !== kept))
      return after;
    const { algorithm, key, parts } = this.#proof;
    const body = nodePrimitives.hmac(algorithm, key, ...parts.slice(0, -1), over);
    return after.map(each => (each === kept ? { ...each, body } : each));
  }
}
