/**
 * Main mode, both roles, with preshared keys: RFC 2409 section 5.4, and NAT detection of RFC 3947 within it.
 *
 * Each action of the table is a function here that looks at the message, then at nothing else, and remembers only what
 * it has checked. Until message 5 or 6 proves the peer, all that it says might come from anybody: a message that does not fit
 * is dropped and the true one waited for, so a forged refusal ends nothing.
 *
 * Signatures have their place in `proofOf` and `awaitedProof`; they come with certificates.
 */
import { Secret } from "../../crypto/secret.ts";
import { log } from "../../log/catalogue.ts";
import { utf8 } from "../../wire/utf8.ts";
import type { ComputeResult } from "../compute-job.ts";
import type { IsakmpPolicy } from "../isakmp-model.ts";
import type { Refused } from "./exchange-table.ts";
import { runRow } from "./exchange-table.ts";
import type { Host } from "./host.ts";
import { type Exchange, type IkeSa, peerText } from "./ike-sa.ts";
import { type MainModeAction, type MainModeEvent, type MainModeState, mainModeTable } from "./main-mode-table.ts";

export interface MainMode {
  readonly kind: "main";
  state: MainModeState;
  /** The body of the SA payload as the initiator sent it: it is part of what both prove. */
  offer: Uint8Array;
  /** The responder's answer to it. */
  choice: Uint8Array;
  readonly ours: { public: Uint8Array; nonce: Uint8Array; private: Secret | undefined };
  readonly theirs: { public: Uint8Array; nonce: Uint8Array };
  shared: Secret | undefined;
  /** Of SKEYID, for the two proofs. */
  root: Secret | undefined;
  /** A wrong proof is logged once for each attempt, not for each retransmission. */
  complained: boolean;
}

/** What one event brings: a message's payloads, or what was computed. */
export interface MainModeInput {
  readonly event: MainModeEvent;
  readonly message?: PlainMessage | undefined;
  readonly result?: ComputeResult | undefined;
}

export function newMainMode(): MainMode {
  return {
    kind: "main",
    state: "idle",
    offer: NOTHING,
    choice: NOTHING,
    ours: { public: NOTHING, nonce: NOTHING, private: undefined },
    theirs: { public: NOTHING, nonce: NOTHING },
    shared: undefined,
    root: undefined,
    complained: false,
  };
}

/** Runs the row for an event; what was refused comes back for the engine to count and log. */
export function runMainMode(host: Host, sa: IkeSa, work: MainMode, input: MainModeInput): Refused | undefined {
  const ran = runRow(mainModeTable, work.state, input.event, action => ACTIONS[action]({ host, sa, work, input }));
  if (ran === "no row") return { refused: `${input.event} in ${work.state}`, quiet: true };
  if ("refused" in ran) return ran;
  work.state = ran.then;
  return undefined;
}
