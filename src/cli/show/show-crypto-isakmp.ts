/** `show crypto isakmp sa [detail]`, `policy` and `key`, in IOS's form, which parsers know by heart. */
import type { IkeSaView } from "../../core/ike/ike-port.ts";
import type { IsakmpModel, IsakmpPolicy } from "../../core/ike/isakmp-model.ts";
import { isIpv4 } from "../../core/wire/address.ts";
import type { MemberStatus } from "./crypto-sessions.ts";
import { sinceText } from "./times.ts";

export interface IkeSaChoice {
  readonly detail: boolean;
  /** Only those of this kind of member. */
  readonly status?: MemberStatus;
}

export function showCryptoIsakmpSa(sas: readonly IkeSaView[], { detail, status }: IkeSaChoice): string[] {
  const chosen = sas.filter(each => status === undefined || each.status === status);
  const of = (family: 4 | 6): readonly IkeSaView[] => chosen.filter(each => isIpv4(each.local) === (family === 4));
  if (!detail) {
    return [
      "IPv4 Crypto ISAKMP SA",
      "dst             src             state          conn-id status",
      ...of(4).map(row),
      "",
      "IPv6 Crypto ISAKMP SA",
      "",
      ...of(6).flatMap(tall),
    ];
  }
  const heading = ["", "C-id  Local           Remote          I-VRF  Status Encr Hash   Auth DH Lifetime Cap.", ""];
  return [
    ...CODES,
    "IPv4 Crypto ISAKMP SA",
    ...heading,
    ...of(4).flatMap(detailed),
    "",
    "IPv6 Crypto ISAKMP SA",
    ...heading,
    ...of(6).flatMap(detailed),
  ];
}

const CODES = [
  "Codes: C - IKE configuration mode, D - Dead Peer Detection",
  "       K - Keepalives, N - NAT-traversal",
  "       T - cTCP encapsulation, X - IKE Extended Authentication",
  "       psk - Preshared key, rsig - RSA signature",
  "       renc - RSA encryption",
];

/** Where it began is the source, as on IOS. */
function ends({ role, local, remote }: IkeSaView): { source: string; destination: string } {
  return role === "initiator" ? { source: local, destination: remote } : { source: remote, destination: local };
}

const STATUS = { active: "ACTIVE", standby: "STDBY", deleted: "ACTIVE (deleted)" } as const;

function row(sa: IkeSaView): string {
  const { source, destination } = ends(sa);
  const id = String(sa.connection).padStart(5);
  return `${destination.padEnd(15)} ${source.padEnd(15)} ${sa.state.padEnd(15)} ${id} ${STATUS[sa.status]}`;
}

function tall(sa: IkeSaView): string[] {
  const { source, destination } = ends(sa);
  return [
    ` dst: ${destination}`,
    ` src: ${source}`,
    ` state: ${sa.state.padEnd(14)} conn-id: ${String(sa.connection).padStart(6)} status: ${STATUS[sa.status]}`,
    "",
  ];
}

const AUTHENTICATIONS = { "pre-share": "psk", "rsa-sig": "rsig" } as const;

function detailed(sa: IkeSaView): string[] {
  const { policy, remainingSeconds = 0 } = sa;
  const suite =
    policy === undefined
      ? " ".repeat(19)
      : [
          "aes".padEnd(4),
          policy.hash.padEnd(6),
          AUTHENTICATIONS[policy.authentication].padEnd(4),
          String(policy.group).padEnd(2),
        ].join(" ");
  const status = sa.status === "deleted" ? "" : STATUS[sa.status];
  const capabilities = `${sa.dpd ? "D" : ""}${sa.nat.here || sa.nat.there ? "N" : ""}`;
  const left = sinceText(remainingSeconds * 1_000).padEnd(8);
  const addresses = `${sa.local.padEnd(15)} ${sa.remote.padEnd(15)} ${"".padEnd(6)}`;
  return [
    `${String(sa.connection).padEnd(5)} ${addresses} ${status.padEnd(6)} ${suite} ${left} ${capabilities}`.trimEnd(),
    `       Engine-id:Conn-id =  SW:${sa.connection - FIRST_CONNECTION + 1}`,
    "",
  ];
}

const FIRST_CONNECTION = 1_001;

const HASHES = {
  sha: "Secure Hash Standard",
  sha256: "Secure Hash Standard 2 (256 bit)",
  sha384: "Secure Hash Standard 2 (384 bit)",
  sha512: "Secure Hash Standard 2 (512 bit)",
} as const;
const METHODS = { "pre-share": "Pre-Shared Key", "rsa-sig": "Rivest-Shamir-Adleman Signature" } as const;
const GROUPS: Readonly<Record<number, string>> = {
  2: "1024 bit",
  5: "1536 bit",
  14: "2048 bit",
  15: "3072 bit",
  16: "4096 bit",
  19: "256 bit ECP",
  20: "384 bit ECP",
  21: "521 bit ECP",
  31: "Curve25519",
};

export function showCryptoIsakmpPolicy({ policies }: IsakmpModel): string[] {
  const sorted = [...policies].sort(([a], [b]) => a - b);
  return [
    "",
    "Global IKE policy",
    ...sorted.flatMap(([priority, policy]) => [`Protection suite of priority ${priority}`, ...policyLines(policy)]),
    // There is no default suite that nobody wrote, as IOS has: nothing is offered that is not configured.
    ...(sorted.length === 0 ? ["No policy is configured: no IKE SA comes up"] : []),
  ];
}

function policyLines({ keyBits, hash, authentication, group, lifetimeSeconds }: IsakmpPolicy): string[] {
  return [
    `\tencryption algorithm:\tAES - Advanced Encryption Standard (${keyBits} bit keys).`,
    `\thash algorithm:\t\t${HASHES[hash]}`,
    `\tauthentication method:\t${METHODS[authentication]}`,
    `\tDiffie-Hellman group:\t#${group} (${GROUPS[group] ?? "unknown"})`,
    `\tlifetime:\t\t${lifetimeSeconds} seconds, no volume limit`,
  ];
}

/** Whose key there is, never the key. */
export function showCryptoIsakmpKey({ keys }: IsakmpModel): string[] {
  const rows = keys.map(({ address, mask }) => {
    const whom = mask === undefined ? address : `${address} [${mask}]`;
    return `default      ${whom.padEnd(43)} (hidden)`;
  });
  return [`Keyring      ${"Hostname/Address".padEnd(43)} Preshared Key`, "", ...rows];
}
