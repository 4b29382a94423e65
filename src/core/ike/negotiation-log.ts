/**
 * What an operator is told of negotiations, each line with peer and reason, and each about one peer at most every ten
 * seconds: whoever can send a packet could fill a log otherwise.
 */
import { log } from "../log/catalogue.ts";
import type { LogEvent } from "../log/message.ts";
import type { IpAddress } from "../wire/address.ts";
import { RateLimit } from "../wire/rate-limit.ts";
import type { Selector } from "../wire/selector.ts";
import { NO_SA } from "./decisions.ts";
import type { ExchangeHost } from "./v1/exchange-host.ts";
import type { Refused } from "./v1/exchange-rows.ts";
import { type IkeSa, peerText } from "./v1/ike-sa.ts";

const EVERY_MS = 10_000;
/** A peer with several networks may be refused as many at once: each is worth a line, a flood is not. */
const REFUSALS_AT_ONCE = 8;
/** Addresses that are remembered; of more than these, lines may come more often. */
const PEERS_MAX = 1_024;

export class NegotiationLog {
  readonly #host: ExchangeHost;
  readonly #limit = new RateLimit(EVERY_MS, PEERS_MAX);
  readonly #refusals = new RateLimit(EVERY_MS, PEERS_MAX, REFUSALS_AT_ONCE);

  constructor(host: ExchangeHost) {
    this.#host = host;
  }

  /** Always said: what this member did, or what only an authenticated peer can do at the price of a negotiation. */
  say(sa: IkeSa, event: LogEvent): void {
    this.#host.report(sa, event);
  }

  /** Of a peer that may be anybody. */
  complain(owner: string, remote: IpAddress, event: LogEvent): void {
    if (!this.#limit.allows(`${remote} ${event.mnemonic}`, this.#host.now)) return;
    this.#host.decisions.of(owner, NO_SA).push({ do: "report", event });
  }

  refused(sa: IkeSa, mode: "main" | "quick" | "informational", { refused, quiet }: Refused): void {
    this.#host.count("refusedUnauthenticated");
    this.#host.debug(sa, () => `${mode} mode: ${refused}`);
    if (quiet === true) return;
    if (mode === "informational")
      this.complain(sa.owner, sa.remote, log.ike.badMessage({ peer: peerText(sa), reason: refused }));
    else
      this.complain(
        sa.owner,
        sa.remote,
        log.ike.modeFailed({ mode: MODES[mode], peer: peerText(sa), reason: refused }),
      );
  }

  quickModeRefused(sa: IkeSa, { refused, asked }: Refused): void {
    this.#host.count("quickModeFailed");
    this.#host.debug(sa, () => `quick mode: ${refused}`);
    if (!this.#refusals.allows(sa.remote, this.#host.now)) return;
    if (asked === undefined) this.say(sa, log.ike.modeFailed({ mode: "Quick", peer: peerText(sa), reason: refused }));
    else {
      const [local, remote] = [endText(asked, "source"), endText(asked, "destination")];
      this.say(sa, log.ike.proxyIdentities({ peer: peerText(sa), local, remote, reason: refused }));
    }
  }
}

const MODES = { main: "Main", quick: "Quick" } as const;

function endText({ protocol, ...ends }: Selector, end: "source" | "destination"): string {
  const { addresses, ports } = ends[end];
  const span = addresses.first === addresses.last ? addresses.first : `${addresses.first}-${addresses.last}`;
  const [range] = ports;
  const all = range === undefined || (range.first === 0 && range.last === 65_535);
  return `${span}/${protocol === "any" ? 0 : protocol}/${all ? 0 : range.first}`;
}
