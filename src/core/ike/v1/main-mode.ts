/**
 * Main mode, both roles, with preshared keys: RFC 2409 section 5.4, and NAT detection of RFC 3947 within it.
 *
 * The table says what follows on what; `main-mode-actions.ts` does it. Until message 5 or 6 proves the peer, all that
 * it says might come from anybody: a message that does not fit is dropped and the true one waited for, so a forged
 * refusal ends nothing.
 */
import { type Refused, runRow } from "./exchange-rows.ts";
import type { MainMode, MainModeInput } from "./exchange-work.ts";
import type { Host } from "./host.ts";
import type { IkeSa } from "./ike-sa.ts";
import { MAIN_MODE_ACTIONS } from "./main-mode-actions.ts";
import { mainModeTable } from "./main-mode-table.ts";

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
