/**
 * Main mode, RFC 2409 section 5.4: six messages, of which the initiator sends the odd ones. A pair that has no row has
 * no effect; a message that comes again is answered with the same octets before this table is asked.
 *
 * `ready` comes when the Diffie-Hellman work that the action before asked for is done.
 */
import type { Row } from "./exchange-rows.ts";

export type MainModeState =
  | "idle"
  /** Initiator: message 1 is out. */
  | "offer-sent"
  | "key-making"
  /** Initiator: message 3 is out. */
  | "key-sent"
  | "agreeing"
  /** Initiator: message 5 is out. */
  | "proof-sent"
  /** Responder: message 2 is out, nothing is known of the peer but its offer. */
  | "choice-sent"
  | "answering"
  /** Responder: message 4 is out; the peer has shown that it hears us. */
  | "key-answered"
  | "established";

export type MainModeEvent = "start" | "ready" | `message-${1 | 2 | 3 | 4 | 5 | 6}`;

export type MainModeAction =
  | "send-offer"
  | "take-choice"
  | "make-key"
  | "send-key"
  | "take-key"
  | "agree"
  | "derive-keys"
  | "send-proof"
  | "check-proof"
  | "choose"
  | "send-choice"
  | "exchange-keys"
  | "answer-key"
  | "establish";

export const mainModeTable: readonly Row<MainModeState, MainModeEvent, MainModeAction>[] = [
  // in            on           do                                            then
  ["idle", "start", ["send-offer"], "offer-sent"],
  ["offer-sent", "message-2", ["take-choice", "make-key"], "key-making"],
  ["key-making", "ready", ["send-key"], "key-sent"],
  ["key-sent", "message-4", ["take-key", "agree"], "agreeing"],
  ["agreeing", "ready", ["derive-keys", "send-proof"], "proof-sent"],
  ["proof-sent", "message-6", ["check-proof", "establish"], "established"],

  ["idle", "message-1", ["choose", "send-choice"], "choice-sent"],
  ["choice-sent", "message-3", ["take-key", "exchange-keys"], "answering"],
  ["answering", "ready", ["derive-keys", "answer-key"], "key-answered"],
  ["key-answered", "message-5", ["check-proof", "send-proof", "establish"], "established"],
];

/** Which message of main mode a datagram would be for an SA in this state; `undefined` where none is awaited. */
export const awaitedMessage: Readonly<Partial<Record<MainModeState, MainModeEvent>>> = {
  "offer-sent": "message-2",
  "key-sent": "message-4",
  "proof-sent": "message-6",
  "choice-sent": "message-3",
  "key-answered": "message-5",
};
