/**
 * Two members under the gate with three branches on their outside segment: what both ends configure, and what a seed
 * may make of it.
 */
import { invariant } from "../../core/errors.ts";
import type { IkeSettings } from "../../core/ike/ike-port.ts";
import type { Negotiable } from "../../core/ipsec/negotiation.ts";
import { PLAIN_OWNER } from "../../core/ipsec/security-association.ts";
import type { TableRoom } from "../../core/redundancy/replication-port.ts";
import { type Ipv4, ipv4FromNumber, parseIp } from "../../core/wire/address.ts";
import { parsePrefix } from "../../core/wire/prefix.ts";
import { betweenPrefixes, reversed, type Selector } from "../../core/wire/selector.ts";
import { behindNat, branchOn, virtualOn } from "../addresses.ts";
import { Bed } from "../bed.ts";
import { drawPair, OUTSIDE, type PairSetting, planOf, SCHEME, USUAL, wiresOf } from "../pair-setting.ts";
import type { Random } from "../random.ts";
import { timingOf } from "../timing.ts";
import type { BranchPlan } from "./branch.ts";

export interface TunnelSetting extends PairSetting {
  readonly branches: number;
  /** The branches are behind NATs. */
  readonly nat: boolean;
  readonly pfs: boolean;
  readonly keepalive: IkeSettings["keepalive"];
  readonly childSeconds: number;
  readonly branchPacketMs: number;
  /** Of R2 as a standby. */
  readonly room?: TableRoom;
}

const FAULTS_MS = 20_000;

export const USUAL_TUNNELS: TunnelSetting = {
  ...USUAL,
  branches: 3,
  nat: false,
  pfs: false,
  keepalive: { seconds: 10, retrySeconds: 2, mode: "on-demand" },
  childSeconds: 3_600,
  branchPacketMs: 100,
};

export function drawTunnels(dice: Random): TunnelSetting {
  const [helloMs, holdMs] = dice.pick([
    [50, 150],
    [250, 750],
    [250, 750],
  ] as const);
  return {
    ...drawPair(dice),
    ...timingOf(helloMs, holdMs),
    branches: USUAL_TUNNELS.branches,
    nat: dice.chance(0.2),
    faultsMs: FAULTS_MS,
    pfs: dice.chance(0.3),
    keepalive: dice.pick([
      { seconds: 10, retrySeconds: 2, mode: "on-demand" },
      { seconds: 10, retrySeconds: 2, mode: "periodic" },
    ] as const),
    childSeconds: dice.pick([120, 3_600]),
    branchPacketMs: dice.pick([100, 500]),
  };
}

export function tunnelBed(seed: number, setting: TunnelSetting, traced: boolean): Bed {
  const wires = wiresOf(setting);
  const members = ([0, 1] as const).map(member => ({
    ...planOf(member, setting, wires),
    ike: hubSettings(setting, member),
    ...(member === 1 && setting.room && { room: setting.room }),
  }));
  const branches = branchNames(setting).map((name, n): BranchPlan => {
    const settings = branchSettings(setting, n);
    return { name, settings, packetEveryMs: setting.branchPacketMs, behind: setting.nat ? behindNat(n) : undefined };
  });
  return new Bed({ seed, wires, members, branches, replicates: true, attacked: setting.attacked, traced });
}

/** B1, B2, ... */
export function branchNames({ branches }: Pick<TunnelSetting, "branches">): string[] {
  return Array.from({ length: branches }, (_, n) => `B${n + 1}`);
}

/** As both members name the permit of this branch, and the branch itself. */
export const trafficOf = (branch: number): string => `tunnels ${branch + 1}`;

/** What a member configures. */
export function hubSettings(setting: TunnelSetting, member: 0 | 1): IkeSettings {
  const negotiables = branchNames(setting).map((_, n) => permit(setting, n));
  return { ...common(setting), hostname: `r${member + 1}`, negotiables, memberBit: member };
}

function branchSettings(setting: TunnelSetting, n: number): IkeSettings {
  const own = permit(setting, n);
  const mirrored: Negotiable = {
    ...own,
    owner: PLAIN_OWNER,
    local: setting.nat ? behindNat(n) : branchOn(0, n),
    peers: [own.local],
    selector: reversed(own.selector),
  };
  return { ...common(setting), hostname: branchNames(setting)[n] ?? "", negotiables: [mirrored], memberBit: 0 };
}

function common({ keepalive, nat }: TunnelSetting): Omit<IkeSettings, "hostname" | "negotiables" | "memberBit"> {
  const any = parseIp("0.0.0.0") as Ipv4;
  return {
    policies: [{ keyBits: 128, hash: "sha256", authentication: "pre-share", group: 19, lifetimeSeconds: 86_400 }],
    keys: [{ key: "a secret", address: any, mask: any, noXauth: true }],
    keepalive,
    identity: "address",
    invalidSpiRecovery: true,
    udpEncapsulation: nat ? "auto" : "never",
  };
}

function permit({ pfs, childSeconds }: TunnelSetting, branch: number): Negotiable {
  const outside = 0;
  return {
    traffic: trafficOf(branch),
    owner: SCHEME,
    map: "tunnels",
    interface: OUTSIDE,
    local: virtualOn(outside),
    peers: [branchOn(outside, branch)],
    proposals: [{ name: "ts", cipher: { kind: "aes-cbc", bits: 128 }, hash: "sha256", mode: "tunnel" }],
    pfsGroup: pfs ? 19 : undefined,
    lifetime: { seconds: childSeconds, kilobytes: 4_608_000 },
    replayWindow: 64,
    selector: betweenNetworks(branch),
  };
}

function betweenNetworks(branch: number): Selector {
  const inside = parsePrefix("10.99.0.0/16");
  invariant(inside !== undefined, "10.99.0.0/16 is a prefix");
  return betweenPrefixes(inside, {
    address: ipv4FromNumber((((172 << 24) | (16 << 16)) >>> 0) + ((branch + 5) << 8)),
    length: 24,
  });
}
