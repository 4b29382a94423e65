/**
 * Two members under the gate: what a seed may make of them. Outside is the segment of the leading group; inside, where
 * there is one, has a group that follows; the association runs over a line of its own, over the segment, or over both.
 */
import type { BeaconPath } from "../core/gate/liveness-port.ts";
import type { HsrpAuth } from "../core/hsrp/hsrp-auth.ts";
import { groupKey, type HsrpGroup } from "../core/hsrp/hsrp-group.ts";
import { hsrpGroup, pathOver } from "./addresses.ts";
import { Bed } from "./bed.ts";
import type { MemberPlan } from "./member.ts";
import type { Random } from "./random.ts";
import { drawTiming, type Timing, timingOf } from "./timing.ts";

export const SCHEME = "HA-out";
export const OUTSIDE = "outside";
export const INSIDE = "inside";
export const LINE = "line";
const WIRES = [OUTSIDE, INSIDE, LINE] as const;
export const MEMBERS = ["R1", "R2"] as const;

export interface PairSetting extends Timing {
  readonly version: 1 | 2;
  readonly auth: HsrpAuth;
  readonly priorities: readonly [number, number];
  readonly preempts: boolean;
  readonly inside: boolean;
  /** What the association runs over. */
  readonly over: readonly (typeof WIRES)[number][];
  readonly holdDownMs: number;
  readonly checkpointEveryMs: number;
  readonly attacked: boolean;
}

export const USUAL: PairSetting = {
  ...timingOf(250, 750),
  version: 1,
  auth: { kind: "text", text: "cisco" },
  priorities: [110, 100],
  preempts: true,
  inside: true,
  over: [LINE, OUTSIDE],
  holdDownMs: 1_000,
  checkpointEveryMs: 200,
  attacked: false,
};

export function drawPair(dice: Random): PairSetting {
  const timing = drawTiming(dice);
  return {
    ...timing,
    version: dice.pick([1, 2] as const),
    auth: dice.pick<HsrpAuth>([
      { kind: "text", text: "cisco" },
      { kind: "md5", keys: [{ id: 0, octets: Uint8Array.of(1, 2, 3) }] },
    ]),
    priorities: dice.pick([
      [110, 100],
      [100, 110],
      [100, 100],
    ] as const),
    preempts: dice.chance(0.6),
    inside: dice.chance(0.4),
    over: dice.pick([[LINE], [LINE], [OUTSIDE], [LINE, OUTSIDE]] as const),
    holdDownMs: dice.pick([500, 1_000]),
    checkpointEveryMs: timing.holdMs / 3,
    attacked: dice.chance(0.3),
  };
}

export function wiresOf({ inside, over }: PairSetting): string[] {
  return WIRES.filter(wire => wire === OUTSIDE || (wire === INSIDE && inside) || over.includes(wire));
}

/** Where HSRP is spoken. */
export function segmentsOf({ inside }: PairSetting): string[] {
  return inside ? [OUTSIDE, INSIDE] : [OUTSIDE];
}

/** Whoever HSRP would have as the active: the higher priority, then the higher address. */
export function rightOf({ priorities: [first, second] }: PairSetting): (typeof MEMBERS)[number] {
  return first > second ? "R1" : "R2";
}

export function pairBed(seed: number, setting: PairSetting, traced: boolean): Bed {
  const wires = wiresOf(setting);
  const members = MEMBERS.map((_, member) => planOf(member, setting, wires));
  return new Bed({ seed, wires, members, replicates: true, attacked: setting.attacked, traced });
}

export const leadingKey = (bed: Bed): string => keyOn(bed, OUTSIDE);
export const followingKey = (bed: Bed): string => keyOn(bed, INSIDE);

function keyOn(bed: Bed, wire: string): string {
  const group = bed.members[0]?.plan.groups.find(each => each.settings.interface === wire);
  return group === undefined ? "" : groupKey(group);
}

export function planOf(member: number, setting: PairSetting, wires: readonly string[]): MemberPlan {
  const paths = setting.over.map((wire): BeaconPath => pathOver(wire, wires.indexOf(wire), member, 1 - member));
  return {
    name: MEMBERS[member] ?? "",
    member: member === 0 ? 0 : 1,
    groups: segmentsOf(setting).map(wire => groupOn(wire, wires.indexOf(wire), member, setting)),
    schemes: [{ name: SCHEME, paths, key: Uint8Array.of(7, 7, 7), drainMs: 100, holdDownMs: setting.holdDownMs }],
    packetEveryMs: setting.packetEveryMs,
    checkpointEveryMs: setting.checkpointEveryMs,
    beatLimitMs: setting.beatLimitMs,
  };
}

function groupOn(wire: string, wireIndex: number, member: number, setting: PairSetting): HsrpGroup {
  const { version, auth, helloMs, holdMs, priorities } = setting;
  const leads = wire === OUTSIDE;
  return hsrpGroup({
    wire,
    wireIndex,
    member,
    name: leads ? SCHEME : undefined,
    ...(!leads && { follow: SCHEME }),
    version,
    auth,
    priority: priorities[member] ?? 100,
    helloMs,
    holdMs,
    preempt: setting.preempts ? { minimumMs: 0, reloadMs: 0, syncMs: 0 } : undefined,
  });
}
