/** IKE as configured: policies, preshared keys, keepalives. */
import type { IpAddress, Ipv4 } from "../wire/address.ts";

export interface IsakmpModel {
  /** By priority; 1 is tried first. */
  readonly policies: Map<number, IsakmpPolicy>;
  readonly keys: IsakmpKey[];
  keepalive:
    | { readonly seconds: number; readonly retrySeconds: number; readonly mode: "on-demand" | "periodic" }
    | undefined;
  identity: "address" | "hostname" | "dn";
  invalidSpiRecovery: boolean;
}

export type IsakmpCipher = "aes";
export type IsakmpHash = "sha" | "sha256" | "sha384" | "sha512";

export interface IsakmpPolicy {
  keyBits: 128 | 192 | 256;
  hash: IsakmpHash;
  authentication: "pre-share" | "rsa-sig";
  group: number;
  lifetimeSeconds: number;
}

export interface IsakmpKey {
  readonly key: string;
  readonly address: IpAddress;
  /** Absent for one address. */
  readonly mask: Ipv4 | undefined;
  readonly noXauth: boolean;
}

/** Not IOS's DES and group 1: what a policy leaves unsaid is modern. */
export const POLICY_DEFAULTS: Readonly<IsakmpPolicy> = {
  keyBits: 256,
  hash: "sha256",
  authentication: "rsa-sig",
  group: 14,
  lifetimeSeconds: 86_400,
};

export function emptyIsakmp(): IsakmpModel {
  return { policies: new Map(), keys: [], keepalive: undefined, identity: "address", invalidSpiRecovery: false };
}
