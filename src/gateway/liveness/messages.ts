/** What crosses between the main thread and the liveness thread. Plain values: they are copied. */
import type { HsrpGroup } from "../../core/hsrp/hsrp-group.ts";
import type { SeenRouter } from "../../core/hsrp/hsrp-machine.ts";
import type { HsrpState } from "../../core/hsrp/hsrp-message.ts";
import type { HsrpRefusal } from "../../core/hsrp/hsrp-receive.ts";
import type { IpAddress, MacAddress } from "../../core/wire/address.ts";

/** Asked of the liveness thread; each gets one answer, in order. */
export type Ask =
  /** These are the groups from now on; whose interface has no carrier is not among `up`. */
  | { readonly kind: "configure"; readonly groups: readonly HsrpGroup[]; readonly up: readonly string[] }
  | { readonly kind: "snapshot" }
  | { readonly kind: "stop" };

export type Answer =
  | { readonly kind: "done" }
  | { readonly kind: "snapshot"; readonly groups: readonly GroupSnapshot[] };

/** Told by the liveness thread when it happens. */
export type Notice =
  | {
      readonly kind: "changed";
      readonly interface: string;
      readonly group: number;
      readonly from: HsrpState;
      readonly to: HsrpState;
    }
  | { readonly kind: "refused"; readonly interface: string; readonly because: HsrpRefusal; readonly detail: string }
  | { readonly kind: "trouble"; readonly text: string }
  | { readonly kind: "will"; readonly will: Will };

/**
 * What is to be done when this process dies: the addresses that must go, the frames that must be sent, the links that
 * must come down. In that order.
 */
export interface Will {
  readonly groups: readonly WillOfGroup[];
}

export interface WillOfGroup {
  readonly parentIndex: number;
  readonly addressIndex: number;
  readonly addresses: readonly string[];
  readonly resign: Uint8Array;
  /** Absent where the interface's own MAC address is used. */
  readonly virtualLink: number | undefined;
}

export interface GroupSnapshot {
  readonly group: HsrpGroup;
  readonly state: HsrpState;
  readonly changes: number;
  /** Milliseconds since the last change of state. */
  readonly sinceChangeMs: number;
  readonly virtualAddress: IpAddress | undefined;
  readonly virtualMac: MacAddress | undefined;
  readonly helloMs: number;
  readonly holdMs: number;
  readonly nextHelloMs: number | undefined;
  readonly priority: number;
  readonly active: SeenRouter | undefined;
  readonly activeExpiresMs: number | undefined;
  readonly standby: SeenRouter | undefined;
  readonly standbyExpiresMs: number | undefined;
  readonly refused: Readonly<Partial<Record<HsrpRefusal, number>>>;
}
