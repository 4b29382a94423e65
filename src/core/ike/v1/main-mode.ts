/**
 * Main mode, both roles, with preshared keys: RFC 2409 section 5.4, and NAT detection of RFC 3947 within it.
 *
 * The table says what follows on what; `main-mode-actions.ts` does it. Until message 5 or 6 proves the peer, all that it
 * says might come from anybody: a message that does not fit is dropped and the true one waited for, so a forged refusal
 * ends nothing.
 */
import type { Secret } from "../../crypto/secret.ts";
import type { ComputeResult } from "../compute-job.ts";
import type { IkeMessageDatagram } from "../ike-port.ts";
import { type Refused, runRow } from "./exchange-rows.ts";
import type { Host } from "./host.ts";
import type { IkeSa } from "./ike-sa.ts";
import type { PhaseOneFacts } from "./keys.ts";
import { MAIN_MODE_ACTIONS } from "./main-mode-actions.ts";
import { type MainModeEvent, type MainModeState, mainModeTable } from "./main-mode-table.ts";
import type { Payloads } from "./payloads.ts";

export interface MainMode {
  readonly kind: "main";
  state: MainModeState;
  /** The body of the SA payload as the initiator sent it: it is part of what both prove. */
  offer: Uint8Array;
  /** The body of the responder's answer to it. */
  choice: Uint8Array;
  readonly ours: { public: Uint8Array; nonce: Uint8Array; secret: Secret | undefined };
  readonly theirs: { public: Uint8Array; nonce: Uint8Array };
  shared: Secret | undefined;
  facts: PhaseOneFacts | undefined;
  /** SKEYID, for the two proofs. */
  root: Secret | undefined;
  /** The peer said that it knows no other SA of ours. */
  initialContact: boolean;
}

/** What one event brings: the payloads of a message, or what was computed. */
export interface MainModeInput {
  readonly event: MainModeEvent;
  readonly payloads?: Payloads | undefined;
  /** Of an encrypted message: its last block. */
  readonly lastBlock?: Uint8Array | undefined;
  readonly responderCookie?: Uint8Array | undefined;
  readonly result?: ComputeResult | undefined;
  /** Where the message came from: once proved, that is where the peer is. */
  readonly from?: IkeMessageDatagram | undefined;
}

const NOTHING = new Uint8Array(0);

export function newMainMode(state: MainModeState = "idle"): MainMode {
  return {
    kind: "main",
    state,
    offer: NOTHING,
    choice: NOTHING,
    ours: { public: NOTHING, nonce: NOTHING, secret: undefined },
    theirs: { public: NOTHING, nonce: NOTHING },
    shared: undefined,
    facts: undefined,
    root: undefined,
    initialContact: false,
  };
}

/** Runs the row for an event; what was refused comes back for the engine to count and log. */
export function runMainMode(host: Host, sa: IkeSa, work: MainMode, input: MainModeInput): Refused | undefined {
  const ran = runRow(mainModeTable, work.state, input.event, action =>
    MAIN_MODE_ACTIONS[action]({ host, sa, work, input }),
  );
  if (ran === "no row") return { refused: `${input.event} in ${work.state}`, quiet: true };
  if ("refused" in ran) return ran;
  host.debug(sa, () => `main mode: ${work.state}, ${input.event} -> ${ran.next}`);
  work.state = ran.next;
  return undefined;
}

/** Nobody needs its secrets any more. */
export function forgetMainMode(work: MainMode): void {
  for (const secret of [work.ours.secret, work.shared, work.root]) secret?.wipe();
}
