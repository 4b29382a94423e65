/**
 * Quick mode, both roles, with and without perfect forward secrecy: RFC 2409 section 5.5.
 *
 * The table says what follows on what; `quick-mode-actions.ts` does it. Everything here is under an authenticated IKE
 * SA; an authenticated peer may be hostile all the same, and gets no more than the crypto map's permits say.
 */
import { type Refused, runRow } from "./exchange-rows.ts";
import type { QuickMode, QuickModeInput } from "./exchange-work.ts";
import type { Host } from "./host.ts";
import type { Exchange, IkeSa } from "./ike-sa.ts";
import { QUICK_MODE_ACTIONS } from "./quick-mode-actions.ts";
import { quickModeTable } from "./quick-mode-table.ts";

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
