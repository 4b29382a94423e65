/** Transform sets, crypto maps and the settings of IPsec, as configured. */
import type { IpAddress } from "../wire/address.ts";

export interface IpsecModel {
  readonly transformSets: Map<string, TransformSet>;
  /** By map name, then by sequence number. */
  readonly maps: Map<string, CryptoMap>;
  readonly dynamicMaps: Map<string, CryptoMap>;
  lifetimeSeconds: number | undefined;
  lifetimeKilobytes: number | undefined;
  replayWindow: number | "disabled" | undefined;
  dfBit: "clear" | "set" | "copy";
  fragmentation: "before-encryption" | "after-encryption";
  udpEncapsulation: "auto" | "always" | "never";
  /** `undefined` chooses. */
  dataPlane: "userspace" | undefined;
}

export type EspCipher =
  | { readonly kind: "aes-cbc" | "aes-gcm"; readonly bits: 128 | 192 | 256 }
  | { readonly kind: "chacha20" }
  | { readonly kind: "null" };
export type EspHash = "sha" | "sha256" | "sha384" | "sha512";

export interface TransformSet {
  readonly name: string;
  cipher: EspCipher;
  /** Absent with a cipher that authenticates by itself. */
  hash: EspHash | undefined;
  mode: "tunnel" | "transport";
}

export interface CryptoMap {
  readonly name: string;
  readonly entries: Map<number, CryptoMapEntry>;
  /** How often sequence edges are told to the standby, in packets. */
  replayInterval: { readonly inbound: number; readonly outbound: number } | undefined;
}

export interface CryptoMapEntry {
  readonly sequence: number;
  /** The dynamic map that the entry takes its peers from. */
  readonly dynamic: string | undefined;
  description: string | undefined;
  readonly peers: IpAddress[];
  readonly transformSets: string[];
  pfsGroup: number | undefined;
  lifetimeSeconds: number | undefined;
  lifetimeKilobytes: number | undefined;
  replayWindow: number | "disabled" | undefined;
  accessList: string | undefined;
  reverseRoute: ReverseRoute | undefined;
}

export interface ReverseRoute {
  /** The route stands as long as the map does, not only while there is an SA. */
  readonly static: boolean;
  readonly tag: number | undefined;
  readonly distance: number | undefined;
  readonly remotePeer: IpAddress | undefined;
}

/** A crypto map on an interface; several may stand, one for each HSRP group. */
export interface AppliedMap {
  readonly map: string;
  readonly redundancy: string | undefined;
  readonly stateful: boolean;
}

export const REPLAY_INTERVAL = { inbound: 1_000, outbound: 100_000 } as const;

export function emptyIpsec(): IpsecModel {
  return {
    transformSets: new Map(),
    maps: new Map(),
    dynamicMaps: new Map(),
    lifetimeSeconds: undefined,
    lifetimeKilobytes: undefined,
    replayWindow: undefined,
    dfBit: "copy",
    fragmentation: "before-encryption",
    udpEncapsulation: "auto",
    dataPlane: undefined,
  };
}

export function newMapEntry(sequence: number, dynamic: string | undefined): CryptoMapEntry {
  return {
    sequence,
    dynamic,
    description: undefined,
    peers: [],
    transformSets: [],
    pfsGroup: undefined,
    lifetimeSeconds: undefined,
    lifetimeKilobytes: undefined,
    replayWindow: undefined,
    accessList: undefined,
    reverseRoute: undefined,
  };
}
