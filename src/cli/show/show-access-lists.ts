/** `show access-lists` and `show ip access-lists`, in IOS's form: each list with its entries and their numbers. */
import { aclEntryLine } from "../../core/ipsec/acl-commands.ts";
import type { AccessList } from "../../core/ipsec/acl-model.ts";

/** A list that does not exist is not shown, as on IOS. */
export function showAccessLists(lists: ReadonlyMap<string, AccessList>, only?: string): string[] {
  const chosen = [...lists.values()].filter(({ name }) => only === undefined || name === only);
  // Numbers come before names, and the numbers of extended lists are in order as texts are.
  const sorted = chosen.sort((a, b) => (a.name < b.name ? -1 : 1));
  return sorted.flatMap(({ name, entries }) => [
    `Extended IP access list ${name}`,
    // Remarks stand in the configuration alone, as on IOS.
    ...entries.filter(({ kind }) => kind !== "remark").map(each => `    ${each.sequence} ${aclEntryLine(each)}`),
  ]);
}
