/**
 * Whose role word a group hangs on: its scheme's, its leader's, or its own. A group and those that follow it move under
 * one word.
 */
import type { LivenessSettings } from "../../core/gate/liveness-port.ts";
import { groupKey, type HsrpGroup } from "../../core/hsrp/hsrp-group.ts";

type Settings = Pick<LivenessSettings, "groups" | "schemes">;

/** Its scheme while the gate rules, the key of the leading group while not: one of them is active at a time. */
export function ownersOf(group: HsrpGroup, { groups, schemes }: Settings): string[] {
  const leader = group.follow === undefined ? undefined : groups.find(each => each.name === group.follow);
  const leading = leader ?? group;
  const scheme = schemes.find(each => each.name === leading.name);
  return scheme === undefined ? [groupKey(leading)] : [scheme.name, groupKey(leading)];
}

/** Every owner that there may be. */
export function allOwners({ groups, schemes }: Settings): string[] {
  return [...schemes.map(each => each.name), ...groups.map(groupKey)];
}
