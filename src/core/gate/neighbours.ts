/**
 * Whom a follower hears on its own segment, for `show`: nothing depends on it. Its leader's routers are seen
 * elsewhere, under other addresses.
 */
import type { SeenRouter } from "../hsrp/hsrp-machine.ts";
import type { HsrpMessage, HsrpState } from "../hsrp/hsrp-message.ts";
import type { IpAddress } from "../wire/address.ts";
import type { GroupSnapshot } from "./liveness-port.ts";

type Seen = Pick<GroupSnapshot, "active" | "activeExpiresMs" | "standby" | "standbyExpiresMs">;
type Kept = { readonly router: SeenRouter; readonly at: number };

export class Neighbours {
  #active: Kept | undefined;
  #standby: Kept | undefined;

  hear({ opcode, state, priority }: HsrpMessage, address: IpAddress, now: number): void {
    const kept = { router: { address, priority }, at: now };
    if (opcode === "hello" && state === "active") this.#active = kept;
    else if (opcode === "hello" && state === "standby") this.#standby = kept;
  }

  /** `own` is the state of the follower itself, who is none of its neighbours. */
  snapshot(own: HsrpState, holdMs: number, now: number): Seen {
    const left = (kept: Kept | undefined): number => (kept === undefined ? 0 : kept.at + holdMs - now);
    const active = own !== "active" && left(this.#active) > 0 ? this.#active : undefined;
    const standby = own !== "standby" && left(this.#standby) > 0 ? this.#standby : undefined;
    return {
      active: active?.router,
      activeExpiresMs: active && left(active),
      standby: standby?.router,
      standbyExpiresMs: standby && left(standby),
    };
  }
}
