/**
 * Quick mode, both roles, with and without perfect forward secrecy: RFC 2409 section 5.5.
 *
 * The table says what follows on what; `quick-mode-actions.ts` does it. Everything here is under an authenticated IKE SA;
 * an authenticated peer may be hostile all the same, and gets no more than the crypto map's permits say.
 */
import type { Secret } from "../../crypto/secret.ts";
import type { Selector } from "../../wire/selector.ts";
import type { ComputeResult } from "../compute-job.ts";
import { type Refused, runRow } from "./exchange-rows.ts";
import type { Host } from "./host.ts";
import type { Exchange, IkeSa } from "./ike-sa.ts";
import type { Payloads } from "./payloads.ts";
import type { PhaseTwoChoice } from "./phase-two-proposals.ts";
import { QUICK_MODE_ACTIONS } from "./quick-mode-actions.ts";
import { type QuickModeEvent, type QuickModeState, quickModeTable } from "./quick-mode-table.ts";

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

const NOTHING = new Uint8Array(0);

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

/** Runs the row for an event, and the next one where nothing is to be computed. */
export function runQuickMode(
  host: Host,
  sa: IkeSa,
  exchange: Exchange,
  work: QuickMode,
  input: QuickModeInput,
): Refused | undefined {
  const turn = { host, sa, exchange, work, input };
  const ran = runRow(quickModeTable, work.state, input.event, action => QUICK_MODE_ACTIONS[action](turn));
  if (ran === "no row") return { refused: `${input.event} in ${work.state}`, quiet: true };
  if ("refused" in ran) return ran;
  host.debug(sa, () => `quick mode: ${work.state}, ${input.event} -> ${ran.next}`);
  work.state = ran.next;
  if (!work.ready) return undefined;
  work.ready = false;
  return runQuickMode(host, sa, exchange, work, { event: "ready" });
}

/** Nobody needs its secrets any more. */
export function forgetQuickMode(work: QuickMode): void {
  for (const secret of [work.ours.secret, work.shared]) secret?.wipe();
}
