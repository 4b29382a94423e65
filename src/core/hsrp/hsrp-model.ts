/** HSRP as configured, interface by interface. Times are milliseconds but where the name says seconds. */
import type { Ipv4, Ipv6, MacAddress } from "../wire/address.ts";
import type { Prefix } from "../wire/prefix.ts";

export interface HsrpInterfaceModel {
  version: 1 | 2;
  useBia: boolean;
  /** `standby delay`: how long the interface must be up before its groups start. */
  readonly delaySeconds: { minimum: number; reload: number };
  readonly groups: Map<number, HsrpGroupModel>;
}

export type HsrpAuthentication =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "md5-string"; readonly key: string; readonly timeoutSeconds: number | undefined }
  | { readonly kind: "md5-chain"; readonly chain: string };

export interface HsrpGroupModel {
  readonly number: number;
  /** `"learn"`: `standby ip` without an address takes it from the active. */
  address: Ipv4 | "learn" | undefined;
  readonly secondaries: Ipv4[];
  /** What hosts use as their gateway; where only globals are given it is made as by `autoconfig`. */
  ipv6LinkLocal: Ipv6 | "autoconfig" | undefined;
  /** In the order of entry; 128 where no length was given, host bits of zero where they are to be made. */
  readonly ipv6Globals: Prefix[];
  name: string | undefined;
  priority: number;
  preempt:
    | { readonly minimumSeconds: number; readonly reloadSeconds: number; readonly syncSeconds: number }
    | undefined;
  timers: { readonly helloMs: number; readonly holdMs: number };
  authentication: HsrpAuthentication | undefined;
  /** By tracking object. */
  readonly tracks: Map<number, { readonly decrement: number } | "shutdown">;
  macAddress: MacAddress | undefined;
  /** The name of the group whose state this one takes. */
  follow: string | undefined;
}

export const HSRP_DEFAULTS = { priority: 100, helloMs: 3_000, holdMs: 10_000, decrement: 10 } as const;

export function newHsrpInterface(): HsrpInterfaceModel {
  return { version: 1, useBia: false, delaySeconds: { minimum: 0, reload: 0 }, groups: new Map() };
}

export function newHsrpGroup(number: number): HsrpGroupModel {
  return {
    number,
    address: undefined,
    secondaries: [],
    ipv6LinkLocal: undefined,
    ipv6Globals: [],
    name: undefined,
    priority: HSRP_DEFAULTS.priority,
    preempt: undefined,
    timers: { helloMs: HSRP_DEFAULTS.helloMs, holdMs: HSRP_DEFAULTS.holdMs },
    authentication: undefined,
    tracks: new Map(),
    macAddress: undefined,
    follow: undefined,
  };
}
