/**
 * What each action of main mode's table does. The first action of a message's row checks it as a whole before anything is
 * remembered.
 */
import { Secret } from "../../crypto/secret.ts";
import { log } from "../../log/catalogue.ts";
import type { Refused } from "./exchange-table.ts";
import type { Host } from "./host.ts";
import { type IkeSa, peerText } from "./ike-sa.ts";
import type { MainMode, MainModeInput } from "./main-mode.ts";
import type { MainModeAction } from "./main-mode-table.ts";

export interface MainTurn {
  readonly host: Host;
  readonly sa: IkeSa;
  readonly work: MainMode;
  readonly input: MainModeInput;
}

/** Octets of our nonces. RFC 2409 section 5 wants 8 to 256; more entropy than the hash yields is of no use. */
const NONCE_OCTETS = 32;
const NONCE_LEAST = 8;
const NONCE_MOST = 256;

export const MAIN_MODE_ACTIONS: Readonly<Record<MainModeAction, (turn: MainTurn) => Refused | undefined>> = {
  "send-offer": ({ host, sa, work }) => {
    const policies = host.book.settings.policies;
    work.offer = offerPhaseOne(policies);
    const vendors = OUR_VENDOR_IDS;
    host.request(sa, sa.main, plainMessage(sa, [sa_(work.offer), ...vendors]), false);
    return undefined;
  },

  choose: ({ host, sa, work, input }) => {
    const message = messageOf(input);
    const offered = message.one("sa");
    if (offered === undefined) return { refused: "no SA payload" };
    const chosen = choosePhaseOne(offered, host.book.settings.policies);
    if ("refused" in chosen) return chosen;
    work.offer = copy(offered);
    work.choice = chosen.answer;
    sa.policy = chosen.policy;
    notePeerVendors(sa, message);
    return undefined;
  },

  "send-choice": ({ host, sa, work }) => {
    host.answer(sa, sa.main, plainMessage(sa, [sa_(work.choice), ...answerVendorIds(sa.peer)]), false);
    return undefined;
  },
};
