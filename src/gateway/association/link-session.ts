/**
 * One stream to the other member: TLS 1.3 over what carries it, the first frame each way, then messages and keepalives
 * until it breaks, falls silent, or does not drain.
 *
 * The order is the security. TLS proves the peer's key; a key that cannot be trusted whatever follows gets nothing.
 * Then the end that opened says its hello with its proof, the other end judges it before it says its own, and neither
 * end counts the stream as open before the other has judged it. Silence counts only while this thread runs: whoever
 * stood still hears what waited first.
 */
import type { KeyObject } from "node:crypto";
import type { Duplex } from "node:stream";
import { connect, type SecureContext, TLSSocket } from "node:tls";
import { WireError } from "../../core/errors.ts";
import { decode, encode } from "../../core/wire/codec.ts";
import { fromUtf8, utf8 } from "../../core/wire/utf8.ts";
import { FrameReader, frameOf, KEEPALIVE } from "./message-frames.ts";
import { type StreamHello, streamHello } from "./stream-hello-codec.ts";

export const KEEPALIVE_MS = 50;
/** Of a stream that is open; five keepalives that did not come. The owner is told, and nothing ends yet. */
export const QUIET_MS = 250;
/** It ends: what comes back sooner goes on where it was, without everything being copied anew. */
const SILENCE_MS = 1_000;
/** From the first octet to the last hello. */
const HANDSHAKE_MS = 2_000;
/** A turn of the event loop that took longer says nothing about the peer. */
const TICK_MS_MAX = 2 * KEEPALIVE_MS;
/** What may wait to be sent. */
const WAITING_OCTETS_MAX = 8 * 1024 * 1024;
const HELLO_VERSION = 1;

/** What a session asks of the link that it belongs to. */
export interface SessionOwner {
  /** Before anything is said to this key. Why it is refused, whatever it proves. */
  refusesKey(key: KeyObject): string | undefined;
  /** This end's first frame. */
  hello(session: LinkSession): Pick<StreamHello, "binding" | "proof">;
  /** The other end's. Why it is refused. */
  judge(session: LinkSession, hello: Hello): string | undefined;
  opened(session: LinkSession): void;
  message(session: LinkSession, octets: Uint8Array): void;
  /** Nothing has come for `QUIET_MS` on a session that is open; `heard`: something comes again. */
  quiet(session: LinkSession): void;
  heard(session: LinkSession): void;
  /** Once, at last. `refused`: it was told nothing, and somebody should know. */
  ended(session: LinkSession, because: string, refused: boolean): void;
}

/** Why a session ended that never became one. */
export const HANDSHAKE_TOO_LONG = "the handshake took too long";

export interface Hello extends Pick<StreamHello, "binding" | "proof"> {
  readonly stream: string;
}

export interface SessionOptions {
  readonly carrier: Duplex;
  readonly context: SecureContext;
  /** The stream that this end opens; `undefined` where the other end opened it and will say. */
  readonly stream: string | undefined;
}

interface Traffic {
  messagesSent: number;
  messagesReceived: number;
  octetsSent: number;
  octetsReceived: number;
}

export class LinkSession {
  readonly traffic: Traffic = { messagesSent: 0, messagesReceived: 0, octetsSent: 0, octetsReceived: 0 };
  readonly opener: boolean;
  readonly #owner: SessionOwner;
  readonly #socket: TLSSocket;
  readonly #frames = new FrameReader();
  #stream: string;
  #key: KeyObject | undefined;
  #state: "handshake" | "hello" | "answered" | "open" | "ended" = "handshake";
  #silentMs = 0;
  #idleMs = 0;
  #quiet = false;
  #waitingOctets = 0;

  constructor(options: SessionOptions, owner: SessionOwner) {
    const { carrier, context, stream } = options;
    this.#owner = owner;
    this.opener = stream !== undefined;
    this.#stream = stream ?? "";
    this.#socket = this.opener ? clientOn(carrier, context) : serverOn(carrier, context);
    this.#socket.on("secure", () => this.#secured());
    this.#socket.on("data", octets => this.#received(octets));
    this.#socket.on("error", error => this.end(error.message));
    this.#socket.on("close", () => this.end("the other member closed it"));
    // TLS over another stream does not always hear of its end.
    carrier.on("error", error => this.end(error.message));
    carrier.on("close", () => this.end("the other member closed it"));
  }

  /** Known from the hello on. */
  get stream(): string {
    return this.#stream;
  }

  get open(): boolean {
    return this.#state === "open";
  }

  /** The peer's; known from the hello on. */
  get key(): KeyObject | undefined {
    return this.#key;
  }

