/** The words of HSRP that operators and their tools match on, as IOS writes them. */
import { shortInterface } from "../command/interface-name.ts";
import type { HsrpState } from "./hsrp-message.ts";

/** In `show standby` and `%HSRP-5-STATECHANGE`. */
export const STATE_NAMES: Readonly<Record<HsrpState, string>> = {
  initial: "Init",
  learn: "Learn",
  listen: "Listen",
  speak: "Speak",
  standby: "Standby",
  active: "Active",
};

/** What a group without `standby name` is called. */
export function defaultGroupName(interfaceName: string, group: number): string {
  return `hsrp-${shortInterface(interfaceName)}-${group}`;
}
