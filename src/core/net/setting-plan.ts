/**
 * The plan for settings under /proc/sys/net: what is wanted differently is recorded as it was and changed; what is no
 * longer wanted is put back. A setting of an interface that is gone went with it.
 */
import type { NetStep, Setting } from "./net-steps.ts";

export function planSettings(
  wanted: readonly Setting[],
  found: ReadonlyMap<string, string>,
  before: readonly Setting[],
): { readonly steps: NetStep[]; readonly undo: Setting[] } {
  const steps: NetStep[] = [];
  const undo: Setting[] = [];
  for (const { key, value } of wanted) {
    const now = found.get(key);
    if (now === undefined) continue;
    undo.push({ key, value: before.find(each => each.key === key)?.value ?? now });
    if (now !== value) steps.push({ do: "set-sysctl", key, value });
  }
  for (const { key, value } of before) {
    const now = found.get(key);
    if (now === undefined || wanted.some(each => each.key === key)) continue;
    if (now !== value) steps.push({ do: "set-sysctl", key, value });
  }
  return { steps, undo };
}
