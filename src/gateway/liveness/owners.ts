/**
 * Whose role word a group hangs on: its scheme's, its leader's, or its own. A group and those that follow it move under
 * one word.
 */
import type { LivenessSettings } from "../../core/gate/liveness-port.ts";
import { groupKey, type HsrpGroup } from "../../core/hsrp/hsrp-group.ts";

type Settings = Pick<LivenessSettings, "groups" | "schemes">;

/** A scheme's name, or the key of a group without one. */
export function ownerOf(group: HsrpGroup, { groups, schemes }: Settings): string {
  const leader = group.follow === undefined ? undefined : groups.find(each => each.name === group.follow);
  const leading = leader ?? group;
  const scheme = schemes.find(each => each.name === leading.name);
  return scheme?.name ?? groupKey(leading);
}

export function ownersOf(settings: Settings): Set<string> {
  const groups = settings.groups.map(group => ownerOf(group, settings));
  return new Set([...groups, ...settings.schemes.map(each => each.name)]);
}
