/**
 * Quick mode, RFC 2409 section 5.5: three messages under an established IKE SA make one pair of Child SAs. A pair that
 * has no row has no effect; a message that comes again is answered with the same octets before this table is asked.
 *
 * `ready` comes when the Diffie-Hellman work of perfect forward secrecy is done, at once where there is none. The
 * responder can receive from message 2 on and sends from message 3 on; valid ESP on its new SA says the same as message
 * 3, which may have been lost.
 */
import type { Row } from "./exchange-rows.ts";

export type QuickModeState =
  | "idle"
  | "making"
  /** Initiator: message 1 is out. */
  | "offer-sent"
  | "agreeing"
  /** Initiator: message 3 is out. */
  | "confirmed"
  | "answering"
  /** Responder: message 2 is out. */
  | "answered"
  | "done";

export type QuickModeEvent = "start" | "ready" | "message-1" | "message-2" | "message-3" | "used";

export type QuickModeAction =
  | "make-key"
  | "send-offer"
  | "take-answer"
  | "agree"
  | "install"
  | "send-confirmation"
  | "choose"
  | "exchange-keys"
  | "send-answer"
  | "check-confirmation"
  | "enable";

export const quickModeTable: readonly Row<QuickModeState, QuickModeEvent, QuickModeAction>[] = [
  // in          on           do                                                     then
  ["idle", "start", ["make-key"], "making"],
  ["making", "ready", ["send-offer"], "offer-sent"],
  ["offer-sent", "message-2", ["take-answer", "agree"], "agreeing"],
  ["agreeing", "ready", ["install", "send-confirmation", "enable"], "confirmed"],

  ["idle", "message-1", ["choose", "exchange-keys"], "answering"],
  ["answering", "ready", ["install", "send-answer"], "answered"],
  ["answered", "message-3", ["check-confirmation", "enable"], "done"],
  ["answered", "used", ["enable"], "done"],
];

export const awaitedQuickMessage: Readonly<Partial<Record<QuickModeState, QuickModeEvent>>> = {
  idle: "message-1",
  "offer-sent": "message-2",
  answered: "message-3",
};