  get silentMs(): number {
    return this.#silentMs;
  }

  get waitingOctets(): number {
    return this.#waitingOctets;
  }

  /** RFC 8446 section 7.5: what both ends of this session have, and nobody else. */
  exported(label: string): Uint8Array {
    return this.#socket.exportKeyingMaterial(32, `EXPORTER-understudy-${label}`, Buffer.alloc(0));
  }

  send(message: Uint8Array): boolean {
    if (this.#state !== "open") return false;
    if (this.#waitingOctets + message.length > WAITING_OCTETS_MAX) {
      this.end("the other member does not read");
      return false;
    }
    this.traffic.messagesSent += 1;
    this.traffic.octetsSent += message.length;
    this.#write(frameOf(message));
    return true;
  }

  /** Time has passed: `ms` since the last call. */
  tick(ms: number): void {
    const counted = Math.min(ms, TICK_MS_MAX);
    this.#silentMs += counted;
    this.#idleMs += counted;
    if (this.#state !== "open") {
      if (this.#silentMs >= HANDSHAKE_MS) this.end(HANDSHAKE_TOO_LONG);
      return;
    }
    if (this.#silentMs >= SILENCE_MS) {
      this.end(`nothing was heard for ${SILENCE_MS} ms`);
      return;
    }
    if (this.#idleMs >= KEEPALIVE_MS) this.#write(KEEPALIVE);
    if (this.#quiet || this.#silentMs < QUIET_MS) return;
    this.#quiet = true;
    this.#owner.quiet(this);
  }

  end(because: string, refused = false): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#socket.destroy();
    this.#owner.ended(this, because, refused);
  }

  #secured(): void {
    const key = this.#socket.getPeerX509Certificate()?.publicKey;
    const refusal = key === undefined ? "it showed no key" : this.#owner.refusesKey(key);
    if (refusal !== undefined) {
      this.end(refusal, true);
      return;
    }
    this.#key = key;
    this.#state = "hello";
    if (this.opener) this.#sayHello();
  }

  #sayHello(): void {
    const hello = { version: HELLO_VERSION, stream: utf8(this.#stream), extension: new Uint8Array(0) };
    this.#write(frameOf(encode(streamHello, { ...hello, ...this.#owner.hello(this) })));
  }

  #received(octets: Uint8Array): void {
    // The end that opened says nothing behind its hello before it has judged ours.
    if (this.#state === "answered") this.#isOpen();
    if (this.#state === "open") this.#heard();
    const messages = this.#frames.take(octets);
    if (messages === undefined) this.end("it sent a message that is too long", this.#state === "hello");
    for (const message of messages ?? []) this.#take(message);
  }

  #heard(): void {
    this.#silentMs = 0;
    if (!this.#quiet) return;
    this.#quiet = false;
    this.#owner.heard(this);
  }

  #take(message: Uint8Array): void {
    if (this.#state === "hello") this.#takeHello(message);
    else if (this.#state === "open") {
      this.traffic.messagesReceived += 1;
      this.traffic.octetsReceived += message.length;
      this.#owner.message(this, message);
    }
  }

  #takeHello(message: Uint8Array): void {
    const said = decode(streamHello, message, "stream-hello");
    const stream = said instanceof WireError ? "" : fromUtf8(said.stream);
    const refusal = said instanceof WireError ? said.message : this.#judged({ ...said, stream });
    if (refusal !== undefined) {
      this.end(refusal, true);
      return;
    }
    this.#stream = stream;
    if (this.opener) {
      this.#isOpen();
      this.#write(KEEPALIVE);
    } else {
      this.#state = "answered";
      this.#sayHello();
    }
  }

  #isOpen(): void {
    this.#state = "open";
    this.#silentMs = 0;
    this.#owner.opened(this);
  }

  #judged(hello: Hello): string | undefined {
    if (this.opener && hello.stream !== this.#stream) return "it answered for another stream";
    return this.#owner.judge(this, hello);
  }

  #write(octets: Uint8Array): void {
    this.#idleMs = 0;
    this.#waitingOctets += octets.length;
    this.#socket.write(octets, () => {
      this.#waitingOctets -= octets.length;
    });
  }
}

/** Who the peer is, is decided here by its key alone: no name, no date, no authority. */
const OURS = { requestCert: true, rejectUnauthorized: false } as const;

function clientOn(socket: Duplex, secureContext: SecureContext): TLSSocket {
  return connect({ socket, secureContext, ...OURS, checkServerIdentity: () => undefined });
}

function serverOn(socket: Duplex, secureContext: SecureContext): TLSSocket {
  return new TLSSocket(socket, { isServer: true, secureContext, ...OURS });
}
