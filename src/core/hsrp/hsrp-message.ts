/** What an HSRP packet says, whichever version carried it. The codecs are `hsrp-v1-codec.ts` and `hsrp-v2-codec.ts`. */
import type { IpAddress } from "../wire/address.ts";

/** RFC 2281 section 5.1; version 2 numbers them otherwise. */
export type HsrpState = "initial" | "learn" | "listen" | "speak" | "standby" | "active";
export type HsrpOpcode = "hello" | "coup" | "resign";

export interface HsrpMessage {
  readonly opcode: HsrpOpcode;
  readonly state: HsrpState;
  readonly group: number;
  /** 0 to 255. */
  readonly priority: number;
  readonly helloMs: number;
  readonly holdMs: number;
  /** `undefined` while the sender knows none. */
  readonly virtualAddress: IpAddress | undefined;
}
