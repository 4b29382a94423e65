/**
 * One request and its answers, apart from any socket: which messages are for it, when a dump must be asked for again,
 * how it ended.
 */
import { type SystemError, WireError } from "../../core/errors.ts";
import { Flag, MessageType } from "./constants.ts";
import { acknowledgementOf, decodeMessages, encodeMessage, type Message } from "./message.ts";
import { refusal } from "./refusal.ts";
import type { Request } from "./request.ts";

/** A dump that something changed meanwhile is read again; on a host that never stands still the last is good enough. */
export const DUMP_TRIES = 5;

/** One request and what has come back for it so far. */
export class Exchange<T> {
  readonly request: Request<T>;
  readonly #nextSequence: () => number;
  #sequence = 0;
  #tries = 0;
  #interrupted = false;
  #messages: Message[] = [];
  #outcome: SystemError | undefined;
  done = false;

  constructor(request: Request<T>, nextSequence: () => number) {
    this.request = request;
    this.#nextSequence = nextSequence;
  }

  /** The octets to send; forgets what came before. */
  begin(): Uint8Array {
    this.#sequence = this.#nextSequence();
    this.#tries += 1;
    this.#interrupted = false;
    this.#messages = [];
    const { type, flags, dump, body } = this.request;
    const all = Flag.request | flags | (dump ? Flag.dump : Flag.ack);
    return encodeMessage({ type, flags: all, sequence: this.#sequence, body });
  }

  /** Takes one datagram; true when it must be asked again. */
  accept(octets: Uint8Array): boolean {
    const messages = decodeMessages(octets);
    if (messages instanceof WireError) throw messages;
    for (const message of messages) {
      // An answer to a request that was given up.
      if (message.sequence !== this.#sequence) continue;
      if ((message.flags & Flag.dumpInterrupted) !== 0) this.#interrupted = true;
      if (message.type !== MessageType.error && message.type !== MessageType.done) {
        this.#messages.push(message);
        continue;
      }
      if (this.#interrupted && this.#tries < DUMP_TRIES) return true;
      const acknowledgement = acknowledgementOf(message);
      this.done = true;
      if (acknowledgement.errno !== 0 && !this.request.tolerate?.(acknowledgement)) {
        this.#outcome = refusal(this.request.doing, this.request.context, acknowledgement);
      }
    }
    return false;
  }

  result(): T {
    if (this.#outcome) throw this.#outcome;
    return this.request.answer(this.#messages);
  }
}
