/** What a group tells the operator about others on its segment, and how often: a stranger must not fill the log. */
import type { HsrpGroup } from "../hsrp/hsrp-group.ts";
import { STATE_NAMES } from "../hsrp/hsrp-names.ts";
import type { Received } from "../hsrp/hsrp-receive.ts";
import { log } from "../log/catalogue.ts";
import type { IpAddress } from "../wire/address.ts";
import { RateLimit } from "../wire/rate-limit.ts";
import type { Emit } from "./role-lease.ts";

const EVERY_MS = 60_000;
/** An active that answers every claim at once would be an amplifier. */
const ANNOUNCE_EVERY_MS = 1_000;

export class GroupAlarms {
  readonly #emit: Emit;
  readonly #alarms = new RateLimit(EVERY_MS);
  readonly #announcements = new RateLimit(ANNOUNCE_EVERY_MS);

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  refused(group: HsrpGroup, received: Extract<Received, { kind: "refused" }>, source: IpAddress, now: number): void {
    const { because, claim } = received;
    const { interface: name, group: number } = group.settings;
    if (because === "authentication" && this.#alarms.allows(`auth ${source}`, now)) {
      const state = STATE_NAMES[claim?.state ?? "initial"];
      this.#emit({ do: "report", event: log.hsrp.badAuthentication({ source, group: number, state }) });
    }
    if (because === "own-packet" && this.#alarms.allows("loop", now))
      this.#emit({ do: "report", event: log.hsrp.loop({ interface: name, group: number }) });
  }

  addressOfActive(group: HsrpGroup, theirs: IpAddress | undefined, now: number): void {
    const { interface: name, group: number, virtualAddress: ours } = group.settings;
    if (theirs === undefined || ours === undefined || theirs === ours || group.secondaries.includes(theirs)) return;
    if (!this.#alarms.allows("address", now)) return;
    this.#emit({ do: "report", event: log.hsrp.differentAddress({ interface: name, group: number, theirs, ours }) });
  }

  /** True when the address should be announced anew. */
  claimed(group: HsrpGroup, mac: string, now: number): boolean {
    const { interface: name, virtualAddress } = group.settings;
    if (this.#alarms.allows(`claim ${mac}`, now)) {
      const address = virtualAddress ?? "";
      this.#emit({ do: "report", event: log.hsrp.duplicateAddress({ address, interface: name, mac }) });
    }
    return this.#announcements.allows("announce", now);
  }
}
