/** Access lists, as configured: what a crypto map protects. */
import type { Ipv4 } from "../wire/address.ts";

export type AclName = string;

export interface AccessList {
  readonly name: AclName;
  /** By sequence number, in steps of ten as IOS gives them. */
  readonly entries: AclEntry[];
}

export type AclEntry =
  | { readonly sequence: number; readonly kind: "remark"; readonly text: string }
  | {
      readonly sequence: number;
      readonly kind: "permit" | "deny";
      readonly protocol: AclProtocol;
      readonly source: AclEndpoint;
      readonly destination: AclEndpoint;
      readonly established: boolean;
      readonly log: boolean;
    };

/** `ip` is every protocol. */
export type AclProtocol = "ip" | "tcp" | "udp" | "icmp" | "esp" | "ahp" | "gre" | number;

export interface AclEndpoint {
  readonly address: AclAddress;
  readonly port: AclPort | undefined;
}

export type AclAddress =
  | { readonly kind: "any" }
  | { readonly kind: "host"; readonly address: Ipv4 }
  | { readonly kind: "network"; readonly address: Ipv4; readonly wildcard: Ipv4 };

export type AclPort =
  | { readonly operator: "eq" | "neq" | "gt" | "lt"; readonly port: number }
  | { readonly operator: "range"; readonly port: number; readonly last: number };

/** What IOS writes for well-known ports; both forms are taken, the number is printed. */
export const PORT_NAMES: Readonly<Record<string, number>> = {
  "ftp-data": 20,
  ftp: 21,
  telnet: 23,
  smtp: 25,
  tacacs: 49,
  domain: 53,
  bootps: 67,
  bootpc: 68,
  tftp: 69,
  www: 80,
  ntp: 123,
  snmp: 161,
  snmptrap: 162,
  bgp: 179,
  isakmp: 500,
  syslog: 514,
  "non500-isakmp": 4500,
};

/** Extended lists by number, RFC-less but known to everybody who configures IOS. */
export function isExtendedNumber(number: number): boolean {
  return (number >= 100 && number <= 199) || (number >= 2000 && number <= 2699);
}

export function nextSequence(list: AccessList): number {
  return Math.floor((list.entries.at(-1)?.sequence ?? 0) / 10) * 10 + 10;
}
