/**
 * What a main mode and a quick mode remember while they are under way, and what one event brings them. It goes with the
 * exchange; what it leaves behind stands in the IKE SA and in the Child SA.
 */
import type { Secret } from "../../crypto/secret.ts";
import type { Selector } from "../../wire/selector.ts";
import type { ComputeResult } from "../compute-job.ts";
import type { IkeMessageDatagram } from "../ike-port.ts";
import type { PhaseOneFacts } from "./keys.ts";
import type { MainModeEvent, MainModeState } from "./main-mode-table.ts";
import type { Payloads } from "./payloads.ts";
import type { PhaseTwoChoice } from "./phase-two-proposals.ts";
import type { QuickModeEvent, QuickModeState } from "./quick-mode-table.ts";

const NOTHING = new Uint8Array(0);

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

/** Nobody needs its secrets any more. */
export function forgetMainMode(work: MainMode): void {
  for (const secret of [work.ours.secret, work.shared, work.root]) secret?.wipe();
}

/** Somebody wants a pair of Child SAs. */
export interface QuickRequest {
  readonly traffic: string;
  /** Source is our side. */
  readonly selector: Selector;
  /** Peers of the permit that did not answer this request. */
  readonly tried: number;
}

export interface QuickMode {
  readonly kind: "quick";
  state: QuickModeState;
  readonly begunAtMs: number;
  /** Of the side that began; `undefined` where the peer did. */
  readonly request: QuickRequest | undefined;
  traffic: string;
  selector: Selector | undefined;
  /** What we receive by. */
  spi: number;
  choice: PhaseTwoChoice | undefined;
  /** Bodies of IDci and IDcr as the initiator sent them; none where it left them out. */
  identities: readonly Uint8Array[];
  readonly ours: { public: Uint8Array; nonce: Uint8Array; secret: Secret | undefined };
  readonly theirs: { public: Uint8Array; nonce: Uint8Array };
  shared: Secret | undefined;
  /** The action before needs no computing: `ready` follows at once. */
  ready: boolean;
}

export interface QuickModeInput {
  readonly event: QuickModeEvent;
  readonly payloads?: Payloads | undefined;
  readonly lastBlock?: Uint8Array | undefined;
  readonly result?: ComputeResult | undefined;
}

export function newQuickMode(request: QuickRequest | undefined, now: number): QuickMode {
  return {
    kind: "quick",
    state: "idle",
    begunAtMs: now,
    request,
    traffic: request?.traffic ?? "",
    selector: request?.selector,
    spi: 0,
    choice: undefined,
    identities: [],
    ours: { public: NOTHING, nonce: NOTHING, secret: undefined },
    theirs: { public: NOTHING, nonce: NOTHING },
    shared: undefined,
    ready: false,
  };
}

/** Nobody needs its secrets any more. */
export function forgetQuickMode(work: QuickMode): void {
  for (const secret of [work.ours.secret, work.shared]) secret?.wipe();
}
