/**
 * Streams of octets over one SCTP association. Each uses one SCTP stream, which keeps its order whatever happens to the
 * others; the payload protocol identifier says which use of that stream a message belongs to, so that one may end and
 * the next begin on the same number: twice the count of uses, and one more on the message that ends it.
 */
import { Duplex } from "node:stream";
import { Received, type SctpEndpoint } from "./sctp-addon.ts";
import { errorCode } from "./system-call.ts";

/** No stream holds the others up for longer than one of these takes. */
const MESSAGE_OCTETS = 8_192;
const BUFFER_OCTETS = 65_536;
/** What one turn of the event loop takes, so that the timers of this thread keep their time. */
const MESSAGES_A_TURN = 256;
export const SCTP_STREAMS = 64;
const END_OCTET = new Uint8Array(1);

export interface AssociationOwner {
  stream(stream: Duplex): void;
  ended(association: SctpAssociation): void;
}

interface Waiting {
  readonly word: number;
  readonly octets: Uint8Array;
  readonly sent: (error?: Error | null) => void;
}

class SctpStream extends Duplex {
  readonly number: number;
  readonly use: number;
  readonly waiting: Waiting[] = [];
  readonly #association: SctpAssociation;
  endedByPeer = false;

  constructor(association: SctpAssociation, number: number, use: number) {
    super({ allowHalfOpen: false });
    this.#association = association;
    this.number = number;
    this.use = use;
    // Whoever opened it hears of the end by `close`.
    this.on("error", () => {});
  }

  override _read(): void {}

  override _write(octets: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    for (let at = 0; at < octets.length; at += MESSAGE_OCTETS) {
      const part = octets.subarray(at, at + MESSAGE_OCTETS);
      const last = at + MESSAGE_OCTETS >= octets.length;
      this.waiting.push({ word: 2 * this.use, octets: part, sent: last ? done : () => {} });
    }
    if (octets.length === 0) done();
    this.#association.flush();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    for (const { sent } of this.waiting.splice(0)) sent(new Error("the stream is closed"));
    this.#association.left(this);
    done(error);
  }
}

export class SctpAssociation {
  readonly #endpoint: SctpEndpoint;
  readonly #owner: AssociationOwner;
  readonly #opens: boolean;
  readonly #streams = new Map<number, SctpStream>();
  /** By number: how often it was used. */
  readonly #uses = new Map<number, number>();
  readonly #ends: { readonly number: number; readonly word: number }[] = [];
  readonly #buffer = new Uint8Array(BUFFER_OCTETS);
  readonly #meta = new Int32Array(3);
  #state: "connecting" | "up" | "over";

  /** `opens`: this end connects, and opens the streams. */
  constructor(endpoint: SctpEndpoint, opens: boolean, owner: AssociationOwner) {
    this.#endpoint = endpoint;
    this.#opens = opens;
    this.#owner = owner;
    this.#state = opens ? "connecting" : "up";
  }

  get up(): boolean {
    return this.#state === "up";
  }

  get endpoint(): SctpEndpoint {
    return this.#endpoint;
  }

  get streams(): number {
    return this.#streams.size;
  }

  open(): Duplex {
    const number = Array.from({ length: SCTP_STREAMS }, (_, at) => at).find(each => !this.#streams.has(each));
    if (number === undefined) return new SctpStream(this, -1, 0).destroy();
    return this.#begun(number, (this.#uses.get(number) ?? 0) + 1);
  }

  /** Something happened to this endpoint or another: takes what came, sends what waits. */
  turn(): void {
    for (let count = 0; this.#state !== "over"; count++) {
      if (count === MESSAGES_A_TURN) {
        setImmediate(() => this.turn());
        return;
      }
      if (!this.#receive()) break;
    }
    this.flush();
  }

  flush(): void {
    while (this.#ends.length > 0 && this.up) {
      const [{ number, word }] = this.#ends as [{ number: number; word: number }];
      if (!this.#send(number, word, END_OCTET)) return;
      this.#ends.shift();
    }
    for (let moved = true; moved && this.up; ) {
      moved = false;
      for (const stream of [...this.#streams.values()]) {
        const [first] = stream.waiting;
        if (first === undefined) continue;
        if (!this.#send(stream.number, first.word, first.octets)) return;
        stream.waiting.shift();
        first.sent();
        moved = true;
      }
    }
  }

  left(stream: SctpStream): void {
    if (this.#streams.get(stream.number) !== stream) return;
    this.#streams.delete(stream.number);
    if (this.#state === "over" || stream.endedByPeer) return;
    this.#ends.push({ number: stream.number, word: 2 * stream.use + 1 });
    this.flush();
  }

  end(): void {
    if (this.#state === "over") return;
    this.#state = "over";
    this.#breakStreams();
    this.#endpoint.close();
    this.#owner.ended(this);
  }

  /** False when nothing waits any more. */
  #receive(): boolean {
    let length = -1;
    try {
      length = this.#endpoint.receive(this.#buffer, this.#meta);
    } catch (error) {
      if (errorCode(error) === "ENOTCONN" && this.#state === "connecting") return false;
      if (errorCode(error) === undefined) throw error;
      this.end();
      return false;
    }
    if (length < 0) return false;
    const [what, number = 0, word = 0] = this.#meta;
    if (what === Received.data) this.#take(number, word >>> 0, length);
    else if (what === Received.up) this.#state = "up";
    else if (what === Received.lost) this.end();
    else if (what === Received.restarted) this.#restarted();
    return true;
  }

  #take(number: number, word: number, length: number): void {
    const use = Math.floor(word / 2);
    const ends = word % 2 === 1;
    const known = this.#uses.get(number) ?? 0;
    if (use < known || (use > known && (this.#opens || ends))) return;
    let stream = this.#streams.get(number);
    if (use > known) {
      stream?.destroy();
      stream = this.#begun(number, use);
      this.#owner.stream(stream);
    }
    if (stream === undefined) return;
    if (!ends) {
      stream.push(Buffer.from(this.#buffer.subarray(0, length)));
      return;
    }
    stream.endedByPeer = true;
    stream.destroy();
  }

  #begun(number: number, use: number): SctpStream {
    const stream = new SctpStream(this, number, use);
    this.#uses.set(number, use);
    this.#streams.set(number, stream);
    return stream;
  }

  /** The peer's stack began anew on the same addresses and ports: what was under way is gone. */
  #restarted(): void {
    this.#breakStreams();
    this.#uses.clear();
    this.#ends.length = 0;
  }

  #breakStreams(): void {
    for (const stream of [...this.#streams.values()]) {
      stream.endedByPeer = true;
      stream.destroy();
    }
  }

  /** False where there is no room, or no association any more. */
  #send(number: number, word: number, octets: Uint8Array): boolean {
    try {
      return this.#endpoint.send(number, word, octets) >= 0;
    } catch (error) {
      if (errorCode(error) === undefined) throw error;
      this.end();
      return false;
    }
  }
}
