/**
 * Messages in a stream of octets: a length of 32 bits, then the message. A length of zero is a keepalive. What is
 * longer than a message may be ends the stream, before anything of it is kept.
 */
import { MESSAGE_OCTETS_MAX } from "./peer-link.ts";

const HEADER = 4;

export const KEEPALIVE: Uint8Array = new Uint8Array(HEADER);

/** In memory of its own, so that the caller may reuse the message's. */
export function frameOf(message: Uint8Array): Uint8Array {
  const frame = new Uint8Array(HEADER + message.length);
  new DataView(frame.buffer).setUint32(0, message.length);
  frame.set(message, HEADER);
  return frame;
}

export class FrameReader {
  #waiting: Uint8Array[] = [];
  #count = 0;
  #failed = false;

  /** The messages that are whole now, each in memory of its own; `undefined` when the stream is broken, for ever. */
  take(octets: Uint8Array): Uint8Array[] | undefined {
    if (this.#failed) return undefined;
    this.#waiting.push(octets);
    this.#count += octets.length;
    const messages: Uint8Array[] = [];
    while (this.#count >= HEADER) {
      const head = this.#peek();
      const length = new DataView(head.buffer, head.byteOffset).getUint32(0);
      if (length > MESSAGE_OCTETS_MAX) {
        this.#failed = true;
        this.#waiting = [];
        return undefined;
      }
      if (this.#count < HEADER + length) break;
      const frame = this.#remove(HEADER + length);
      if (length > 0) messages.push(frame.subarray(HEADER));
    }
    return messages;
  }

  #peek(): Uint8Array {
    const [first = new Uint8Array(0)] = this.#waiting;
    if (first.length >= HEADER) return first;
    this.#waiting = [Buffer.concat(this.#waiting)];
    return this.#peek();
  }

  #remove(count: number): Uint8Array {
    const frame = new Uint8Array(count);
    for (let at = 0; at < count; ) {
      const [first = new Uint8Array(0)] = this.#waiting;
      const part = first.subarray(0, count - at);
      frame.set(part, at);
      at += part.length;
      if (part.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(part.length);
    }
    this.#count -= count;
    return frame;
  }
}
